"""What promotions are judged by, and what came of it: frozen values, filled by `pricing` and shown by carts and orders.

All amounts are whole minor units of the offer's currency, as the channel shows its prices (net or gross).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct


class OfferLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Some pieces of a variant. `category_ids` has all ancestors; `attributes` are spelled as a listing's facets are."""

    line_id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    #: Of one piece, before any promotion.
    unit_amount: int
    #: What the shop pays for one piece, if it is known.
    unit_cost: int | None = None
    brand_id: UUID | None = None
    category_ids: frozenset[UUID] = frozenset()
    collection_ids: frozenset[UUID] = frozenset()
    attributes: dict[str, str] = {}
    #: Its price is an announced reduction already.
    is_on_sale: bool = False
    #: Takes part in no promotion.
    is_gift_card: bool = False


class OfferGift(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A variant that could be given; only those that are in stock here are in an offer."""

    variant_id: UUID
    unit_amount: int
    unit_cost: int | None = None


class Shopper(Struct, frozen=True, kw_only=True, omit_defaults=True):
    customer_id: UUID | None = None
    group_ids: frozenset[UUID] = frozenset()
    has_ordered: bool = False
    registered_at: datetime | None = None


class EnteredCode(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code as it was entered, and the promotion that it opens; None for one that does not exist."""

    text: str
    promotion_id: UUID | None = None


class Spent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit that is used up: the promotion (or only this code of it) is not to be had. `left`: of a budget."""

    promotion_id: UUID
    limit: str
    code: str | None = None
    left: int | None = None


class Offer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    channel_id: UUID
    currency: str
    country: str
    #: The channel's first country, which catalog rules go by wherever the buyer is; None if it is `country`.
    channel_country: str | None = None
    at: datetime
    lines: tuple[OfferLine, ...]
    shopper: Shopper = Shopper()
    shipping_method_id: UUID | None = None
    shipping_amount: int | None = None
    codes: tuple[EnteredCode, ...] = ()
    gifts: tuple[OfferGift, ...] = ()
    chosen_gifts: frozenset[UUID] = frozenset()
    spent: tuple[Spent, ...] = ()


class Applied(Struct, frozen=True, kw_only=True):
    """One step of a price: `amount` is taken off `base` (of one piece for a catalog rule, else of the whole line)."""

    promotion_id: UUID
    version: int
    name: str
    base: int
    amount: int
    code: str | None = None


class JudgedLine(Struct, frozen=True, kw_only=True):
    """`unit_amount` is a piece's price after catalog promotions; `amount` the whole line's after all of them."""

    line_id: UUID
    unit_amount: int
    amount: int
    catalog: tuple[Applied, ...] = ()
    cart: tuple[Applied, ...] = ()


class JudgedGift(Struct, frozen=True, kw_only=True):
    variant_id: UUID
    step: Applied


class RefusalKind(StrEnum):
    UNKNOWN_CODE = "unknown-code"
    """Also for a code of a group that the shopper is not in."""
    NOT_STARTED = "not-started"
    ENDED = "ended"
    PAUSED = "paused"
    MORE_NEEDED = "more-needed"
    """`missing` minor units more of what it touches."""
    MORE_PIECES_NEEDED = "more-pieces-needed"
    TOO_MUCH = "too-much"
    NO_SUCH_ITEMS = "no-such-items"
    NOT_WITH_SALE_ITEMS = "not-with-sale-items"
    NOT_IN_CURRENCY = "not-in-currency"
    NOT_IN_CHANNEL = "not-in-channel"
    NOT_IN_COUNTRY = "not-in-country"
    NOT_FIRST_ORDER = "not-first-order"
    NOT_NEW_CUSTOMER = "not-new-customer"
    NOT_WITH_SHIPPING_METHOD = "not-with-shipping-method"
    NOT_AT_THIS_TIME = "not-at-this-time"
    CODE_NEEDED = "code-needed"
    LIMIT_REACHED = "limit-reached"
    REPLACED = "replaced"
    """By a better one of its exclusive group."""
    STOPPED = "stopped"
    """By a rule that lets none come after it on these items."""
    USED_UP = "used-up"
    """Its items were used up by another rule."""
    AT_FLOOR = "at-floor"
    NO_DISCOUNT = "no-discount"
    """It holds, but there is nothing (more) to take off."""
    GIFT_UNAVAILABLE = "gift-unavailable"
    GIFT_NOT_CHOSEN = "gift-not-chosen"


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a code, or a rule that came near, gives nothing. `facts` are for a sentence to the shopper."""

    kind: RefusalKind
    promotion_id: UUID | None = None
    name: str | None = None
    code: str | None = None
    facts: dict[str, Any] = {}


class Redemption(Struct, frozen=True, kw_only=True):
    """That a cart promotion is given once in this basket, and how much it takes off (gifts at their price)."""

    promotion_id: UUID
    version: int
    amount: int
    code: str | None = None


class Judgement(Struct, frozen=True, kw_only=True):
    lines: tuple[JudgedLine, ...]
    gifts: tuple[JudgedGift, ...] = ()
    shipping_amount: int | None = None
    shipping: tuple[Applied, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
