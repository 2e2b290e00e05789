"""A customer's saved means of payment."""

from uuid import UUID

from shopwright.commerce.payments import methods, work
from shopwright.commerce.payments.errors import (
    MethodDeclined,
    PaymentMethodNotFound,
    ProviderUnavailable,
    UnknownProvider,
)
from shopwright.commerce.payments.models import PaymentMethod
from shopwright.commerce.payments.provider import MethodOutcome, NoAnswer, Refused
from shopwright.commerce.payments.schemas import MethodList, MethodOut, SaveMethod
from shopwright.kit.access import Customer
from shopwright.kit.db import session
from shopwright.kit.http import Routes
from shopwright.kit.logging import get
from shopwright.kit.transaction import atomically

routes = Routes("payments")
log = get("payments")


@routes.query("/me/payment-methods", access=Customer)
def list_payment_methods() -> MethodList:
    """List your saved means of payment."""
    return MethodList(items=[MethodOut.of(method) for method in session.scalars(methods.of_customer())])


@routes.phased(
    "POST", "/me/payment-methods", access=Customer, status=201,
    errors=(MethodDeclined, ProviderUnavailable, UnknownProvider),
)  # fmt: skip
def save_payment_method(body: SaveMethod) -> MethodOut:
    """Save a means of payment without paying.

    Where the bank wants a second step, take it and then ask `POST /v1/me/payment-methods/{id}/confirm`.
    """
    with work.reaching(body.provider):
        method = atomically(lambda: methods.begin(body.provider))
        try:
            told = work.ask(
                body.provider,
                lambda it: it.save_method(method.id, method.customer_id, method.customer_ref or None, body.token),
            )
        except NoAnswer as fault:
            raise ProviderUnavailable() from fault
        except Refused as fault:
            atomically(lambda: methods.give_up(method.id))
            raise MethodDeclined(reason=fault.code) from fault
        return _noted(method, told)


@routes.phased(
    "POST", "/me/payment-methods/<uuid:method_id>/confirm", access=Customer,
    errors=(PaymentMethodNotFound, MethodDeclined, ProviderUnavailable, UnknownProvider),
)  # fmt: skip
def confirm_payment_method(method_id: UUID) -> MethodOut:
    """Ask the provider whether the second step was taken."""
    method = atomically(lambda: methods.waiting(method_id))
    if method.saved_at is not None:
        return MethodOut.of(method)
    try:
        told = work.ask(method.provider, lambda it: it.look_up_method(method.setup_ref))
    except NoAnswer as fault:
        raise ProviderUnavailable() from fault
    except Refused as fault:
        raise MethodDeclined(reason=fault.code) from fault
    return _noted(method, told)


def _noted(method: PaymentMethod, told: MethodOutcome) -> MethodOut:
    kept = atomically(lambda: methods.note_setup(method.id, told.provider_ref, told.method))
    if told.decline_code and kept.saved_at is None:
        atomically(lambda: methods.give_up(method.id))
        raise MethodDeclined(reason=told.decline_code)
    return MethodOut.of(kept, told.action_url, told.client_secret)


@routes.phased("DELETE", "/me/payment-methods/<uuid:method_id>", access=Customer, errors=(PaymentMethodNotFound,))
def remove_payment_method(method_id: UUID) -> None:
    """Remove a saved means of payment, here at once and at the provider as soon as it answers."""
    method = atomically(lambda: methods.remove(method_id))
    try:
        work.ask(method.provider, lambda it: it.forget_method(methods.as_saved(method)))
    except (NoAnswer, Refused, UnknownProvider) as fault:
        # Without our row nobody can charge it any more, so the customer need not wait.
        log.warning("provider did not forget a method", method_id=str(method.id), reason=repr(fault))
