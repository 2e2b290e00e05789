"""What can be done with a cart. Whoever changes one holds its row locked, so its lines need no locks of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from shopwright.commerce.accounts import addresses
from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.cart import queries
from shopwright.commerce.cart.errors import (
    CartClosed,
    CartNotFound,
    CodeNotEntered,
    CountryNotServed,
    LocaleNotSpoken,
    NotForSale,
    ShippingMethodNotOffered,
)
from shopwright.commerce.cart.events import CartMerged
from shopwright.commerce.cart.models import MOST_CODES, MOST_LINES, MOST_OF_ONE, Cart, State
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine
from shopwright.commerce.taxes import vat_ids
from shopwright.commerce.taxes.provider import Taxable
from shopwright.kit import clock, conditional, ids, principal
from shopwright.kit.db import session
from shopwright.kit.errors import Busy
from shopwright.kit.events import emit

ATTEMPTS = 3


def open_cart(channel_code: str, locale: str | None) -> tuple[Cart, str | None]:
    """A new cart with its token for a guest; for a customer the open cart that they have in this channel, or a new one.

    Raises `UnknownChannel` and `LocaleNotSpoken`.
    """
    channel = channels.by_code(channel_code)
    if locale is not None and locale not in channel.locales:
        raise LocaleNotSpoken()
    spoken = locale or channel.default_locale
    customer_id = principal.current().customer_id
    if customer_id is not None:
        return _cart_of_customer(customer_id, channel.id, spoken), None
    token = ids.secret_token()
    cart = Cart(id=ids.new(), channel_id=channel.id, locale=spoken, token_hash=ids.hashed(token), lines=[])
    session.add(cart)
    session.flush()
    return cart, token


def _cart_of_customer(customer_id: UUID, channel_id: UUID, locale: str) -> Cart:
    for _ in range(ATTEMPTS):
        if cart := _open_cart_of(customer_id, channel_id, locale):
            return cart
    raise Busy()


def _open_cart_of(customer_id: UUID, channel_id: UUID, locale: str) -> Cart | None:
    """None when the cart that was open became an order while its lock was waited for."""
    now = clock.now()
    # Two devices may ask at once: the unique index lets one insert, and both read the same row.
    session.execute(
        insert(Cart)
        .values(
            id=ids.new(), customer_id=customer_id, channel_id=channel_id, locale=locale, state=State.OPEN,
            created_at=now, changed_at=now, version=1,
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return session.scalars(
        select(Cart)
        .where(Cart.customer_id == customer_id, Cart.channel_id == channel_id, Cart.state == State.OPEN)
        .options(selectinload(Cart.lines))
        .with_for_update(of=Cart)
        .execution_options(populate_existing=True)
    ).one_or_none()


def lock(cart_id: UUID) -> Cart:
    """The caller's cart, locked, whatever its state. Raises `CartNotFound`."""
    cart = session.scalar(queries.mine(cart_id).with_for_update(of=Cart).execution_options(populate_existing=True))
    if cart is None:
        raise CartNotFound()
    return cart


def lock_open(cart_id: UUID) -> Cart:
    """The caller's open cart, locked. Raises `CartNotFound`, `CartClosed`, and `PreconditionFailed` for a stale edit."""
    cart = lock(cart_id)
    if cart.state != State.OPEN:
        raise CartClosed()
    conditional.check(cart.version)
    return cart


def add_item(cart_id: UUID, variant_id: UUID, quantity: int) -> Cart:
    """Put a variant in the cart. Stock is only promised at checkout.

    Raises `NotForSale` and `CartFull` beside what `lock_open` raises.
    """
    cart = lock_open(cart_id)
    cart.put(variant_id, quantity, _price_of(cart, variant_id))
    session.flush()
    return cart


def set_quantity(cart_id: UUID, item_id: UUID, quantity: int) -> Cart:
    """Have this many of an item. Raises `ItemNotInCart`, `NotForSale`, `CartFull` beside what `lock_open` raises."""
    cart = lock_open(cart_id)
    line = cart.line(item_id)
    line.count(quantity, _price_of(cart, line.variant_id))
    cart.touch()
    session.flush()
    return cart


def remove_item(cart_id: UUID, item_id: UUID) -> Cart:
    """Take an item out. Raises `ItemNotInCart` beside what `lock_open` raises."""
    cart = lock_open(cart_id)
    cart.lines.remove(cart.line(item_id))
    cart.touch()
    session.flush()
    return cart


def enter_code(cart_id: UUID, code: str) -> Cart:
    """Keep a code in the cart, whether or not it gives anything yet: the quote says which does and why another does not.

    Raises `TooManyCodes` beside what `lock_open` raises.
    """
    cart = lock_open(cart_id)
    cart.enter(code.strip().upper())
    session.flush()
    return cart


def remove_code(cart_id: UUID, code: str) -> Cart:
    """Raises `CodeNotEntered` beside what `lock_open` raises."""
    cart = lock_open(cart_id)
    if code.strip().upper() not in cart.codes:
        raise CodeNotEntered()
    cart.codes = [each for each in cart.codes if each != code.strip().upper()]
    cart.touch()
    session.flush()
    return cart


