"""A cart as it stands, read in one statement with its lines and, where it is shown, with the stock for them.

Everything that happens to carts is hot, so nothing is loaded as an object.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    LargeBinary,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.cart.errors import CartNotFound, ItemNotInCart
from shopwright.commerce.cart.models import Cart, CartLine, State
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory.statements import available_in
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.promotions import buyers
from shopwright.kit import clock, principal
from shopwright.kit.db import as_json, as_object, table_of
from shopwright.kit.prepared import Prepared


class Line(Struct, frozen=True, kw_only=True):
    """So many of a variant, and what one cost when the shopper last touched the line."""

    line_id: UUID
    variant_id: UUID
    quantity: int
    seen_amount: int


class Stock(Struct, frozen=True):
    variant_id: UUID
    available: int


class HeldCart(Struct, frozen=True, kw_only=True):
    """A cart. One that is held to be changed is locked until the transaction ends.

    `stock` is what a buyer could have now of what is in it, where that was asked for; what is missing there is not kept
    anywhere. `countries` and `locales` are its channel's.
    """

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
    lines: tuple[Line, ...]
    stock: tuple[Stock, ...] = ()
    countries: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()

    @property
    def basket(self) -> Basket:
        address = self.shipping_address
        return Basket(
            channel_id=self.channel_id, locale=self.locale,
            lines=tuple([
                BasketLine(line_id=line.line_id, variant_id=line.variant_id, quantity=line.quantity)
                for line in self.lines
            ]),
            country=address.country_code if address else None,
            region=(address.country_area or None) if address else None,
            city=address.city if address else None, postal_code=address.postal_code if address else None,
            vat_id=self.vat_id,
            shipping_method_id=self.shipping_method_id, customer_id=self.customer_id,
            buyer_keys=buyers.keys_of(self.customer_id, self.email, address), codes=self.codes,
            chosen_gifts=self.chosen_gifts,
        )  # fmt: skip

    def line(self, item_id: UUID) -> Line:
        """Raises `ItemNotInCart`."""
        for line in self.lines:
            if line.line_id == item_id:
                return line
        raise ItemNotInCart()


_carts, _lines, _channels = table_of(Cart), table_of(CartLine), table_of(Channel)
ID = bindparam("cart_id", type_=Uuid())
_TOKEN, _CUSTOMER = bindparam("token", type_=LargeBinary), bindparam("customer", type_=Uuid())
#: A guest's cart by its token, a customer's by who they are; there are no others.
OWN = or_(and_(_carts.c.customer_id.is_(None), _carts.c.token_hash == _TOKEN), _carts.c.customer_id == _CUSTOMER)
_LINES = (
    select(_lines.c.id.label("line_id"), _lines.c.variant_id, _lines.c.quantity, _lines.c.seen_amount)
    .where(_lines.c.cart_id == ID)
    .order_by(_lines.c.id)
)
_seen = _carts.alias("seen")
_BEFORE = select(_seen.c.version).where(_seen.c.id == ID).scalar_subquery()
_CHANNEL = select(_seen.c.channel_id).where(_seen.c.id == ID).scalar_subquery()
_WHOLE = {name: _carts.c[name] for name in HeldCart.__struct_fields__ if name in _carts.c} | {
    "version_before": _BEFORE, "lines": as_json(_LINES),
}  # fmt: skip
# Of what lies in the cart, and of what is about to.
_more = func.unnest(bindparam("more", type_=ARRAY(Uuid()))).column_valued("more")
_VARIANTS = func.array(
    union_all(select(_lines.c.variant_id).where(_lines.c.cart_id == ID), select(_more)).scalar_subquery()
)
_STOCK = available_in(_CHANNEL, _VARIANTS, bindparam("now", type_=DateTime(timezone=True)))
_SHOWN = _WHOLE | {"stock": as_json(_STOCK), "countries": _channels.c.countries, "locales": _channels.c.locales}


def _shown(*whose: ColumnElement[bool]) -> Select[*tuple[str]]:
    return select(as_object(**_SHOWN)).join_from(_carts, _channels).where(_carts.c.id == ID, *whose)


_FOR_ORDER = Prepared(select(as_object(**_WHOLE)).where(_carts.c.id == ID, OWN).with_for_update(of=_carts))
_FOR_CHANGE = Prepared(_shown(OWN).with_for_update(of=_carts))
_TO_SHOW, _TO_SHOW_ANYONES = Prepared(_shown(OWN)), Prepared(_shown())

_decoder = msgspec.json.Decoder(HeldCart)


def for_order(cart_id: UUID) -> HeldCart:
    """The caller's cart with its lines, locked, whatever its state. Raises `CartNotFound`."""
    return _held(_FOR_ORDER, asked_of(cart_id))


def for_change(cart_id: UUID, *more: UUID) -> HeldCart:
    """The caller's cart, locked, whatever its state; with the stock for its lines and for these variants.

    Raises `CartNotFound`.
    """
    return _held(_FOR_CHANGE, asked_of(cart_id) | {"more": more, "now": clock.now()})


def to_show(cart_id: UUID) -> HeldCart:
    """The caller's cart as it stands, with the stock for its lines. Raises `CartNotFound`."""
    return _read(_TO_SHOW, asked_of(cart_id) | {"more": (), "now": clock.now()})


def anyones(cart_id: UUID) -> HeldCart:
    """For staff, whose permission was asked. Raises `CartNotFound`."""
    return _read(_TO_SHOW_ANYONES, {"cart_id": cart_id, "more": (), "now": clock.now()})


def asked_of(cart_id: UUID) -> dict[str, object]:
    who = principal.current()
    return {"cart_id": cart_id, "token": who.cart_token, "customer": who.customer_id}


def _held(statement: Prepared, asked: Mapping[str, object]) -> HeldCart:
    cart = _read(statement, asked)
    if cart.version != cart.version_before:
        # The lock was waited for. What another committed meanwhile is in the cart's row, yet its lines are as they
        # were when the statement began; now that the row is ours, a second look finds both as they are.
        cart = _read(statement, asked)
    return cart


def _read(statement: Prepared, asked: Mapping[str, object]) -> HeldCart:
    found = statement.first(asked)
    if found is None:
        raise CartNotFound()
    return _decoder.decode(found[0])
