"""Refunds and disputes as the provider tells of them: each has a name of its own, and is booked once."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.books import queries as book_queries
from shopwright.commerce.books import service as books
from shopwright.commerce.books.models import Account, Kind
from shopwright.commerce.orders import pay as order_payment
from shopwright.commerce.orders import service as orders
from shopwright.commerce.orders.models import Order
from shopwright.commerce.orders.models import State as OrderState
from shopwright.commerce.payments import issues, operations
from shopwright.commerce.payments.errors import ProviderDisagrees, TooMuch
from shopwright.commerce.payments.events import PaymentDisputed, PaymentRefunded
from shopwright.commerce.payments.models import Dispute, Operation, Payment, Step, StepState
from shopwright.commerce.payments.provider import DisputeOutcome, DisputeState, RefundOutcome, RefundResult
from shopwright.commerce.payments.service import lock
from shopwright.commerce.payments.settling import refuse
from shopwright.kit import clock, ids
from shopwright.kit.db import session
from shopwright.kit.events import emit
from shopwright.kit.money import Money


def settle(payment_id: UUID, told: RefundOutcome) -> Operation | None:
    """Take what the provider says of a refund. One that was made at the provider itself is adopted, once it is done.

    Raises `PaymentNotFound`, and `ProviderDisagrees` for another amount than was asked.
    """
    order, payment = lock(payment_id)
    refund = find(payment, told)
    if refund is None and told.result is not RefundResult.DONE:
        return None
    refund = refund or _adopt(order, payment, told)
    if told.amount != Money(refund.amount, payment.currency):
        _disagree(order, payment, told, refund.amount)
    refund.provider_ref = told.provider_ref or refund.provider_ref
    if told.result is RefundResult.FAILED:
        return _fail(order, payment, refund, told)
    if told.result is RefundResult.DONE and refund.state != StepState.DONE:
        _book(order, payment, refund)
    session.flush()
    return refund


def find(payment: Payment, told: RefundOutcome) -> Operation | None:
    """What we know of that refund: by our id, or by the provider's name for it."""
    refunds = select(Operation).where(Operation.payment_id == payment.id, Operation.kind == Step.REFUND)
    by_id = session.scalar(refunds.where(Operation.id == told.refund_id)) if told.refund_id else None
    return by_id or session.scalar(refunds.where(Operation.provider_ref == told.provider_ref))


def _adopt(order: Order, payment: Payment, told: RefundOutcome) -> Operation:
    if told.amount.currency != payment.currency:
        _disagree(order, payment, told, None)
    try:
        return operations.adopt_refund(payment, told.amount.amount, told.provider_ref)
    except TooMuch:
        return _disagree(order, payment, told, payment.left_to_refund)


def _disagree(order: Order, payment: Payment, told: RefundOutcome, ours: int | None) -> Operation:
    issues.open_issue(
        "refund-disagrees", told.provider_ref, payment_id=payment.id, order_id=order.id, ours=ours,
        told={"amount": told.amount.amount, "currency": told.amount.currency, "result": str(told.result)},
    )  # fmt: skip
    raise ProviderDisagrees()


def _fail(order: Order, payment: Payment, refund: Operation, told: RefundOutcome) -> Operation:
    if refund.state != StepState.DONE:
        return refuse(refund.id, told.failure_code or "failed")
    # The bank sent the money back after the provider had said that it was gone: people must find another way.
    issues.open_issue(
        "refund-returned", str(refund.id), payment_id=payment.id, order_id=order.id, reason=told.failure_code,
        amount=refund.amount, currency=payment.currency,
    )  # fmt: skip
    return refund


def _book(order: Order, payment: Payment, refund: Operation) -> None:
    if refund.state == StepState.FAILED:
        # It was given up, and yet it was made: the share was given back and is taken anew.
        if refund.amount > payment.left_to_refund:
            told = RefundOutcome(
                result=RefundResult.DONE,
                amount=Money(refund.amount, payment.currency),
                provider_ref=refund.provider_ref,
            )
            _disagree(order, payment, told, payment.left_to_refund)
        payment.refund_asked_amount += refund.amount
    refund.state = StepState.DONE
    refund.done_at = clock.now()
    refund.failure_code = None
    payment.refunded_amount += refund.amount
    session.flush()
    of_excess = _of_excess(payment, refund)
    of_order = refund.amount - of_excess
    books.post(
        Kind.REFUNDED, refund.id, payment.currency,
        {Account.CAPTURED: -refund.amount, Account.EXCESS: of_excess, _account_of(order): of_order},
        order_id=order.id, payment_id=payment.id,
    )  # fmt: skip
    if of_excess:
        # A payment that came too late never paid the order, so its way back is only noted.
        orders.note(order, "late_payment_returned", payment_id=str(payment.id), amount=of_excess)
    if of_order:
        order_payment.mark_refunded(order, Money(of_order, payment.currency))
    emit(PaymentRefunded(payment_id=payment.id, order_id=order.id, refund_id=refund.id, amount=refund.amount))


