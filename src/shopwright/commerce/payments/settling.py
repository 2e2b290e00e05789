"""Believing providers: what they say of a payment is compared with what was asked, and booked once, from wherever it
comes, however often, in any order. Totals are only ever raised."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.models import Order
from shopwright.commerce.orders.models import State as OrderState
from shopwright.commerce.payments import issues, methods, operations
from shopwright.commerce.payments.errors import ProviderDisagrees
from shopwright.commerce.payments.events import PaymentReturned, PaymentSettled
from shopwright.commerce.payments.models import Operation, Payment, State, Step, StepState
from shopwright.commerce.payments.provider import Outcome, Result
from shopwright.commerce.payments.service import lock, of_order
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.settings import current

STATE_OF = {
    Result.NEEDS_ACTION: State.NEEDS_ACTION,
    Result.AUTHORIZED: State.AUTHORIZED,
    Result.CAPTURED: State.CAPTURED,
    Result.DECLINED: State.DECLINED,
    Result.VOIDED: State.VOIDED,
    Result.UNKNOWN: State.DECLINED,
}


def settle(payment_id: UUID, outcome: Outcome, operation_id: UUID | None = None) -> Payment:
    """Take what the provider says of a payment; `operation_id` is the capture or void that it answers.

    Raises `PaymentNotFound`, and `ProviderDisagrees` when amounts or currency are not what was asked: then nothing
    is booked, and an issue is opened.
    """
    order, payment = lock(payment_id)
    _refuse_another_amount(order, payment, outcome)
    before = State(payment.state)
    payment.provider_ref = outcome.provider_ref or payment.provider_ref
    payment.authorized_amount = max(payment.authorized_amount, outcome.authorized, outcome.captured)
    _move(payment, outcome)
    _book_capture(order, payment, outcome.captured - payment.captured_amount)
    _count_on(order, payment)
    if operation_id is not None:
        _finish(payment, operation_id)
    _let_go_if_closed(order, payment)
    _let_go_of_second_steps(order, payment, before)
    if outcome.method is not None:
        methods.keep(payment, order.customer_id, outcome.method)
    session.flush()
    if payment.state != before:
        if payment.state != State.CAPTURED:
            orders.note(order, f"payment_{payment.state}", payment_id=str(payment.id))
        emit(PaymentSettled(payment_id=payment.id, order_id=order.id, state=str(payment.state)))
    return payment


def _refuse_another_amount(order: Order, payment: Payment, outcome: Outcome) -> None:
    told = outcome.amount
    is_in_order = 0 <= outcome.refunded <= outcome.captured <= outcome.authorized <= payment.amount
    if told == payment.money and is_in_order:
        return
    issues.open_issue(
        "provider-disagrees", str(payment.id), payment_id=payment.id, order_id=order.id,
        asked={"amount": payment.amount, "currency": payment.currency},
        told={
            "amount": told.amount, "currency": told.currency, "authorized": outcome.authorized,
            "captured": outcome.captured, "refunded": outcome.refunded, "result": str(outcome.result),
        },
    )  # fmt: skip
    if payment.may_move_to(State.DECLINED):
        # The buyer may pay otherwise. Should it be put right, what was captured is believed all the same.
        payment.move_to(State.DECLINED)
        payment.decline_code = "provider_disagrees"
        session.flush()
    raise ProviderDisagrees()


def _move(payment: Payment, outcome: Outcome) -> None:
    wanted = STATE_OF.get(outcome.result)
    if outcome.result is Result.UNKNOWN and payment.state != State.PENDING:
        return
    if wanted is State.VOIDED and (payment.captured_amount or outcome.captured):
        wanted = State.CAPTURED
    if wanted is State.NEEDS_ACTION and payment.state == wanted:
        # Told first by a webhook, which does not say where the step is taken.
        payment.action_url = outcome.action_url or payment.action_url
        payment.client_secret = outcome.client_secret or payment.client_secret
    if wanted is None or not payment.may_move_to(wanted):
        return
    payment.move_to(wanted)
    payment.decline_code = (outcome.decline_code or "")[:100] or (
        "not_asked" if outcome.result is Result.UNKNOWN else None
    )
    payment.action_url = outcome.action_url
    payment.client_secret = outcome.client_secret


def _book_capture(order: Order, payment: Payment, amount: int) -> None:
    """More of the money is ours: the order takes what it can, and the rest goes back."""
    if amount <= 0:
        return
    payment.captured_amount += amount
    payment.capture_asked_amount = max(payment.capture_asked_amount, payment.captured_amount)
    of_reserved = min(amount, payment.secured_amount)
    payment.secured_amount -= of_reserved
    session.flush()
    taken = order_payment.take(order, amount, of_reserved=of_reserved)
    books.post(
        Kind.CAPTURED, ids.derived("captured", payment.id, payment.captured_amount), payment.currency,
        {Account.CAPTURED: amount, Account.RECEIVABLE: -taken, Account.EXCESS: taken - amount},
        order_id=order.id, payment_id=payment.id,
    )  # fmt: skip
    if taken < amount:
        orders.note(order, "paid_too_late", payment_id=str(payment.id), amount=amount - taken)
        operations.return_excess(payment, amount - taken, "The order could not take this money.")
        emit(PaymentReturned(payment_id=payment.id, order_id=order.id, amount=amount - taken))


def _count_on(order: Order, payment: Payment) -> None:
    """The order counts on what is reserved while it is; what no order needs is let go of."""
    if payment.state == State.AUTHORIZED:
        reserved = payment.authorized_amount - payment.captured_amount
        if payment.secured_amount or payment.captured_amount:
            return
        if order_payment.count_on(order, reserved):
            payment.secured_amount = reserved
        else:
            operations.begin_void(payment, "The order could not take this money.")
    elif payment.state in (State.CAPTURED, State.VOIDED):
        payment.capture_asked_amount = payment.captured_amount
        freed, payment.secured_amount = payment.secured_amount, 0
        session.flush()
        if freed:
            order_payment.count_on_no_more(order, freed)


def _finish(payment: Payment, operation_id: UUID) -> None:
    """A capture or void is done once totals and state show it; until then it is asked for again."""
    operation = session.get_one(Operation, operation_id, with_for_update=True, populate_existing=True)
    if operation.state != StepState.PENDING:
        return
    is_over = payment.state not in operations.VOIDABLE
    if is_over or (operation.kind == Step.CAPTURE and operations.captures_are_seen(payment, operation)):
        operation.state = StepState.DONE
        operation.done_at = clock.now()


def refuse(operation_id: UUID, code: str) -> Operation:
    """The provider said no to an operation for good: its share is free again, and a refund becomes an issue."""
    operation = session.get_one(Operation, operation_id)
    order, payment = lock(operation.payment_id)
    session.refresh(operation, with_for_update=True)
    if operation.state != StepState.PENDING:
        return operation
    operation.state = StepState.FAILED
    operation.done_at = clock.now()
    operation.failure_code = code[:100]
    operations.give_share_back(payment, operation)
    if operation.kind == Step.CAPTURE:
        _let_go_if_closed(order, payment)
    orders.note(order, f"{operation.kind}_refused", payment_id=str(payment.id), reason=code)
    if operation.kind == Step.REFUND:
        issues.open_issue(
            "refund-failed", str(operation.id), payment_id=payment.id, order_id=order.id, reason=code,
            amount=operation.amount, currency=payment.currency,
        )  # fmt: skip
    session.flush()
    return operation


def close(order_id: UUID) -> None:
    """The order was closed: what its payments have taken goes back, what they have reserved is let go of."""
    of_order = select(Payment.id).where(Payment.order_id == order_id).order_by(Payment.id)
    for payment_id in session.scalars(of_order).all():
        order, payment = lock(payment_id)
        operations.refund_rest(payment, "The order was closed.")
        _let_go_if_closed(order, payment)


def _let_go_if_closed(order: Order, payment: Payment) -> None:
    """While a capture is under way nothing is let go of: whatever it ends with comes here again."""
    if order.state not in (OrderState.CANCELED, OrderState.EXPIRED) or payment.state not in operations.VOIDABLE:
        return
    if not operations.is_under_way(payment, Step.CAPTURE):
        operations.begin_void(payment, "The order was closed.")


def _let_go_of_second_steps(order: Order, payment: Payment, before: State) -> None:
    """Nobody is to be charged by a step that waited longer than an order does, or that the order needs no longer: one
    that was paid meanwhile, or in part and so has no date of its own to expire at."""
    settled = [payment]
    if before in (State.DECLINED, State.VOIDED):
        # Only what was given up can overtake others: whoever begins one leaves room for all that is still asked for.
        settled = list(session.scalars(of_order(order.id)))
    longest = timedelta(minutes=current().order_ttl_minutes + current().payment_grace_minutes)
    for waiting in settled:
        if waiting.state != State.NEEDS_ACTION:
            continue
        if not order.takes_payments or waiting.amount > order.uncovered_amount:
            operations.begin_void(waiting, "The order needs this money no longer.")
        elif waiting.asked_at + longest <= clock.now():
            operations.begin_void(waiting, "Its second step was not taken in time.")
