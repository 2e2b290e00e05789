"""A cart on its way to an order: held as it is, then closed."""

from uuid import UUID

from sqlalchemy import DateTime, bindparam, update

from shopwright.commerce.cart import held
from shopwright.commerce.cart.errors import CartClosed
from shopwright.commerce.cart.held import ID, HeldCart
from shopwright.commerce.cart.models import Cart, State
from shopwright.kit import clock
from shopwright.kit.db import table_of
from shopwright.kit.prepared import Prepared

_carts = table_of(Cart)
_CLOSE = Prepared(
    update(_carts)
    .where(_carts.c.id == ID)
    .values(
        state=State.ORDERED, changed_at=bindparam("now", type_=DateTime(timezone=True)), version=_carts.c.version + 1
    )
)


def hold(cart_id: UUID) -> HeldCart:
    """The caller's cart with its lines, locked, whatever its state. Raises `CartNotFound`."""
    return held.for_order(cart_id)


def close(cart: HeldCart) -> None:
    """The cart has become an order. Raises `CartClosed` for one that is not open."""
    if cart.state != State.OPEN:
        raise CartClosed()
    _CLOSE.run({"cart_id": cart.id, "now": clock.now()})
