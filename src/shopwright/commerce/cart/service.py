"""What can be done with a cart. Whoever changes one holds its row locked, so its lines need no locks of their own.

Each change is answered with the cart as it then is and costs, made from what was read under the lock and what is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from msgspec.structs import replace

from shopwright.commerce.accounts import addresses
from shopwright.commerce.cart import held, queries, statements
from shopwright.commerce.cart.errors import (
    CartClosed,
    CartFull,
    CodeNotEntered,
    CountryNotServed,
    LocaleNotSpoken,
    NotForSale,
    ShippingMethodNotOffered,
    TooManyCodes,
)
from shopwright.commerce.cart.held import HeldCart, Line
from shopwright.commerce.cart.models import MOST_CODES, MOST_LINES, MOST_OF_ONE, State
from shopwright.commerce.cart.queries import PricedCart
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Quote
from shopwright.commerce.taxes import vat_ids
from shopwright.commerce.taxes.provider import Taxable
from shopwright.kit import clock, conditional, ids


def add_item(cart_id: UUID, variant_id: UUID, quantity: int) -> PricedCart:
    """Put a variant in the cart. Stock is only promised at checkout.

    Raises `NotForSale` and `CartFull` beside what `lock_open` raises.
    """
    cart = lock_open(cart_id, variant_id)
    for line in cart.lines:
        if line.variant_id == variant_id:
            return _put(cart, replace(line, quantity=line.quantity + quantity))
    if len(cart.lines) >= MOST_LINES:
        raise CartFull(f"A cart holds at most {MOST_LINES} different items.")
    return _put(cart, Line(line_id=ids.new(), variant_id=variant_id, quantity=quantity, seen_amount=0))


def set_quantity(cart_id: UUID, item_id: UUID, quantity: int) -> PricedCart:
    """Have this many of an item. Raises `ItemNotInCart`, `NotForSale`, `CartFull` beside what `lock_open` raises."""
    cart = lock_open(cart_id)
    return _put(cart, replace(cart.line(item_id), quantity=quantity))


def remove_item(cart_id: UUID, item_id: UUID) -> PricedCart:
    """Take an item out. Raises `ItemNotInCart` beside what `lock_open` raises."""
    cart = lock_open(cart_id)
    gone = cart.line(item_id)
    cart = _touched(cart, lines=tuple(line for line in cart.lines if line is not gone))
    statements.REMOVE.run({"cart_id": cart.id, "line_id": item_id, "now": clock.now()})
    return queries.priced(cart)


def enter_code(cart_id: UUID, code: str) -> PricedCart:
    """Keep a code in the cart, whether or not it gives anything yet: the quote says which does and why another does not.

    Raises `TooManyCodes` beside what `lock_open` raises.
    """
    cart = lock_open(cart_id)
    codes = dict.fromkeys([*cart.codes, code.strip().upper()])
    if len(codes) > MOST_CODES:
        raise TooManyCodes()
    return queries.priced(_changed(cart, codes=tuple(codes)))


def remove_code(cart_id: UUID, code: str) -> PricedCart:
    """Raises `CodeNotEntered` beside what `lock_open` raises."""
    cart, gone = lock_open(cart_id), code.strip().upper()
    if gone not in cart.codes:
        raise CodeNotEntered()
    return queries.priced(_changed(cart, codes=tuple(each for each in cart.codes if each != gone)))


def choose_gifts(cart_id: UUID, variant_ids: Sequence[UUID]) -> PricedCart:
    """Which gifts the shopper wants, where a promotion lets them choose. Raises what `lock_open` raises."""
    return queries.priced(_changed(lock_open(cart_id), chosen_gifts=tuple(dict.fromkeys(variant_ids))))


def change_cart(cart_id: UUID, changes: Mapping[str, Any]) -> PricedCart:
    """Set e-mail, addresses, VAT id, shipping method or locale; `accept_prices` takes today's prices as seen.

    Raises `AddressNotValid`, `CountryNotServed`, `ShippingMethodNotOffered`, `LocaleNotSpoken`, `VatIdNotValid` beside
    what `lock_open` raises.
    """
    cart = lock_open(cart_id)
    wanted = replace(cart, **_checked(cart, changes))
    quote = pricing.quote(wanted.basket)
    if wanted.shipping_method_id is not None and quote.shipping is None:
        if "shipping_method_id" in changes:
            raise ShippingMethodNotOffered()
        # The address has moved out of the method's reach: the shopper chooses again.
        wanted = replace(wanted, shipping_method_id=None)
        quote = pricing.quote(wanted.basket)
    if changes.get("accept_prices"):
        wanted = _seen(wanted, quote)
    return queries.priced(_changed(wanted), quote)


def _checked(cart: HeldCart, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the cart that change, as they are kept."""
    checked = {name: changes[name] for name in ("email", "shipping_method_id") if name in changes}
    if changes.get("locale") is not None:
        if changes["locale"] not in cart.locales:
            raise LocaleNotSpoken()
        checked["locale"] = changes["locale"]
    for name in ("shipping_address", "billing_address"):
        if name in changes:
            address = changes[name]
            checked[name] = None if address is None else addresses.checked(address, at=f"/{name}")
    if "vat_id" in changes:
        checked["vat_id"] = vat_ids.checked(changes["vat_id"], "/vat_id") if changes["vat_id"] else None
    shipped_to = checked.get("shipping_address", cart.shipping_address)
    if shipped_to is not None and shipped_to.country_code not in cart.countries:
        raise CountryNotServed(country=shipped_to.country_code)
    return checked


