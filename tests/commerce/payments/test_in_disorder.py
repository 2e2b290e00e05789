"""What faults in running shops have taught about payments that end in another order than they began."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from shopwright import settings
from shopwright.commerce.books.models import Account
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import inbox, operations, reconciliation, service, settling, work
from shopwright.commerce.payments.inbox import ToldTooEarly
from shopwright.commerce.payments.models import Payment, State, Step, Webhook
from shopwright.commerce.payments.provider import Notification, RefundOutcome, RefundResult, Result
from shopwright.embedded.process import free_port
from shopwright.kit import clock, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.outbox import Failure
from shopwright.kit.transaction import reading, transaction
from tests.commerce.payments import believing as it
from tests.paying import Psp
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


def cancel(buyer: Buyer) -> None:
    with transaction():
        orders.cancel(UUID(buyer.order["id"]), "Out of stock.")
    outbox.drain()


def begin_capture(payment_id: UUID, amount: int, *, is_final: bool = False) -> UUID:
    with transaction():
        begun = operations.begin_capture(service.lock(payment_id)[1], amount, is_final=is_final)
    assert begun is not None
    return begun.id


def kinds(payment_id: UUID) -> list[tuple[str, str, int]]:
    return [(str(op.kind), str(op.state), op.amount) for op in it.operations(payment_id)]


def test_a_second_step_that_a_webhook_told_of_first_is_shown_by_the_answer(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    needs_action = it.told(TOTAL, Result.NEEDS_ACTION)
    it.tell(payment_id, needs_action)
    it.tell(payment_id, msgspec.structs.replace(needs_action, action_url="https://bank.example/step"))
    it.tell(payment_id, needs_action)
    assert it.payment(payment_id).action_url == "https://bank.example/step"


@pytest.mark.parametrize("is_refused", [False, True])
def test_an_order_that_is_canceled_while_part_of_it_is_captured_lets_go_of_the_rest_afterwards(
    placed: Buyer, is_refused: bool
) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    first = begin_capture(payment_id, 1000)
    it.tell(payment_id, it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL, captured=1000), first)
    second = begin_capture(payment_id, 500)
    cancel(placed)
    # It was heard, what had been taken goes back at once, and the capture is waited for.
    with reading():
        assert session.scalars(select(Failure)).all() == []
    assert kinds(payment_id) == [
        (Step.CAPTURE, "done", 1000), (Step.CAPTURE, "pending", 500), (Step.REFUND, "pending", 1000),
    ]  # fmt: skip
    if is_refused:
        with transaction():
            settling.refuse(second, "too_late")
    else:
        it.tell(payment_id, it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL, captured=1500), second)
    assert [(kind, amount) for kind, state, amount in kinds(payment_id)[2:] if state == "pending"] == [
        (Step.REFUND, 1000), *[(Step.REFUND, 500)] * (not is_refused), (Step.VOID, 0),
    ]  # fmt: skip


def test_what_is_left_after_a_last_capture_of_a_part_can_be_paid_otherwise(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, AUTHORIZED)
    part = begin_capture(payment_id, 1000, is_final=True)
    it.tell(payment_id, it.told(TOTAL, Result.CAPTURED, authorized=TOTAL, captured=1000), part)
    assert placed.looks_at_the_order()["payment_status"] == "partly_paid"
    rest = it.begin(placed)
    assert it.payment(rest).amount == TOTAL - 1000
    it.tell(rest, it.told(TOTAL - 1000, Result.CAPTURED, captured=TOTAL - 1000))
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    assert placed.asks_to_pay().get_json()["code"] == "order-not-payable"


def receive(payment_id: UUID, refund: RefundOutcome) -> UUID:
    with transaction():
        told = Notification(event_id="evt_refund", kind="refund.done", payment_id=payment_id, refund=refund)
        assert inbox.receive("told", told)
        return session.scalars(select(Webhook.id).where(Webhook.event_id == "evt_refund")).one()


REFUND = RefundOutcome(result=RefundResult.DONE, amount=Money(500, "EUR"), provider_ref="re_1")


def test_a_refund_that_overtakes_its_capture_waits_for_it(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    webhook_id = receive(payment_id, REFUND)
    with pytest.raises(ToldTooEarly), transaction():
        inbox.process(webhook_id)
    it.tell(payment_id, CAPTURED)
    with transaction():
        inbox.process(webhook_id)
    assert (it.payment(payment_id).refunded_amount, it.issue_kinds()) == (500, [])


def test_a_refund_whose_capture_never_comes_is_an_issue(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    webhook_id = receive(payment_id, REFUND)
    with clock.held_at(clock.now() + timedelta(minutes=3)), transaction():
        inbox.process(webhook_id)
    assert (it.payment(payment_id).refunded_amount, it.issue_kinds()) == (0, ["refund-disagrees"])


def test_a_capture_and_its_refund_that_nobody_told_of_are_both_found(placed: Buyer, provider: Psp) -> None:
    payment_id = it.begin(placed, provider="development")
    it.tell(payment_id, it.told(TOTAL, Result.UNKNOWN))
    assert it.payment(payment_id).state == State.DECLINED
    made = provider.pays("tok_success~webhook-lost", TOTAL, key=str(payment_id))
    assert provider.refunds(made, 500).status_code == 201
    now = clock.now()
    report = reconciliation.reconcile("development", now - timedelta(hours=1), now + timedelta(hours=1))
    assert len(report.healed) == 2
    # The provider is shared with other tests, whose payments are strangers here.
    assert [kind for kind in it.issue_kinds() if not kind.startswith("unknown-")] == []
    assert (it.payment(payment_id).captured_amount, it.payment(payment_id).refunded_amount) == (TOTAL, 500)
    assert it.balances(placed)[Account.CAPTURED] == TOTAL - 500


def test_a_provider_that_is_away_is_not_asked_about_everything_in_vain(
    buyer: Buyer, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_ids = []
    for _ in range(8):
        buyer.fills_a_cart(shop.product())
        buyer.orders()
        payment_ids.append(it.begin(buyer, provider="development"))
    monkeypatch.setattr(work, "_breakers", {})
    here = settings.current()
    settings.use(msgspec.structs.replace(here, psp_url=f"http://127.0.0.1:{free_port()}"))
    try:
        with clock.held_at(clock.now() + timedelta(seconds=30)):
            assert work.complete() == 5
            assert work.complete() == 0
    finally:
        settings.use(here)
    with reading():
        tries = session.scalars(select(Payment.tries).where(Payment.id.in_(payment_ids)).order_by(Payment.id)).all()
    assert sorted(tries) == [0, 0, 0, 1, 1, 1, 1, 1]
