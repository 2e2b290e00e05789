"""The smoke size of the bench: what a hot route asks of PostgreSQL and sends stays within its budget, on every machine."""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from bench import budgets, crowd, plots, soak
from bench.budgets import CountedBuyer, Spent
from bench.crowd import Crowd, Endpoint
from bench.plots import Bar
from flask.testing import FlaskClient

from tests.auditor import audit
from tests.shopping import make_shop

#: Statements and bytes of the answers. Whoever needs more says so here.
BUDGETS = {
    budgets.DETAIL: Spent(2, 1_400),
    budgets.LISTING: Spent(3, 8_200),
    budgets.ADDING: Spent(5, 3_450),
    budgets.PLACING: Spent(12, 4_050),
    budgets.CHECKOUT: Spent(35, 13_500),
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


def test_a_plot_says_which_marks_are_missed() -> None:
    drawn = plots.ratios([Bar("a detail <b>", 0.7, 0.65), Bar("a listing", 0.1, 0.6), Bar("an order", 2.5, 0.45)])
    bars = [bar for bar in ElementTree.fromstring(drawn) if bar.get("height") == "15"]
    assert [bar.get("fill") for bar in bars] == [plots.GOOD, plots.BAD, plots.GOOD]
    assert max(float(bar.get("width", 0)) for bar in bars) == plots.WIDTH - plots.LEFT - plots.RIGHT
    assert "a detail &lt;b&gt;" in drawn
    assert "2.50" in drawn


def test_memory_is_flat_while_the_last_quarter_is_like_the_first() -> None:
    assert soak.judged([50.0] * 20 + [150.0] * 60 + [155.0] * 20) == ("150 MB, then 155 MB; at most 155 MB", True)
    assert soak.judged([50.0] * 20 + [150.0] * 60 + [165.0] * 20) == ("150 MB, then 165 MB; at most 165 MB", False)


def test_what_k6_counted_is_read_by_endpoint() -> None:
    took = {"count": 40, "med": 3.0, "p(95)": 20.0, "p(99)": 80.0, "max": 300.0}
    metrics = {
        "took_place_order": {"values": took}, "failed_place_order": {"values": {"count": 2}},
        "refused_pay": {"values": {"count": 3}}, "good": {"values": {"count": 39}}, "vus": {"values": {"value": 9}},
    }  # fmt: skip
    assert crowd.read(metrics, seconds=10, cpu=1.5) == Crowd(
        [Endpoint("place order", 40, 2, 0, 3.0, 20.0, 80.0, 300.0), Endpoint("pay", 0, 0, 3, 0.0, 0.0, 0.0, 0.0)],
        10,
        39,
        1.5,
    )