def _seen(cart: HeldCart, quote: Quote) -> HeldCart:
    """With today's prices as what the shopper has seen."""
    amounts = {line.line_id: line.unit_price.amount for line in quote.lines}
    lines = tuple(replace(line, seen_amount=amounts.get(line.line_id, line.seen_amount)) for line in cart.lines)
    statements.SEE.run({"line_ids": [line.line_id for line in lines], "amounts": [line.seen_amount for line in lines]})
    return replace(cart, lines=lines)


def lock_open(cart_id: UUID, *more: UUID) -> HeldCart:
    """The caller's open cart, locked. Raises `CartNotFound`, `CartClosed`, and `PreconditionFailed` for a stale edit."""
    cart = held.for_change(cart_id, *more)
    if cart.state != State.OPEN:
        raise CartClosed()
    conditional.check(cart.version)
    return cart


def _put(cart: HeldCart, line: Line) -> PricedCart:
    """The cart with this line instead of the one with its id, or beside the others."""
    if line.quantity > MOST_OF_ONE:
        raise CartFull(f"A cart holds at most {MOST_OF_ONE} pieces of one item.")
    lines = {each.line_id: each for each in cart.lines} | {line.line_id: line}
    quote = pricing.quote(replace(cart, lines=tuple(lines.values())).basket)
    shown = next((each for each in quote.lines if each.line_id == line.line_id), None)
    if shown is None:
        raise NotForSale()
    # The answer shows what one costs, so that is what the shopper has seen.
    lines[line.line_id] = line = replace(line, seen_amount=shown.unit_price.amount)
    statements.PUT.run(
        {
            "cart_id": cart.id, "id": line.line_id, "variant_id": line.variant_id, "quantity": line.quantity,
            "seen_amount": line.seen_amount, "now": clock.now(),
        }
    )  # fmt: skip
    return queries.priced(_touched(cart, lines=tuple(lines.values())), quote)


def _changed(cart: HeldCart, **changes: Any) -> HeldCart:
    """Write all of the cart itself, with these changes."""
    cart = _touched(cart, **changes)
    written = {name: getattr(cart, name) for name in statements.CHANGEABLE}
    for name in ("shipping_address", "billing_address"):
        written[name] = to_builtins(written[name])
    statements.CHANGE.run({"cart_id": cart.id, "now": clock.now(), **written})
    return cart


def _touched(cart: HeldCart, **changes: Any) -> HeldCart:
    """As the statement leaves it that writes these changes."""
    return replace(cart, version=cart.version + 1, **changes)


def taxes_to_ask(cart_id: UUID) -> Taxable | None:
    """What the tax service must be asked before this cart can be ordered. Raises `CartNotFound`, `CartClosed`."""
    cart = held.to_show(cart_id)
    if cart.state != State.OPEN:
        raise CartClosed()
    return pricing.taxes_to_ask(cart.basket)
