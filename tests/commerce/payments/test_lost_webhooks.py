"""What the provider did while none of its webhooks came."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shopwright.commerce.books.models import Account
from shopwright.commerce.payments import operations, reconciliation, service, work
from shopwright.commerce.payments.errors import ProviderRefused
from shopwright.commerce.payments.models import State
from shopwright.kit import clock
from shopwright.kit.transaction import transaction
from tests.commerce.payments import believing as it
from tests.paying import Psp, said
from tests.shopping import Buyer, Shop


@pytest.fixture
def reserved(buyer: Buyer, shop: Shop) -> UUID:
    """The payment of an order whose total is reserved."""
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    return UUID(buyer.pays(capture=False)["id"])


def captured(provider: Psp, payment_id: UUID) -> dict[str, Any]:
    """By hand at the provider, and nobody hears of it."""
    payment = provider.payment(str(payment_id))
    said(provider.captures(payment, payment["amount"]), 200)
    return payment


def test_what_was_captured_and_given_back_by_hand_is_put_right_in_one_reconciliation(
    provider: Psp, buyer: Buyer, reserved: UUID
) -> None:
    payment = captured(provider, reserved)
    said(provider.refunds(payment, 300), 201)
    now = clock.now()
    reconciliation.reconcile("development", now - timedelta(hours=1), now + timedelta(hours=1))
    ours = it.payment(reserved)
    assert (ours.state, ours.captured_amount, ours.refunded_amount) == (State.CAPTURED, payment["amount"], 300)
    assert it.balances(buyer)[Account.CAPTURED] == payment["amount"] - 300
    # The provider is shared with other tests, whose payments are strangers here.
    assert [kind for kind in it.issue_kinds() if not kind.startswith("unknown-")] == []


def test_a_refusal_that_shows_us_to_be_behind_has_us_look(provider: Psp, buyer: Buyer, reserved: UUID) -> None:
    payment = captured(provider, reserved)
    with transaction():
        void = operations.begin_void(service.lock(reserved)[1], "By staff.")
    assert void is not None
    with pytest.raises(ProviderRefused):
        work.perform(void.id)
    assert it.payment(reserved).captured_amount == payment["amount"]
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
