"""Means of payment that customers have saved at a provider."""

from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.payments.errors import PaymentMethodNotFound
from shopwright.commerce.payments.models import Payment, PaymentMethod
from shopwright.commerce.payments.provider import SavedMethod
from shopwright.kit import clock, idempotency, ids, principal
from shopwright.kit.db import session


def of_customer() -> Select[PaymentMethod]:
    """The caller's own, saved and not removed."""
    return (
        select(PaymentMethod)
        .where(PaymentMethod.customer_id == principal.current().customer_id)
        .where(PaymentMethod.saved_at.is_not(None), PaymentMethod.removed_at.is_(None))
        .order_by(PaymentMethod.id)
    )


def mine(method_id: UUID, provider: str | None = None) -> PaymentMethod:
    """Raises `PaymentMethodNotFound`."""
    method = session.scalar(of_customer().where(PaymentMethod.id == method_id))
    if method is None or (provider is not None and method.provider != provider):
        raise PaymentMethodNotFound()
    return method


def customer_ref(customer_id: UUID | None, provider: str) -> str | None:
    """What the provider calls this customer, if it was ever told of them."""
    return session.scalar(
        select(PaymentMethod.customer_ref)
        .where(PaymentMethod.customer_id == customer_id, PaymentMethod.provider == provider)
        .where(PaymentMethod.customer_ref != "")
        .order_by(PaymentMethod.id.desc())
        .limit(1)
    )


def begin(provider: str) -> PaymentMethod:
    """Write down that the caller means to save a method; the repeat of a request goes on with what it began."""
    customer_id = principal.current().customer_id
    assert customer_id is not None
    scope = idempotency.current_scope(customer_id)
    if scope and (begun := session.scalar(select(PaymentMethod).where(PaymentMethod.request_scope == scope))):
        return begun
    method = PaymentMethod(
        id=ids.new(), customer_id=customer_id, provider=provider, request_scope=scope,
        customer_ref=customer_ref(customer_id, provider) or "",
    )  # fmt: skip
    session.add(method)
    session.flush()
    return method


def waiting(method_id: UUID) -> PaymentMethod:
    """The caller's method whose second step may have been taken. Raises `PaymentMethodNotFound`."""
    own = select(PaymentMethod).where(PaymentMethod.customer_id == principal.current().customer_id)
    method = session.scalar(own.where(PaymentMethod.id == method_id, PaymentMethod.removed_at.is_(None)))
    if method is None:
        raise PaymentMethodNotFound()
    return method


def note_setup(method_id: UUID, setup_ref: str, saved: SavedMethod | None) -> PaymentMethod:
    """Take what the provider says of a method that is being saved."""
    method = session.get_one(PaymentMethod, method_id, with_for_update=True, populate_existing=True)
    method.setup_ref = setup_ref or method.setup_ref
    if saved is not None and method.saved_at is None:
        _describe(method, saved)
    session.flush()
    return method


def give_up(method_id: UUID) -> None:
    """The provider declined: whoever repeats the request begins anew, perhaps with other means."""
    session.get_one(PaymentMethod, method_id).request_scope = None
    session.flush()


def keep(payment: Payment, customer_id: UUID | None, saved: SavedMethod) -> None:
    """The provider kept the means of a payment, as its buyer had asked. Told again, it is kept once."""
    if customer_id is None or not payment.saves_method or payment.method_id is not None:
        return
    method = PaymentMethod(id=ids.new(), customer_id=customer_id, provider=payment.provider)
    _describe(method, saved)
    session.add(method)
    session.flush()
    payment.method_id = method.id


def remove(method_id: UUID) -> PaymentMethod:
    """The caller wants it no more. Raises `PaymentMethodNotFound`."""
    method = mine(method_id)
    method.removed_at = clock.now()
    session.flush()
    return method


def _describe(method: PaymentMethod, saved: SavedMethod) -> None:
    method.provider_ref, method.customer_ref = saved.provider_ref, saved.customer_ref
    method.kind, method.brand = saved.kind[:40], saved.brand and saved.brand[:40]
    method.last4 = saved.last4 and saved.last4[-4:]
    method.expires_month, method.expires_year = saved.expires_month, saved.expires_year
    method.saved_at = clock.now()


def as_saved(method: PaymentMethod) -> SavedMethod:
    return SavedMethod(
        provider_ref=method.provider_ref, customer_ref=method.customer_ref, kind=method.kind, brand=method.brand,
        last4=method.last4, expires_month=method.expires_month, expires_year=method.expires_year,
    )  # fmt: skip