def _of_excess(payment: Payment, refund: Operation) -> int:
    """How much of a refund is money that the order never took.

    That goes back first, whoever gave it back, except for what is on its way back already: a refund that was made
    at the provider, or by staff after ours had failed, does not say what it is for.
    """
    on_its_way = session.scalar(
        select(func.coalesce(func.sum(Operation.amount), 0)).where(
            Operation.payment_id == payment.id, Operation.is_excess, Operation.state == StepState.PENDING,
            Operation.id != refund.id,
        )
    )  # fmt: skip
    waiting = -book_queries.balance_of_payment(payment.id, Account.EXCESS)
    return max(0, min(refund.amount, waiting - int(on_its_way or 0)))


def _account_of(order: Order) -> Account:
    return Account.OWED if order.state in (OrderState.CANCELED, OrderState.EXPIRED) else Account.REFUNDED


def dispute(payment_id: UUID, told: DisputeOutcome) -> Dispute:
    """Take what the provider says of a dispute; one that was decided stays so. Raises `PaymentNotFound`,
    `ProviderDisagrees`."""
    order, payment = lock(payment_id)
    if told.amount.currency != payment.currency or not 0 < told.amount.amount <= payment.captured_amount:
        issues.open_issue(
            "dispute-disagrees", told.provider_ref, payment_id=payment.id, order_id=order.id,
            captured=payment.captured_amount,
            told={"amount": told.amount.amount, "currency": told.amount.currency, "state": str(told.state)},
        )  # fmt: skip
        raise ProviderDisagrees()
    is_new = _note_dispute(payment, told)
    row = session.scalars(
        select(Dispute)
        .where(Dispute.provider == payment.provider, Dispute.provider_ref == told.provider_ref)
        .execution_options(populate_existing=True)
    ).one()
    before = row.state
    if not is_new and (before != DisputeState.OPEN or told.state is DisputeState.OPEN):
        return row
    row.state = told.state
    row.decided_at = None if told.state is DisputeState.OPEN else clock.now()
    _book_dispute(order, payment, row, is_new=is_new)
    session.flush()
    emit(PaymentDisputed(payment_id=payment.id, order_id=order.id, dispute_id=row.id, state=str(row.state)))
    return row


def _note_dispute(payment: Payment, told: DisputeOutcome) -> bool:
    made = insert(Dispute).values(
        id=ids.new(), payment_id=payment.id, provider=payment.provider, provider_ref=told.provider_ref,
        state=told.state, amount=told.amount.amount, reason=told.reason[:200], opened_at=clock.now(),
    )  # fmt: skip
    return session.scalar(made.on_conflict_do_nothing().returning(Dispute.id)) is not None


def _book_dispute(order: Order, payment: Payment, row: Dispute, *, is_new: bool) -> None:
    at_stake = {Account.DISPUTED: row.amount, Account.CAPTURED: -row.amount}
    belongs = {"order_id": order.id, "payment_id": payment.id}
    if is_new:
        # Told of its end first, the whole story is booked all the same.
        books.post(Kind.DISPUTED, row.id, payment.currency, at_stake, **belongs)
        orders.note(order, "disputed", payment_id=str(payment.id), amount=row.amount, reason=row.reason)
        issues.open_issue(
            "dispute", row.provider_ref, **belongs, amount=row.amount, currency=payment.currency, reason=row.reason
        )
    if row.state == DisputeState.WON:
        back = {account: -amount for account, amount in at_stake.items()}
        books.post(Kind.DISPUTE_WON, row.id, payment.currency, back, **belongs)
    if row.state != DisputeState.OPEN:
        orders.note(order, f"dispute_{row.state}", payment_id=str(payment.id), amount=row.amount)
