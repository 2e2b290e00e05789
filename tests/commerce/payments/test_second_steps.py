"""Second steps that nobody takes: none may wait for ever, or charge for what was paid otherwise."""

from datetime import timedelta
from uuid import UUID

import pytest

from shopwright.commerce.payments import operations, service, work
from shopwright.commerce.payments.models import State, Step, StepState
from shopwright.commerce.payments.provider import Result
from shopwright.kit import clock
from shopwright.kit.transaction import transaction
from shopwright.settings import current
from tests.commerce.payments import believing as it
from tests.paying import Psp
from tests.shopping import Buyer, Shop

TOTAL = 1900 + 490
PART = 1000


@pytest.fixture
def placed(buyer: Buyer, shop: Shop) -> Buyer:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    return buyer


@pytest.fixture
def paid_in_part(placed: Buyer) -> Buyer:
    """Its stock is its own and it never expires: all was reserved, a part taken, and the rest let go of."""
    reserved = UUID(placed.pays(capture=False)["id"])
    with transaction():
        capture = operations.begin_capture(service.lock(reserved)[1], PART, is_final=True)
    assert capture is not None
    work.perform(capture.id)
    assert it.order(placed).expires_at is None
    return placed


def reasons(payment_id: UUID) -> list[tuple[Step, str]]:
    return [(op.kind, op.reason) for op in it.operations(payment_id)]


def test_one_that_nobody_takes_is_let_go_of_when_its_time_is_over(paid_in_part: Buyer, provider: Psp) -> None:
    waiting = paid_in_part.pays("tok_3ds")
    payment_id = UUID(waiting["id"])
    longest = timedelta(minutes=current().order_ttl_minutes + current().payment_grace_minutes)
    with clock.held_at(it.payment(payment_id).asked_at + longest - timedelta(seconds=1)):
        work.complete()
        assert (it.payment(payment_id).state, reasons(payment_id)) == (State.NEEDS_ACTION, [])
        # The completer looks again after a pause.
        clock.advance(timedelta(minutes=2))
        work.complete()
    assert reasons(payment_id) == [(Step.VOID, "Its second step was not taken in time.")]
    assert it.payment(payment_id).state == State.VOIDED
    provider.takes_the_second_step(waiting["action_url"])
    theirs = provider.payment(waiting["id"])
    assert (theirs["state"], theirs["captured"]) == ("voided", 0)
    assert paid_in_part.pays()["amount"]["amount"] == TOTAL - PART
    assert paid_in_part.looks_at_the_order()["payment_status"] == "paid"


def test_one_is_let_go_of_when_the_order_is_paid_by_money_that_was_given_up(placed: Buyer) -> None:
    given_up = it.begin(placed)
    it.tell(given_up, it.told(TOTAL, Result.DECLINED))
    waiting = it.begin(placed)
    it.tell(waiting, it.told(TOTAL, Result.NEEDS_ACTION))
    it.tell(given_up, it.told(TOTAL, Result.CAPTURED, captured=TOTAL))
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    assert reasons(waiting) == [(Step.VOID, "The order needs this money no longer.")]


def test_one_whose_answer_comes_after_the_order_was_paid_is_let_go_of(placed: Buyer) -> None:
    given_up = it.begin(placed)
    it.tell(given_up, it.told(TOTAL, Result.DECLINED))
    waiting = it.begin(placed)
    it.tell(given_up, it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL))
    it.tell(waiting, it.told(TOTAL, Result.NEEDS_ACTION))
    assert reasons(waiting) == [(Step.VOID, "The order needs this money no longer.")]


def test_one_for_a_part_waits_while_another_part_is_paid(placed: Buyer) -> None:
    waiting, other = it.begin(placed, TOTAL - PART), it.begin(placed, PART)
    it.tell(waiting, it.told(TOTAL - PART, Result.NEEDS_ACTION))
    it.tell(other, it.told(PART, Result.CAPTURED, captured=PART))
    assert reasons(waiting) == []
    it.tell(waiting, it.told(TOTAL - PART, Result.CAPTURED, captured=TOTAL - PART))
    assert placed.looks_at_the_order()["payment_status"] == "paid"


def test_one_that_the_provider_will_not_let_go_of_is_asked_for_after_longer_and_longer_pauses(placed: Buyer) -> None:
    unknown_there = it.begin(placed, provider="development")
    it.tell(unknown_there, it.told(TOTAL, Result.NEEDS_ACTION))
    refused = []
    with clock.held_at(it.payment(unknown_there).asked_at + timedelta(hours=1)):
        for _ in range(8):
            work.complete()
            refused.append(len([op for op in it.operations(unknown_there) if op.state == StepState.FAILED]))
            clock.advance(timedelta(hours=1))
    assert refused == [1, 2, 2, 3, 3, 3, 4, 4]
