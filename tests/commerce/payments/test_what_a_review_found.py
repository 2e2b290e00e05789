"""Sequences that a review of the payments had thought of, each of which once ended wrong."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.payments import issues, operations, refunds, service, work
from shopwright.commerce.payments.errors import OperationUnderWay, ProviderDisagrees, TooManyPayments
from shopwright.commerce.payments.models import Operation, Payment, State, StepState
from shopwright.commerce.payments.provider import RefundOutcome, RefundResult, Result
from shopwright.kit import clock, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.commerce.payments import believing as it
from tests.make import customer_headers, make_customer, staff_headers
from tests.shopping import Buyer, Shop, development

TOTAL = 1900 + 490


@pytest.fixture
def placed(buyer: Buyer, shop: Shop) -> Buyer:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    return buyer


def staff(buyer: Buyer, *permissions: Permission) -> Buyer:
    return Buyer(buyer.client, buyer.shop, signed_in={"Authorization": staff_headers(*permissions)["Authorization"]})


def refund(payment_id: UUID, amount: int) -> UUID:
    with transaction():
        _, locked = service.lock(payment_id)
        return operations.begin_refund(locked, amount, "no").id


def test_after_a_thousand_tries_the_completer_still_claims(placed: Buyer) -> None:
    payment_id = UUID(placed.pays("tok_success~error500-after")["id"])
    with transaction():
        session.execute(text("UPDATE payments SET tries = 5000"))
    with clock.held_at(clock.now() + timedelta(seconds=30)):
        assert work.complete() == 1
    assert it.payment(payment_id).state == State.CAPTURED


def test_a_payment_whose_provider_disagrees_makes_room_for_another(placed: Buyer) -> None:
    assert placed.asks_to_pay("tok_success~wrong-amount").status_code == 502
    (lied,) = placed.looks_at_the_payments()
    assert (lied["state"], lied["decline_code"]) == ("declined", "provider_disagrees")
    assert placed.pays()["state"] == "captured"


def test_what_staff_have_resolved_is_not_opened_again_for_the_same_facts(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    lie = it.told(TOTAL + 1, Result.CAPTURED, captured=TOTAL + 1)
    with pytest.raises(ProviderDisagrees):
        it.tell(payment_id, lie)
    clerk = staff(placed, Permission.ORDERS_READ, Permission.ORDERS_REFUND)
    (opened,) = clerk.said(clerk.send("GET", "/v1/admin/payment-issues?open=true"), 200)["items"]
    path = f"/v1/admin/payment-issues/{opened['id']}"
    assert clerk.said(clerk.send("GET", path), 200) == opened
    resolved = clerk.said(clerk.send("POST", f"{path}/resolve", {"resolution": "Called the bank."}), 200)
    assert (resolved["resolution"], resolved["resolved_at"] is None) == ("Called the bank.", False)
    again = clerk.send("POST", f"{path}/resolve", {"resolution": "Twice."})
    assert (again.status_code, again.get_json()["code"]) == (409, "issue-resolved")
    with pytest.raises(ProviderDisagrees):
        it.tell(payment_id, lie)
    assert clerk.said(clerk.send("GET", "/v1/admin/payment-issues?open=true"), 200)["items"] == []
    with transaction():
        assert issues.open_issue("provider-disagrees", str(payment_id), told="something else")


def test_a_rest_does_not_pay_for_what_went_back(placed: Buyer) -> None:
    first = it.begin(placed, 2000)
    it.tell(first, it.told(2000, Result.CAPTURED, captured=2000))
    done = RefundOutcome(
        result=RefundResult.DONE, amount=Money(2000, "EUR"), provider_ref="re", refund_id=refund(first, 2000)
    )
    with transaction():
        refunds.settle(first, done)
    refused = placed.asks_to_pay()
    assert (refused.status_code, refused.get_json()["code"]) == (409, "order-not-payable")
    assert placed.looks_at_the_order()["paid_at"] is None


def test_a_rest_that_was_begun_before_the_refund_goes_back(placed: Buyer) -> None:
    first, rest = it.begin(placed, 2000), it.begin(placed, 390)
    it.tell(first, it.told(2000, Result.CAPTURED, captured=2000))
    done = RefundOutcome(
        result=RefundResult.DONE, amount=Money(2000, "EUR"), provider_ref="re", refund_id=refund(first, 2000)
    )
    with transaction():
        refunds.settle(first, done)
    it.tell(rest, it.told(390, Result.CAPTURED, captured=390))
    assert placed.looks_at_the_order()["paid_at"] is None
    assert [(op.amount, op.is_excess) for op in it.operations(rest)] == [(390, True)]


def test_an_authorization_that_ended_at_the_provider_is_learned_from_its_refusal(placed: Buyer) -> None:
    payment = placed.pays(capture=False)
    provider = development()
    provider.post(f"/v1/payments/{provider.payment(payment['id'])['id']}/void")
    cashier = staff(placed, Permission.ORDERS_CAPTURE)
    refused = cashier.send("POST", f"/v1/admin/payments/{payment['id']}/capture", {})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "provider-refused")
    assert it.payment(UUID(payment["id"])).state == State.VOIDED
    assert placed.looks_at_the_order()["payment_status"] == "awaited"


def test_a_refused_operation_is_refused_again_when_it_is_repeated(placed: Buyer) -> None:
    payment = placed.pays("tok_success~capture-error500-before", capture=False)
    provider = development()
    provider.post(f"/v1/payments/{provider.payment(payment['id'])['id']}/void")
    cashier = staff(placed, Permission.ORDERS_CAPTURE)
    answers = [
        cashier.send("POST", f"/v1/admin/payments/{payment['id']}/capture", {}, key="the-same-key-for-both")
        for _ in range(2)
    ]
    with clock.held_at(clock.now() + timedelta(minutes=5)):
        work.complete()
    answers.append(cashier.send("POST", f"/v1/admin/payments/{payment['id']}/capture", {}, key="another-key"))
    assert answers[-1].status_code == 409
    assert it.payment(UUID(payment["id"])).captured_amount == 0


def test_a_declined_method_does_not_close_the_breaker_for_everybody(buyer: Buyer, shop: Shop) -> None:
    headers = customer_headers(make_customer())
    ada = Buyer(buyer.client, shop, signed_in={"Authorization": headers["Authorization"]})
    for number in range(8):
        body = {"provider": "development", "token": ("tok_decline", "tok_expired_card")[number % 2]}
        refused = ada.send("POST", "/v1/me/payment-methods", body, key="one-key-for-all-of-them")
        assert (refused.status_code, refused.get_json()["code"]) == (409, "method-declined")
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    assert buyer.pays()["state"] == "captured"


def test_a_refund_that_was_given_up_and_comes_too_late_for_its_share_is_an_issue(placed: Buyer) -> None:
    payment_id = it.begin(placed)
    it.tell(payment_id, it.told(TOTAL, Result.CAPTURED, captured=TOTAL))
    given_up = refund(payment_id, 1500)
    failed = RefundOutcome(
        result=RefundResult.FAILED, amount=Money(1500, "EUR"), provider_ref="re_a", refund_id=given_up
    )
    with transaction():
        refunds.settle(payment_id, failed)
    refund(payment_id, 1500)
    late = RefundOutcome(result=RefundResult.DONE, amount=Money(1500, "EUR"), provider_ref="re_a", refund_id=given_up)
    with pytest.raises(ProviderDisagrees), transaction():
        refunds.settle(payment_id, late)
    assert it.payment(payment_id).refunded_amount == 0
    assert it.issue_kinds() == ["refund-failed", "refund-disagrees"]


def test_staff_do_not_see_the_second_step_of_a_shopper(placed: Buyer) -> None:
    waiting = placed.pays("tok_3ds")
    assert waiting["action_url"]
    clerk = staff(placed, Permission.ORDERS_READ)
    shown = clerk.said(clerk.send("GET", f"/v1/admin/payments/{waiting['id']}"), 200)["payment"]
    (listed,) = clerk.said(clerk.send("GET", f"/v1/admin/orders/{placed.order['id']}/payments"), 200)["items"]
    assert (shown["action_url"], shown["client_secret"], listed["action_url"]) == (None, None, None)


def test_stolen_cards_are_not_tried_out_on_one_order(placed: Buyer) -> None:
    for _ in range(service.MOST_PAYMENTS):
        assert placed.pays("tok_decline")["state"] == "declined"
    refused = placed.asks_to_pay()
    assert (refused.status_code, refused.get_json()["code"]) == (409, TooManyPayments.code())
    assert len(placed.looks_at_the_payments()) == service.MOST_PAYMENTS


def test_a_capture_is_not_done_until_totals_show_it(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    reserved = it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL)
    it.tell(payment_id, reserved)
    with transaction():
        _, locked = service.lock(payment_id)
        capture = operations.begin_capture(locked, None, is_final=True)
    assert capture is not None
    it.tell(payment_id, reserved, capture.id)
    assert [op.state for op in it.operations(payment_id)] == [StepState.PENDING]
    it.tell(payment_id, it.told(TOTAL, Result.CAPTURED, captured=TOTAL), capture.id)
    assert [op.state for op in it.operations(payment_id)] == [StepState.DONE]


def test_what_a_webhook_said_is_not_kept_once_it_is_booked(placed: Buyer) -> None:
    placed.takes_the_second_step(placed.pays("tok_3ds"))
    outbox.drain()
    with reading():
        kept = session.execute(text("SELECT DISTINCT told::text, processed_at IS NOT NULL FROM payment_webhooks")).all()
    assert [tuple(row) for row in kept] == [("{}", True)]


def test_a_webhook_about_a_payment_that_nobody_knows_becomes_an_issue_in_the_end(buyer: Buyer) -> None:
    provider = development()
    stranger = str(uuid4())
    provider.pays(key=stranger)
    assert set(provider.delivers(buyer.client, stranger)) == {200}
    outbox.drain()
    assert it.issue_kinds() == []
    with transaction():
        session.execute(text("UPDATE payment_webhooks SET received_at = received_at - interval '1 hour'"))
        session.execute(text("UPDATE outbox_failures SET try_again_at = now() - interval '1 hour'"))
        session.execute(text("UPDATE outbox SET sent_at = NULL WHERE delivered_at IS NULL"))
    outbox.drain()
    assert set(it.issue_kinds()) == {"unknown-payment"}


def test_a_void_while_a_capture_is_asked_for_is_refused(placed: Buyer) -> None:
    payment_id = it.begin(placed, capture=False)
    it.tell(payment_id, it.told(TOTAL, Result.AUTHORIZED, authorized=TOTAL))
    with transaction():
        _, locked = service.lock(payment_id)
        operations.begin_capture(locked, 100, is_final=False)
    with pytest.raises(OperationUnderWay), transaction():
        _, locked = service.lock(payment_id)
        operations.begin_void(locked, "no")
    with reading():
        assert session.query(Operation).count() == 1
        assert session.get_one(Payment, payment_id).state == State.AUTHORIZED
