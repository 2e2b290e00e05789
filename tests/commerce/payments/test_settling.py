import random
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.commerce.books.models import Account
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import operations, refunds, service, settling
from shopwright.commerce.payments.errors import (
    OperationUnderWay,
    PaymentClosed,
    PaymentUnderWay,
    ProviderDisagrees,
    TooMuch,
)
from shopwright.commerce.payments.models import State, Step
from shopwright.commerce.payments.provider import (
    DisputeOutcome,
    DisputeState,
    Outcome,
    RefundOutcome,
    RefundResult,
    Result,
)
from shopwright.kit import clock, outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.commerce.payments import believing as it
from tests.shopping import Buyer, Shop

TOTAL = 1900 + 490
CAPTURED = it.told(TOTAL, Result.CAPTURED, captured=TOTAL)
AUTHORIZED = it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL)


@pytest.fixture
def placed(buyer: Buyer, shop: Shop) -> Buyer:
    """A buyer whose order waits to be paid."""
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    return buyer


def give_back(payment_id: UUID, refund_id: UUID, amount: int) -> None:
    with transaction():
        refunds.settle(
            payment_id,
            RefundOutcome(
                result=RefundResult.DONE, amount=Money(amount, "EUR"), provider_ref="re", refund_id=refund_id
            ),
        )


