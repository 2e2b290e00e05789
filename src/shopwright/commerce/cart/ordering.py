"""A cart on its way to an order: held as it is, then closed. The hottest write, so nothing is loaded as an object."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import DateTime, LargeBinary, Uuid, and_, bindparam, or_, select, update

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.cart.errors import CartClosed, CartNotFound
from shopwright.commerce.cart.models import Cart, CartLine, State
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.promotions import buyers
from shopwright.kit import clock, principal
from shopwright.kit.db import as_json, as_object, table_of
from shopwright.kit.prepared import Prepared


class HeldCart(Struct, frozen=True, kw_only=True):
    """The caller's cart, locked until the transaction ends."""

    id: UUID
    channel_id: UUID
    customer_id: UUID | None
    state: State
    locale: str
    email: str | None
    shipping_address: Address | None
    billing_address: Address | None
    vat_id: str | None
    shipping_method_id: UUID | None
    codes: tuple[str, ...]
    chosen_gifts: tuple[UUID, ...]
    version: int
    version_before: int
    lines: tuple[BasketLine, ...]

    @property
    def basket(self) -> Basket:
        address = self.shipping_address
        return Basket(
            channel_id=self.channel_id, locale=self.locale, lines=self.lines,
            country=address.country_code if address else None,
            region=(address.country_area or None) if address else None,
            city=address.city if address else None, postal_code=address.postal_code if address else None,
            vat_id=self.vat_id,
            shipping_method_id=self.shipping_method_id, customer_id=self.customer_id,
            buyer_keys=buyers.keys_of(self.customer_id, self.email, address), codes=self.codes,
            chosen_gifts=self.chosen_gifts,
        )  # fmt: skip


_carts, _lines = table_of(Cart), table_of(CartLine)
_ID = bindparam("cart_id", type_=Uuid())
_TOKEN, _CUSTOMER = bindparam("token", type_=LargeBinary), bindparam("customer", type_=Uuid())
_OWN = or_(and_(_carts.c.customer_id.is_(None), _carts.c.token_hash == _TOKEN), _carts.c.customer_id == _CUSTOMER)
_LINES = (
    select(_lines.c.id.label("line_id"), _lines.c.variant_id, _lines.c.quantity)
    .where(_lines.c.cart_id == _ID)
    .order_by(_lines.c.id)
)
_seen = _carts.alias("seen")
_BEFORE = select(_seen.c.version).where(_seen.c.id == _ID).scalar_subquery()
_SHOWN = {name: _carts.c[name] for name in HeldCart.__struct_fields__ if name in _carts.c}
_HOLD = Prepared(
    select(as_object(**_SHOWN, version_before=_BEFORE, lines=as_json(_LINES)))
    .where(_carts.c.id == _ID, _OWN)
    .with_for_update(of=_carts)
)
_CLOSE = Prepared(
    update(_carts)
    .where(_carts.c.id == _ID)
    .values(
        state=State.ORDERED, changed_at=bindparam("now", type_=DateTime(timezone=True)), version=_carts.c.version + 1
    )
)

_decoder = msgspec.json.Decoder(HeldCart)


def hold(cart_id: UUID) -> HeldCart:
    """The caller's cart with its lines, locked, whatever its state. Raises `CartNotFound`."""
    who = principal.current()
    asked = {"cart_id": cart_id, "token": who.cart_token, "customer": who.customer_id}
    cart = _hold(asked)
    if cart.version != cart.version_before:
        # The lock was waited for. What another committed meanwhile is in the cart's row, yet its lines are as they
        # were when the statement began; now that the row is ours, a second look finds both as they are.
        cart = _hold(asked)
    return cart


def _hold(asked: Mapping[str, object]) -> HeldCart:
    found = _HOLD.first(asked)
    if found is None:
        raise CartNotFound()
    return _decoder.decode(found[0])


def close(cart: HeldCart) -> None:
    """The cart has become an order. Raises `CartClosed` for one that is not open."""
    if cart.state != State.OPEN:
        raise CartClosed()
    _CLOSE.run({"cart_id": cart.id, "now": clock.now()})
