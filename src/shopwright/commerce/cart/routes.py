from uuid import UUID

from shopwright.commerce.accounts.errors import AddressNotValid
from shopwright.commerce.cart import owning, queries, service
from shopwright.commerce.cart.errors import (
    CartClosed,
    CartFull,
    CartNotFound,
    CodeNotEntered,
    CountryNotServed,
    ItemNotInCart,
    LocaleNotSpoken,
    NotForSale,
    ShippingMethodNotOffered,
    TooManyCodes,
)
from shopwright.commerce.cart.schemas import (
    AddItem,
    CartOut,
    ChangeCart,
    ChangeItem,
    ChooseGifts,
    EnterCode,
    OpenCart,
    ShippingOffers,
)
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.taxes import answers, asking
from shopwright.commerce.taxes.errors import TaxServiceNotUnderstood, TaxServiceUnavailable, VatIdNotValid
from shopwright.kit.access import Anyone, Customer
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.ratelimit import Limit
from shopwright.kit.transaction import atomically, steadily
from shopwright.kit.wire import changes_in
from shopwright.settings import Settings

routes = Routes("cart")


def guesses(settings: Settings) -> Limit:
    """By the address that asks."""
    return Limit("codes", settings.codes_per_minute, 60)


def questions(settings: Settings) -> Limit:
    """By the address that asks: each may cost the shop something."""
    return Limit("taxes", settings.tax_questions_per_minute, 60)


@routes.command(
    "POST", "/carts", access=Anyone, status=201, needs_strong_key=True, errors=(UnknownChannel, LocaleNotSpoken)
)
def open_cart(body: OpenCart) -> CartOut:
    """Open a cart.

    A guest gets the cart's `token` and sends it as `Cart-Token` from then on; without it the cart is not there.
    A signed-in customer gets the open cart that they have in this channel, or a new one, and needs no token.
    """
    cart, token = owning.open_cart(body.channel, body.locale)
    return CartOut.of(cart, token)


@routes.query("/carts/<uuid:cart_id>", access=Anyone, errors=(CartNotFound,))
def show_cart(cart_id: UUID) -> CartOut:
    """Show a cart with today's prices, and with notices where price or stock is no longer what it was."""
    return CartOut.of(queries.show(cart_id))


@routes.command(
    "PATCH", "/carts/<uuid:cart_id>", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(
        CartNotFound, CartClosed, AddressNotValid, CountryNotServed, ShippingMethodNotOffered, LocaleNotSpoken, VatIdNotValid,
    ),
)  # fmt: skip
def change_cart(cart_id: UUID, body: ChangeCart) -> CartOut:
    """Set e-mail, addresses, VAT id and shipping method, in any order.

    A VAT id is checked in its form, by the rules of its country. A business of another EU country that has goods sent to
    another EU country pays no tax to the shop: `reverse_charge` says so.
    """
    return CartOut.of(service.change_cart(cart_id, changes_in(body)))


@routes.command(
    "POST", "/carts/<uuid:cart_id>/items", access=Anyone, if_match=IfMatch.HONOURED, status=201,
    errors=(CartNotFound, CartClosed, CartFull, NotForSale),
)  # fmt: skip
def add_item(cart_id: UUID, body: AddItem) -> CartOut:
    """Add an item to a cart."""
    return CartOut.of(service.add_item(cart_id, body.variant_id, body.quantity))


@routes.command(
    "PATCH", "/carts/<uuid:cart_id>/items/<uuid:item_id>", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(CartNotFound, CartClosed, CartFull, NotForSale, ItemNotInCart),
)  # fmt: skip
def change_item(cart_id: UUID, item_id: UUID, body: ChangeItem) -> CartOut:
    """Set how many of an item are wanted."""
    return CartOut.of(service.set_quantity(cart_id, item_id, body.quantity))


@routes.command(
    "DELETE", "/carts/<uuid:cart_id>/items/<uuid:item_id>", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(CartNotFound, CartClosed, ItemNotInCart),
)  # fmt: skip
def remove_item(cart_id: UUID, item_id: UUID) -> CartOut:
    """Take an item out of a cart."""
    return CartOut.of(service.remove_item(cart_id, item_id))


@routes.command(
    "POST", "/carts/<uuid:cart_id>/codes", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(CartNotFound, CartClosed, TooManyCodes), limit=guesses,
)  # fmt: skip
def enter_code(cart_id: UUID, body: EnterCode) -> CartOut:
    """Enter the code of a promotion.

    It stays in the cart whether or not it gives anything now: `refusals` say which code does not, and why. The amount that
    is missing may come later. Nobody may try many in a short time.
    """
    return CartOut.of(service.enter_code(cart_id, body.code))


@routes.command(
    "DELETE", "/carts/<uuid:cart_id>/codes/<code>", access=Anyone, if_match=IfMatch.HONOURED,
    errors=(CartNotFound, CartClosed, CodeNotEntered),
)  # fmt: skip
def remove_code(cart_id: UUID, code: str) -> CartOut:
    """Remove a code from a cart."""
    return CartOut.of(service.remove_code(cart_id, code))


@routes.command(
    "PUT", "/carts/<uuid:cart_id>/gifts", access=Anyone, if_match=IfMatch.HONOURED, errors=(CartNotFound, CartClosed)
)
def choose_gifts(cart_id: UUID, body: ChooseGifts) -> CartOut:
    """Choose the gifts that are wanted, of those that a promotion offers: `refusals` of the kind `gift-not-chosen` list them."""
    return CartOut.of(service.choose_gifts(cart_id, body.variant_ids))


@routes.query("/carts/<uuid:cart_id>/shipping-methods", access=Anyone, errors=(CartNotFound,))
def list_shipping_methods(cart_id: UUID) -> ShippingOffers:
    """List how this cart may be shipped, and for how much."""
    return ShippingOffers(items=queries.shipping_offers(cart_id))


@routes.phased(
    "POST", "/carts/<uuid:cart_id>/taxes", access=Anyone,
    errors=(CartNotFound, CartClosed, TaxServiceUnavailable, TaxServiceNotUnderstood), limit=questions,
)  # fmt: skip
def ask_taxes(cart_id: UUID) -> CartOut:
    """Have the taxes of a cart worked out, where a tax service does that.

    Call it when `taxes_needed` is true, which it is again after every change of the cart, and an hour later. In a channel
    with tax rates of its own it does nothing.
    """
    question = steadily(lambda: service.taxes_to_ask(cart_id))
    if question is not None:
        answer = asking.ask(question)
        atomically(lambda: answers.keep(question, answer))
    return steadily(lambda: CartOut.of(queries.show(cart_id)))


@routes.command("POST", "/carts/<uuid:cart_id>/claim", access=Customer, errors=(CartNotFound, CartClosed))
def claim_cart(cart_id: UUID) -> CartOut:
    """Make a guest's cart the signed-in customer's.

    Send the access token and the `Cart-Token`. Items are merged into the customer's cart: same variants add up, and
    the guest's e-mail, addresses and method are taken over where the customer's cart has none. The token ends.
    """
    return CartOut.of(queries.show(owning.claim(cart_id).id))
