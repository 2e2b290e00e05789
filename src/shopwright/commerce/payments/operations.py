"""What is asked of a payment later on. The intent takes its share of the limits at once, so that no two who ask at the
same time can take or give the same money; a refusal gives the share back."""

from datetime import timedelta

from sqlalchemy import func, select, update

from shopwright.commerce.payments.errors import OperationUnderWay, PaymentClosed, TooMuch
from shopwright.commerce.payments.models import Operation, Payment, State, Step, StepState
from shopwright.kit import clock, idempotency, ids
from shopwright.kit.db import session

#: The route has this long for its own answer before the completer asks.
GIVE_THE_ROUTE_TIME = timedelta(seconds=20)
AT_ONCE = timedelta()
VOIDABLE = (State.NEEDS_ACTION, State.AUTHORIZED)


def begin_capture(payment: Payment, amount: int | None, *, is_final: bool) -> Operation | None:
    """Write down that so much of a locked payment is to be taken, or all that is left of it; None if nothing is left
    to be asked for.

    The repeat of a request goes on with what it began. Raises `PaymentClosed`, `OperationUnderWay`, `TooMuch`.
    """
    scope = idempotency.current_scope(payment.id)
    if begun := _begun(scope):
        return begun
    if payment.state == State.CAPTURED and amount is None:
        return None
    if payment.state != State.AUTHORIZED:
        raise PaymentClosed(state=str(payment.state))
    if is_under_way(payment, Step.VOID):
        raise OperationUnderWay()
    left = payment.authorized_amount - payment.capture_asked_amount
    wanted = left if amount is None else amount
    taken = session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.capture_asked_amount + wanted <= Payment.authorized_amount)
        .values(capture_asked_amount=Payment.capture_asked_amount + wanted)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None or wanted <= 0:
        raise TooMuch(left=left)
    session.refresh(payment)
    return _add(payment, Step.CAPTURE, wanted, scope, is_final=is_final or wanted == left, pause=GIVE_THE_ROUTE_TIME)


def begin_void(payment: Payment, reason: str, *, by_route: bool = False) -> Operation | None:
    """Write down that what a locked payment has reserved is to be let go of; asked again it is the same, and None
    once it is let go of.

    Raises `PaymentClosed` and `OperationUnderWay`.
    """
    if payment.state == State.VOIDED:
        return None
    if payment.state not in VOIDABLE:
        raise PaymentClosed(state=str(payment.state))
    if is_under_way(payment, Step.CAPTURE):
        raise OperationUnderWay()
    voids = select(Operation).where(Operation.payment_id == payment.id, Operation.kind == Step.VOID)
    before = session.scalars(voids).all()
    if begun := [void for void in before if void.state != StepState.FAILED]:
        return begun[0]
    # A refusal has us look, which may lead here again: the completer must not turn in a circle.
    pause = GIVE_THE_ROUTE_TIME if by_route else timedelta(hours=len(before))
    return _add(payment, Step.VOID, 0, None, reason=reason, pause=pause)


def begin_refund(payment: Payment, amount: int | None, reason: str) -> Operation:
    """Write down a refund of so much of a locked payment, or of all that is left.

    The repeat of a request goes on with the refund it began. Raises `PaymentClosed`, `TooMuch`.
    """
    scope = idempotency.current_scope(payment.id)
    if begun := _begun(scope):
        return begun
    if not payment.captured_amount:
        raise PaymentClosed(state=str(payment.state))
    wanted = payment.left_to_refund if amount is None else amount
    return _refund(payment, wanted, reason, scope, pause=GIVE_THE_ROUTE_TIME)


def return_excess(payment: Payment, amount: int, reason: str) -> Operation:
    """Write down that money which the order could not take goes back; the completer asks the provider."""
    return _refund(payment, amount, reason, None, is_excess=True)


def refund_rest(payment: Payment, reason: str) -> Operation | None:
    """Write down that all that is left of a locked payment goes back; the completer asks the provider."""
    return _refund(payment, payment.left_to_refund, reason, None) if payment.left_to_refund else None


def adopt_refund(payment: Payment, amount: int, provider_ref: str) -> Operation:
    """A refund of a locked payment that was made at the provider itself. Raises `TooMuch`."""
    refund = _refund(payment, amount, "Made at the payment provider.", None)
    refund.provider_ref = provider_ref
    session.flush()
    return refund


def is_under_way(payment: Payment, kind: Step) -> bool:
    pending = select(Operation.id).where(Operation.payment_id == payment.id, Operation.state == StepState.PENDING)
    return session.scalar(pending.where(Operation.kind == kind).limit(1)) is not None


def captures_are_seen(payment: Payment, last: Operation) -> bool:
    """Whether what was captured covers all captures that are done, and this one."""
    done = select(func.coalesce(func.sum(Operation.amount), 0)).where(
        Operation.payment_id == payment.id, Operation.kind == Step.CAPTURE, Operation.state == StepState.DONE
    )
    return payment.captured_amount >= int(session.scalar(done) or 0) + last.amount


def give_share_back(payment: Payment, operation: Operation) -> None:
    """The provider refused for good: what the operation had taken of a locked payment's limits is free again."""
    if operation.kind == Step.CAPTURE:
        payment.capture_asked_amount = max(payment.captured_amount, payment.capture_asked_amount - operation.amount)
    if operation.kind == Step.REFUND:
        payment.refund_asked_amount = max(payment.refunded_amount, payment.refund_asked_amount - operation.amount)
    session.flush()


def _begun(scope: bytes | None) -> Operation | None:
    return session.scalar(select(Operation).where(Operation.request_scope == scope)) if scope else None


def _refund(
    payment: Payment, amount: int, reason: str, scope: bytes | None, *, is_excess: bool = False,
    pause: timedelta = AT_ONCE,
) -> Operation:  # fmt: skip
    taken = session.execute(
        update(Payment)
        .where(Payment.id == payment.id, Payment.refund_asked_amount + amount <= Payment.captured_amount)
        .values(refund_asked_amount=Payment.refund_asked_amount + amount)
        .returning(Payment.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None or amount <= 0:
        raise TooMuch(left=payment.left_to_refund)
    session.refresh(payment)
    return _add(payment, Step.REFUND, amount, scope, reason=reason, is_excess=is_excess, pause=pause)


def _add(
    payment: Payment, kind: Step, amount: int, scope: bytes | None, *, reason: str = "",
    is_final: bool = False, is_excess: bool = False, pause: timedelta,
) -> Operation:  # fmt: skip
    now = clock.now()
    operation = Operation(
        id=ids.new(), payment_id=payment.id, kind=kind, request_scope=scope, state=StepState.PENDING, amount=amount,
        is_final=is_final, is_excess=is_excess, reason=reason, asked_at=now,
        try_again_at=now + pause,
    )  # fmt: skip
    session.add(operation)
    session.flush()
    return operation
