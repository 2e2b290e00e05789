"""Whose a cart is: opened for a guest or a customer, and a guest's that becomes a customer's."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from shopwright.commerce.cart import held, queries, statements
from shopwright.commerce.cart.errors import CartClosed, CartNotFound, LocaleNotSpoken
from shopwright.commerce.cart.events import CartMerged
from shopwright.commerce.cart.held import HeldCart
from shopwright.commerce.cart.models import MOST_CODES, MOST_LINES, MOST_OF_ONE, Cart, State
from shopwright.commerce.cart.queries import PricedCart
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.kit import clock, ids, principal
from shopwright.kit.db import session
from shopwright.kit.errors import Busy
from shopwright.kit.events import emit

ATTEMPTS = 3


def open_cart(channel_code: str, locale: str | None) -> tuple[PricedCart, str | None]:
    """A new cart with its token for a guest; for a customer the open cart that they have in this channel, or a new one.

    Raises `UnknownChannel` and `LocaleNotSpoken`.
    """
    customer_id = principal.current().customer_id
    if customer_id is None:
        token = ids.secret_token()
        return queries.priced(_of_guest(channel_code, locale, token)), token
    channel = channels.by_code(channel_code)
    if locale is not None and locale not in channel.locales:
        raise LocaleNotSpoken()
    own = _of_customer(customer_id, channel.id, locale or channel.default_locale)
    return queries.show(own.id), None


def _of_guest(channel_code: str, locale: str | None, token: str) -> HeldCart:
    cart_id = ids.new()
    found = statements.OPEN.first(
        {
            "cart_id": cart_id, "channel": channel_code, "locale": locale, "token_hash": ids.hashed(token),
            "now": clock.now(),
        }
    )  # fmt: skip
    if found is None:
        raise UnknownChannel()
    channel_id, spoken = found
    if spoken is None:
        raise LocaleNotSpoken()
    return HeldCart(
        id=cart_id, channel_id=channel_id, customer_id=None, state=State.OPEN, locale=spoken, email=None,
        shipping_address=None, billing_address=None, vat_id=None, shipping_method_id=None, codes=(), chosen_gifts=(),
        version=1, version_before=1, lines=(),
    )  # fmt: skip


def _of_customer(customer_id: UUID, channel_id: UUID, locale: str) -> Cart:
    for _ in range(ATTEMPTS):
        if cart := _open_of(customer_id, channel_id, locale):
            return cart
    raise Busy()


def _open_of(customer_id: UUID, channel_id: UUID, locale: str) -> Cart | None:
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


def _lock(cart_id: UUID) -> Cart:
    """The caller's cart, locked, whatever its state. Raises `CartNotFound`."""
    own = select(Cart).where(Cart.id == cart_id, held.OWN).options(selectinload(Cart.lines)).with_for_update(of=Cart)
    cart = session.scalar(own, held.asked_of(cart_id), execution_options={"populate_existing": True})
    if cart is None:
        raise CartNotFound()
    return cart


def claim(cart_id: UUID) -> Cart:
    """Make a guest's cart the signed-in customer's, and end its token.

    Same variants are added up to the limit of one line, new ones fill the cart up to its limit, and e-mail, addresses,
    VAT id and method are taken over where the customer's cart has none. Asked again, it answers with the customer's cart.
    Raises `CartNotFound` without the cart's token, `CartClosed` when it was ordered.
    """
    customer_id = principal.current().customer_id
    guest = _lock(cart_id)
    if customer_id is None:
        raise CartNotFound()
    if guest.customer_id == customer_id:
        is_merged = guest.state == State.MERGED
        return _of_customer(customer_id, guest.channel_id, guest.locale) if is_merged else guest
    if guest.state != State.OPEN:
        raise CartClosed()
    own = _of_customer(customer_id, guest.channel_id, guest.locale)
    for line in guest.lines:
        there = next((mine.quantity for mine in own.lines if mine.variant_id == line.variant_id), 0)
        quantity = min(line.quantity, MOST_OF_ONE - there)
        if quantity > 0 and (there or len(own.lines) < MOST_LINES):
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