def test_a_capture_pays_the_order_and_is_booked_once_however_often_it_is_told(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    for _ in range(3):
        it.tell(payment_id, CAPTURED)
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    sold = it.balances(placed)
    assert sold.pop(Account.RECEIVABLE) == 0
    assert sold.pop(Account.CAPTURED) == TOTAL
    assert sum(sold.values()) == -TOTAL


def test_what_is_reserved_keeps_the_order_and_its_stock(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    seen = placed.looks_at_the_order()
    assert (seen["payment_status"], seen["expires_at"]) == ("authorized", None)
    with clock.held_at(clock.now() + timedelta(days=3)), transaction():
        assert orders.expire_due() == 0
    it.tell(payment_id, CAPTURED)
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    assert it.order(placed).authorized_amount == 0


def test_a_reserve_that_is_gone_has_the_order_wait_anew_and_expire(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    it.tell(payment_id, it.told(TOTAL, Result.VOIDED, authorized=TOTAL))
    seen = placed.looks_at_the_order()
    assert (seen["payment_status"], seen["authorized"]["amount"]) == ("awaited", 0)
    assert seen["expires_at"] is not None
    with clock.held_at(clock.now() + timedelta(minutes=31)), transaction():
        assert orders.expire_due() == 1


def test_several_payments_pay_one_order(placed: Buyer) -> None:
    first = it.begin(placed, 1000)
    it.tell(first, it.told(1000, Result.CAPTURED, captured=1000))
    assert placed.looks_at_the_order()["payment_status"] == "partly_paid"
    second = it.begin(placed)
    assert it.payment(second).amount == TOTAL - 1000
    it.tell(second, it.told(TOTAL - 1000, Result.CAPTURED, captured=TOTAL - 1000))
    assert placed.looks_at_the_order()["payment_status"] == "paid"


def test_an_order_that_is_paid_in_part_only_expires_and_gives_the_part_back(placed: Buyer) -> None:
    payment_id = it.begin(placed, 1000)
    it.tell(payment_id, it.told(1000, Result.CAPTURED, captured=1000))
    with clock.held_at(clock.now() + timedelta(hours=1)):
        with transaction():
            assert orders.expire_due() == 1
        outbox.drain()
    (refund,) = it.operations(payment_id)
    assert (refund.kind, refund.amount, refund.is_excess) == (Step.REFUND, 1000, False)
    give_back(payment_id, refund.id, 1000)
    assert placed.looks_at_the_order()["refunded"]["amount"] == 1000


def test_no_more_can_be_asked_for_than_is_not_covered(placed: Buyer) -> None:
    with pytest.raises(TooMuch) as refused:
        it.begin(placed, TOTAL + 1)
    assert refused.value.facts == {"left": TOTAL}
    it.begin(placed, 1000)
    with pytest.raises(TooMuch) as refused:
        it.begin(placed, TOTAL)
    assert refused.value.facts == {"left": TOTAL - 1000}


def test_while_all_of_it_is_being_asked_for_another_payment_is_refused(placed: Buyer) -> None:
    it.begin(placed)
    with pytest.raises(PaymentUnderWay):
        it.begin(placed)


def test_a_second_step_that_nobody_took_gives_way_to_another_payment(placed: Buyer) -> None:
    abandoned = it.begin(placed)
    it.tell(abandoned, it.told(TOTAL, Result.NEEDS_ACTION))
    other = it.begin(placed)
    assert [(op.kind, op.reason) for op in it.operations(abandoned)] == [(Step.VOID, "Another payment was begun.")]
    it.tell(other, CAPTURED)
    assert placed.looks_at_the_order()["payment_status"] == "paid"


def test_f26_of_two_payments_that_both_succeed_one_goes_back(placed: Buyer) -> None:
    abandoned = it.begin(placed)
    it.tell(abandoned, it.told(TOTAL, Result.NEEDS_ACTION))
    other = it.begin(placed)
    it.tell(other, CAPTURED)
    it.tell(abandoned, CAPTURED)
    (refund,) = [op for op in it.operations(abandoned) if op.kind == Step.REFUND]
    assert (refund.amount, refund.is_excess) == (TOTAL, True)
    give_back(abandoned, refund.id, TOTAL)
    seen = placed.looks_at_the_order()
    assert (seen["payment_status"], seen["refunded"]["amount"]) == ("paid", 0)
    assert it.balances(placed)[Account.EXCESS] == 0


def test_money_that_comes_after_a_decline_is_believed(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, it.told(TOTAL, Result.DECLINED))
    it.tell(payment_id, CAPTURED)
    assert (it.payment(payment_id).state, placed.looks_at_the_order()["payment_status"]) == (State.CAPTURED, "paid")


def test_money_that_comes_after_a_void_is_believed_and_goes_back_if_the_order_is_closed(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    placed.send("POST", f"/v1/orders/{placed.order['id']}/cancel")
    outbox.drain()
    it.tell(payment_id, it.told(TOTAL, Result.VOIDED, authorized=TOTAL))
    it.tell(payment_id, CAPTURED)
    (refund,) = [op for op in it.operations(payment_id) if op.kind == Step.REFUND]
    assert (refund.amount, refund.is_excess) == (TOTAL, True)
    give_back(payment_id, refund.id, TOTAL)
    assert placed.looks_at_the_order()["state"] == "canceled"


@pytest.mark.parametrize(
    "outcome",
    [
        it.told(TOTAL + 1, Result.CAPTURED, captured=TOTAL + 1),
        it.told(TOTAL, Result.CAPTURED, captured=TOTAL, currency="USD"),
        it.told(TOTAL, Result.CAPTURED, captured=TOTAL + 1),
        it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL + 1),
        Outcome(result=Result.CAPTURED, amount=Money(TOTAL, "EUR"), authorized=TOTAL, captured=-1),
        Outcome(result=Result.CAPTURED, amount=Money(TOTAL, "EUR"), authorized=1, captured=TOTAL),
    ],
)  # fmt: skip
def test_s12_another_amount_or_currency_is_not_booked_and_becomes_an_issue(placed: Buyer, outcome: Outcome) -> None:
    payment_id = it.begin(placed)
    for _ in range(2):
        with pytest.raises(ProviderDisagrees):
            it.tell(payment_id, outcome)
    unchanged = it.payment(payment_id)
    assert (unchanged.state, unchanged.captured_amount, unchanged.authorized_amount) == (State.DECLINED, 0, 0)
    assert placed.looks_at_the_order()["payment_status"] == "awaited"
    assert it.issue_kinds() == ["provider-disagrees"]


def test_captures_in_parts_never_exceed_what_is_reserved(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)

    def capture(amount: int | None) -> UUID:
        with transaction():
            _, locked = service.lock(payment_id)
            begun = operations.begin_capture(locked, amount, is_final=False)
        assert begun is not None
        return begun.id

    first = capture(1000)
    with pytest.raises(TooMuch):
        capture(TOTAL)
    it.tell(payment_id, it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL, captured=1000), first)
    assert placed.looks_at_the_order()["payment_status"] == "partly_paid"
    second = capture(None)
    it.tell(payment_id, CAPTURED, second)
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    assert [op.state for op in it.operations(payment_id)] == ["done", "done"]


def test_what_is_being_captured_is_not_voided(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    with transaction():
        _, locked = service.lock(payment_id)
        operations.begin_capture(locked, None, is_final=False)
    with pytest.raises(OperationUnderWay), transaction():
        _, locked = service.lock(payment_id)
        operations.begin_void(locked, "no")


def test_nothing_is_refunded_that_was_not_captured(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    with pytest.raises(PaymentClosed), transaction():
        _, locked = service.lock(payment_id)
        operations.begin_refund(locked, None, "no")


def test_a_refund_made_at_the_provider_is_adopted_once(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, CAPTURED)
    made = RefundOutcome(result=RefundResult.DONE, amount=Money(500, "EUR"), provider_ref="re_1")
    for _ in range(2):
        with transaction():
            refunds.settle(payment_id, made)
    assert placed.looks_at_the_order()["refunded"]["amount"] == 500
    assert it.balances(placed)[Account.CAPTURED] == TOTAL - 500


def test_a_refund_that_fails_gives_its_share_back_and_becomes_an_issue(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, CAPTURED)
    with transaction():
        _, locked = service.lock(payment_id)
        refund = operations.begin_refund(locked, 700, "Broken.")
    failed = RefundOutcome(
        result=RefundResult.FAILED, amount=Money(700, "EUR"), provider_ref="re_1", refund_id=refund.id,
        failure_code="account_closed",
    )  # fmt: skip
    with transaction():
        refunds.settle(payment_id, failed)
    assert (it.payment(payment_id).refund_asked_amount, it.issue_kinds()) == (0, ["refund-failed"])
    assert it.balances(placed)[Account.CAPTURED] == TOTAL


@pytest.mark.parametrize("told", [["open", "won"], ["won", "open"], ["open", "open", "won", "won"]])
def test_a_dispute_that_is_won_leaves_nothing_behind_in_any_order(placed: Buyer, told: list[str]) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, CAPTURED)
    for state in told:
        with transaction():
            refunds.dispute(
                payment_id, DisputeOutcome(provider_ref="dp", state=DisputeState(state), amount=Money(TOTAL, "EUR"))
            )
    left = it.balances(placed)
    assert (left[Account.DISPUTED], left[Account.CAPTURED]) == (0, TOTAL)


def test_a_dispute_that_is_lost_is_gone(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, CAPTURED)
    with transaction():
        refunds.dispute(
            payment_id, DisputeOutcome(provider_ref="dp", state=DisputeState.LOST, amount=Money(TOTAL, "EUR"))
        )
    left = it.balances(placed)
    assert (left[Account.DISPUTED], left[Account.CAPTURED]) == (TOTAL, 0)
    assert it.issue_kinds() == ["dispute"]


STORY = [
    it.told(TOTAL, Result.PENDING),
    it.told(TOTAL, Result.NEEDS_ACTION),
    AUTHORIZED,
    it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL, captured=1000),
    CAPTURED,
]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_f16_whatever_the_order_and_however_often_the_end_is_the_providers(buyer: Buyer, shop: Shop, seed: int) -> None:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    payment_id = it.begin(buyer, capture=False)
    for outcome in random.Random(seed).choices(STORY, k=6) + random.Random(seed).sample(STORY, k=5):
        it.tell(payment_id, outcome)
    ended = it.payment(payment_id)
    assert (ended.state, ended.captured_amount, ended.secured_amount) == (State.CAPTURED, TOTAL, 0)
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
    assert not [op for op in it.operations(payment_id) if op.kind == Step.REFUND]


def test_money_that_came_too_late_and_is_given_back_by_hand_leaves_the_order_alone(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    placed.said(placed.send("POST", f"/v1/orders/{placed.order['id']}/cancel"), 200)
    it.tell(payment_id, CAPTURED)
    (ours,) = it.operations(payment_id)
    # Somebody was faster at the provider, which then refuses ours, and the list of movements tells of theirs.
    with transaction():
        settling.refuse(ours.id, "amount_too_large")
    with transaction():
        told = RefundOutcome(result=RefundResult.DONE, amount=Money(1000, "EUR"), provider_ref="by hand")
        refunds.settle(payment_id, told)
    assert it.payment(payment_id).refunded_amount == 1000
    assert it.order(placed).refunded_amount == 0
    assert it.balances(placed)[Account.EXCESS] == 1000 - TOTAL
    with transaction():
        rest = operations.begin_refund(service.lock(payment_id)[1], None, "By staff.")
    give_back(payment_id, rest.id, TOTAL - 1000)
    assert it.order(placed).refunded_amount == 0
    assert it.balances(placed)[Account.EXCESS] == it.balances(placed)[Account.CAPTURED] == 0
