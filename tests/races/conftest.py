"""Races need commits that are real: each test has a database of its own."""

from collections.abc import Iterator

import pytest
from flask import Flask

from shopwright.settings import Settings
from tests.auditor import audit
from tests.empty_shops import empty_shop

THREADS = 32


@pytest.fixture
def real_app(settings: Settings) -> Iterator[Flask]:
    """An app on a new database, with a connection for each of `THREADS`; the auditor looks at it, then all is dropped."""
    with empty_shop(settings, db_pool_size=THREADS) as (app, _):
        yield app
        audit()
