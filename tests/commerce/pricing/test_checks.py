"""What `verify` finds wrong with prices, and how it is mended."""

import pytest

from shopwright.commerce.pricing.checks import CHECKS
from tests.drifts import force, look, mend
from tests.make import make_channel, make_price_list, make_priced_variant

pytestmark = pytest.mark.usefixtures("app")


def test_a_price_that_was_changed_by_hand_is_noted_as_it_is() -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    assert look(CHECKS) == []
    force("UPDATE prices SET amount = 900")
    assert [(drift.subject, drift.row, drift.ledger) for drift in look(CHECKS)] == [
        (str(variant), "costs 900", "noted 1000")
    ]
    assert "its prices were noted as they are" in mend(CHECKS)
    assert look(CHECKS) == []


def test_a_price_that_was_removed_by_hand_is_found() -> None:
    make_priced_variant(make_channel(), 1000)
    force("DELETE FROM prices")
    assert [(drift.row, drift.ledger) for drift in look(CHECKS)] == [("costs nothing", "noted 1000")]
    assert "its prices were noted as they are" in mend(CHECKS)
    assert look(CHECKS) == []


def test_a_list_that_was_changed_by_hand_is_found() -> None:
    channel = make_channel()
    variant = make_priced_variant(channel, 1000)
    listed = make_price_list(channel, (variant, 1, 900))
    force("UPDATE price_tiers SET amount = 1")
    force("UPDATE price_lists SET version = version + 1")
    assert [(drift.subject, drift.row, drift.ledger) for drift in look(CHECKS)] == [
        (str(listed.id), "asks 1", "noted 900"), (str(listed.id), "version 3", "noted 2"),
    ]  # fmt: skip