def choose_gifts(cart_id: UUID, variant_ids: Sequence[UUID]) -> Cart:
    """Which gifts the shopper wants, where a promotion lets them choose. Raises what `lock_open` raises."""
    cart = lock_open(cart_id)
    cart.chosen_gifts = list(dict.fromkeys(variant_ids))
    cart.touch()
    session.flush()
    return cart


def _price_of(cart: Cart, variant_id: UUID) -> int:
    one = BasketLine(line_id=variant_id, variant_id=variant_id, quantity=1)
    found = pricing.quote(Basket(channel_id=cart.channel_id, locale=cart.locale, lines=(one,))).lines
    if not found:
        raise NotForSale()
    return found[0].unit_price.amount


def change_cart(cart_id: UUID, changes: Mapping[str, Any]) -> Cart:
    """Set e-mail, addresses, VAT id, shipping method or locale; `accept_prices` takes today's prices as seen.

    Raises `AddressNotValid`, `CountryNotServed`, `ShippingMethodNotOffered`, `LocaleNotSpoken`, `VatIdNotValid` beside
    what `lock_open` raises.
    """
    cart = lock_open(cart_id)
    channel = channels.get(cart.channel_id)
    for name in ("email", "shipping_method_id"):
        if name in changes:
            setattr(cart, name, changes[name])
    if changes.get("locale") is not None:
        if changes["locale"] not in channel.locales:
            raise LocaleNotSpoken()
        cart.locale = changes["locale"]
    for name in ("shipping_address", "billing_address"):
        if name in changes:
            setattr(cart, name, _stored(changes[name], at=f"/{name}"))
    if "vat_id" in changes:
        cart.vat_id = vat_ids.checked(changes["vat_id"], "/vat_id") if changes["vat_id"] else None
    shipped_to = queries.shipping_address_of(cart)
    if shipped_to is not None and shipped_to.country_code not in channel.countries:
        raise CountryNotServed(country=shipped_to.country_code)
    _keep_only_an_offered_method(cart, chosen_now="shipping_method_id" in changes)
    if changes.get("accept_prices"):
        accept_prices(cart)
    cart.touch()
    session.flush()
    return cart


def _stored(address: Address | None, at: str) -> dict[str, Any] | None:
    if address is None:
        return None
    stored: dict[str, Any] = msgspec.to_builtins(addresses.checked(address, at))
    return stored


def _keep_only_an_offered_method(cart: Cart, *, chosen_now: bool) -> None:
    if cart.shipping_method_id is None:
        return
    if cart.shipping_method_id in {offer.method_id for offer in queries.shipping_offers(cart)}:
        return
    if chosen_now:
        raise ShippingMethodNotOffered()
    # The address has moved out of the method's reach: the shopper chooses again.
    cart.shipping_method_id = None


def accept_prices(cart: Cart) -> None:
    """Take today's prices as what the shopper has seen."""
    seen = {line.line_id: line.unit_price.amount for line in pricing.quote(queries.basket_of(cart)).lines}
    for line in cart.lines:
        line.seen_amount = seen.get(line.id, line.seen_amount)


def claim(cart_id: UUID) -> Cart:
    """Make a guest's cart the signed-in customer's, and end its token.

    Same variants are added up to the limit of one line, new ones fill the cart up to its limit, and e-mail, addresses,
    VAT id and method are taken over where the customer's cart has none. Asked again, it answers with the customer's cart.
    Raises `CartNotFound` without the cart's token, `CartClosed` when it was ordered.
    """
    customer_id = principal.current().customer_id
    guest = lock(cart_id)
    if customer_id is None:
        raise CartNotFound()
    if guest.customer_id == customer_id:
        is_merged = guest.state == State.MERGED
        return _cart_of_customer(customer_id, guest.channel_id, guest.locale) if is_merged else guest
    if guest.state != State.OPEN:
        raise CartClosed()
    own = _cart_of_customer(customer_id, guest.channel_id, guest.locale)
    for line in guest.lines:
        held = next((mine.quantity for mine in own.lines if mine.variant_id == line.variant_id), 0)
        quantity = min(line.quantity, MOST_OF_ONE - held)
        if quantity > 0 and (held or len(own.lines) < MOST_LINES):
            own.put(line.variant_id, quantity, line.seen_amount)
    for name in ("email", "shipping_address", "billing_address", "vat_id", "shipping_method_id"):
        if getattr(own, name) is None:
            setattr(own, name, getattr(guest, name))
    own.codes = list(dict.fromkeys([*own.codes, *guest.codes]))[:MOST_CODES]
    own.chosen_gifts = own.chosen_gifts or guest.chosen_gifts
    guest.move_to(State.MERGED)
    guest.token_hash = None
    # Whose it became, so that the same question gets the same answer without the token.
    guest.customer_id = customer_id
    own.touch()
    session.flush()
    emit(CartMerged(cart_id=guest.id, into_cart_id=own.id))
    return own


def taxes_to_ask(cart_id: UUID) -> Taxable | None:
    """What the tax service must be asked before this cart can be ordered. Raises `CartNotFound`, `CartClosed`."""
    cart = session.scalar(queries.mine(cart_id))
    if cart is None:
        raise CartNotFound()
    if cart.state != State.OPEN:
        raise CartClosed()
    return pricing.taxes_to_ask(queries.basket_of(cart))
