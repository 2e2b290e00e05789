from datetime import UTC, datetime
from typing import Any

import pytest

from shopwright.commerce.payments.provider import Movement, MovementKind, NoAnswer
from shopwright.commerce.payments.providers.stripe import Stripe
from shopwright.kit.money import Money
from tests.commerce.payments.stripe import shapes
from tests.commerce.payments.stripe.scripted import Scripted
from tests.commerce.payments.stripe.shapes import PAYMENT_ID, REFUND_ID

SINCE, UNTIL = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
NOON = 1795435200  # of that day
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(name: str, kind: str, amount: int, source: object, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "object": "balance_transaction", "amount": amount, "available_on": NOON, "created": NOON,
        "currency": "eur", "exchange_rate": None, "fee": 0, "fee_details": [], "net": amount,
        "reporting_category": kind, "source": source, "status": "available", "type": kind,
        **changes,
    }  # fmt: skip


def page(*entries: dict[str, Any], has_more: bool = False) -> tuple[int, Any]:
    return 200, {"object": "list", "data": list(entries), "has_more": has_more, "url": "/v1/balance_transactions"}


def test_each_kind_is_told_oldest_first_and_over_all_pages(scripted: Stripe, script: Scripted) -> None:
    script.says(
        page(
            entry("txn_6", "payout", -1000, "po_1"),
            entry("txn_5", "adjustment", 1999, shapes.dispute(status="won"), fee=-1500),
            entry("txn_4", "adjustment", -1999, shapes.dispute(), fee=1500),
            has_more=True,
        ),
        page(
            entry("txn_3", "stripe_fee", -25, None),
            entry("txn_2", "refund", -500, shapes.refund()),
            entry("txn_1", "charge", 1999, shapes.charge(), fee=59),
        ),
    )
    of_payment = {"at": AT, "payment_ref": "pi_1", "payment_id": PAYMENT_ID}
    of_dispute = {"at": AT, "payment_ref": "pi_1"}
    assert list(scripted.movements(SINCE, UNTIL)) == [
        Movement(id="txn_1", kind=MovementKind.CAPTURE, amount=Money(1999, "EUR"), **of_payment),
        Movement(id="txn_1/fee", kind=MovementKind.FEE, amount=Money(59, "EUR"), **of_payment),
        Movement(
            id="txn_2",
            kind=MovementKind.REFUND,
            amount=Money(500, "EUR"),
            refund_id=REFUND_ID,
            subject_ref="re_1",
            **of_payment,
        ),
        Movement(id="txn_3", kind=MovementKind.FEE, amount=Money(25, "EUR"), at=AT, payment_ref=""),
        Movement(id="txn_4", kind=MovementKind.DISPUTE, amount=Money(1999, "EUR"), subject_ref="du_1", **of_dispute),
        Movement(id="txn_4/fee", kind=MovementKind.FEE, amount=Money(1500, "EUR"), **of_dispute),
        Movement(
            id="txn_5", kind=MovementKind.DISPUTE_WON, amount=Money(1999, "EUR"), subject_ref="du_1", **of_dispute
        ),
    ]
    first, second = (params for _, _, params in script.asked)
    assert first == {
        "created[gte]": str(NOON - 43200), "created[lt]": str(NOON + 43200), "limit": "100", "expand[0]": "data.source",
    }  # fmt: skip
    assert second == {**first, "starting_after": "txn_4"}


def test_a_part_of_a_second_belongs_to_the_next_one(scripted: Stripe, script: Scripted) -> None:
    script.says(page())
    list(scripted.movements(SINCE.replace(microsecond=1), UNTIL.replace(microsecond=1)))
    assert script.asked[0][2]["created[gte]"] == str(NOON - 43200 + 1)
    assert script.asked[0][2]["created[lt]"] == str(NOON + 43200 + 1)


def test_what_was_converted_is_told_in_the_buyers_currency_and_its_fee_in_the_balances(
    scripted: Stripe, script: Scripted
) -> None:
    in_yen = shapes.charge(currency="jpy", amount=500, amount_captured=400)
    script.says(page(entry("txn_1", "charge", 250, in_yen, fee=30, exchange_rate=0.00625)))
    assert [movement.amount for movement in scripted.movements(SINCE, UNTIL)] == [Money(400, "JPY"), Money(30, "EUR")]


def test_a_debit_that_bounced_is_money_given_back(scripted: Stripe, script: Scripted) -> None:
    script.says(page(entry("txn_1", "payment_failure_refund", -1999, shapes.charge())))
    [movement] = scripted.movements(SINCE, UNTIL)
    assert (movement.kind, movement.amount, movement.refund_id) == (MovementKind.REFUND, Money(1999, "EUR"), None)


def test_a_page_that_does_not_come_is_no_answer(scripted: Stripe, script: Scripted) -> None:
    script.says(page(entry("txn_1", "stripe_fee", -25, None), has_more=True), (500, b""))
    with pytest.raises(NoAnswer):
        list(scripted.movements(SINCE, UNTIL))
