"""How PostgreSQL orders what matches equally well."""

import pytest
from flask import Flask

from shopwright.kit.transaction import transaction
from shopwright.listeners.search.backend import Signals
from shopwright.listeners.search.backends.postgres.adapter import PostgresBackend
from tests.listeners.search.contract.shelf import Shelf


@pytest.mark.parametrize("typed", ["pendant light", "pendant lights"])
def test_what_lies_in_the_category_stands_above_a_stuffed_title_that_sells_a_little_better(
    typed: str, app: Flask
) -> None:
    with transaction():
        shelf = Shelf(PostgresBackend())
        better = Signals(popularity=5)
        shelf.put("Teddy bear pendant light wrench pendant light", category_text="Teddy bears", signals=better)
        shelf.put("Ursa Vera pendant light, glass, 9 watt", category_text="Pendant lights")
        assert shelf.found(typed)[0] == "Ursa Vera pendant light, glass, 9 watt"
