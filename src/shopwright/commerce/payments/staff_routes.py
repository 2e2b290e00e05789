from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.orders import queries as order_queries
from shopwright.commerce.orders.errors import OrderNotFound
from shopwright.commerce.payments import issues, operations, service, work
from shopwright.commerce.payments.errors import (
    IssueNotFound,
    IssueResolved,
    OperationUnderWay,
    PaymentClosed,
    PaymentNotFound,
    ProviderDisagrees,
    ProviderRefused,
    TooMuch,
    UnknownProvider,
)
from shopwright.commerce.payments.models import Dispute, Issue, Operation, Payment
from shopwright.commerce.payments.schemas import (
    CapturePayment,
    DisputeOut,
    IssueOut,
    ListIssues,
    OperationOut,
    PaymentList,
    PaymentOut,
    PaymentStory,
    RefundPayment,
    ResolveIssue,
)
from shopwright.kit import paging
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page
from shopwright.kit.transaction import atomically, reading

routes = Routes("payments", prefix="/v1/admin")


@routes.query("/orders/<uuid:order_id>/payments", access=requires(Permission.ORDERS_READ), errors=(OrderNotFound,))
def list_any_payments(order_id: UUID) -> PaymentList:
    """List the payments of any order."""
    order_queries.show(order_id, order_queries.everyones())
    return PaymentList(
        items=[PaymentOut.of(payment, for_staff=True) for payment in session.scalars(service.of_order(order_id))]
    )


@routes.query("/payments/<uuid:payment_id>", access=requires(Permission.ORDERS_READ), errors=(PaymentNotFound,))
def show_payment(payment_id: UUID) -> PaymentStory:
    """Show a payment with all that was asked of it."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise PaymentNotFound()
    asked = select(Operation).where(Operation.payment_id == payment_id).order_by(Operation.id)
    disputed = select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.id)
    return PaymentStory(
        payment=PaymentOut.of(payment, for_staff=True),
        operations=[OperationOut.of(operation, payment.currency) for operation in session.scalars(asked)],
        disputes=[DisputeOut.of(dispute, payment.currency) for dispute in session.scalars(disputed)],
    )


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/capture", access=requires(Permission.ORDERS_CAPTURE),
    errors=(
        PaymentNotFound, PaymentClosed, OperationUnderWay, TooMuch, ProviderDisagrees, ProviderRefused, UnknownProvider,
    ),
)  # fmt: skip
def capture_payment(payment_id: UUID, body: CapturePayment) -> PaymentOut:
    """Take the money that a payment has reserved, all or part; a part may be followed by others."""
    return _performed(
        payment_id, lambda payment: operations.begin_capture(payment, body.amount, is_final=body.is_final)
    )


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/void", access=requires(Permission.ORDERS_CAPTURE),
    errors=(PaymentNotFound, PaymentClosed, OperationUnderWay, ProviderDisagrees, ProviderRefused, UnknownProvider),
)  # fmt: skip
def void_payment(payment_id: UUID) -> PaymentOut:
    """Let go of the money that a payment has reserved."""
    return _performed(payment_id, lambda payment: operations.begin_void(payment, "By staff.", by_route=True))


def _performed(payment_id: UUID, begin: Callable[[Payment], Operation | None]) -> PaymentOut:
    operation = atomically(lambda: begin(service.lock(payment_id)[1]))
    if operation is not None:
        work.perform(operation.id)
    with reading():
        return PaymentOut.of(session.get_one(Payment, payment_id), for_staff=True)


@routes.phased(
    "POST", "/payments/<uuid:payment_id>/refunds", access=requires(Permission.ORDERS_REFUND), status=201,
    errors=(PaymentNotFound, PaymentClosed, TooMuch, ProviderDisagrees, ProviderRefused, UnknownProvider),
)  # fmt: skip
def refund_payment(payment_id: UUID, body: RefundPayment) -> OperationOut:
    """Give money back, all or part."""

    def begin() -> tuple[Operation, str]:
        _, payment = service.lock(payment_id)
        return operations.begin_refund(payment, body.amount, body.reason), payment.currency

    refund, currency = atomically(begin)
    return OperationOut.of(work.perform(refund.id), currency)


@routes.query("/payment-issues", access=requires(Permission.ORDERS_READ), errors=(InvalidCursor,))
def list_payment_issues(query: ListIssues) -> Page[IssueOut]:
    """List what about money only people can decide, newest first."""
    purpose = f"payment-issues:{query.open}"
    found = paging.keyset(
        issues.listed(is_open=query.open), [(Issue.id, False)], purpose=purpose, limit=query.limit, cursor=query.cursor
    )
    rows, cursor = paging.cut(
        session.scalars(found).all(), purpose=purpose, limit=query.limit, values=lambda issue: [issue.id]
    )
    return Page(items=[IssueOut.of(issue) for issue in rows], next_cursor=cursor)


@routes.query("/payment-issues/<uuid:issue_id>", access=requires(Permission.ORDERS_READ), errors=(IssueNotFound,))
def show_payment_issue(issue_id: UUID) -> IssueOut:
    """Show an issue with all that is known of it."""
    return IssueOut.of(issues.show(issue_id))


@routes.command(
    "POST", "/payment-issues/<uuid:issue_id>/resolve", access=requires(Permission.ORDERS_REFUND),
    if_match=IfMatch.HONOURED, errors=(IssueNotFound, IssueResolved),
)  # fmt: skip
def resolve_payment_issue(issue_id: UUID, body: ResolveIssue) -> IssueOut:
    """Say what was done about an issue; the same trouble seen again becomes a new one."""
    return IssueOut.of(issues.resolve(issue_id, body.resolution))
