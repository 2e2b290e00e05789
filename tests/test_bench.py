"""The smoke size of the bench: what a hot route asks of PostgreSQL and sends stays within its budget, on every machine."""

from collections.abc import Iterator

import pytest
from bench import budgets
from bench.budgets import CountedBuyer, Spent
from flask.testing import FlaskClient

from tests.auditor import audit
from tests.shopping import make_shop

#: Statements and bytes of the answers. Whoever needs more says so here.
BUDGETS = {
    budgets.DETAIL: Spent(12, 1_400),
    budgets.LISTING: Spent(4, 8_200),
    budgets.ADDING: Spent(9, 3_450),
    budgets.PLACING: Spent(11, 4_050),
    budgets.CHECKOUT: Spent(65, 13_500),
}


@pytest.fixture
def spent(client: FlaskClient) -> Iterator[dict[str, Spent]]:
    shop = make_shop()
    yield budgets.spend(CountedBuyer(client, shop), shop)
    audit()


def test_the_hot_routes_stay_within_their_budgets(spent: dict[str, Spent]) -> None:
    beyond = {
        name: (spent[name], budget)
        for name, budget in BUDGETS.items()
        if spent[name].statements > budget.statements or spent[name].answered > budget.answered
    }
    assert beyond == {}
