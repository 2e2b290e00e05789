"""What a promotion says, as data: conditions that must all hold, and one effect. Amounts are whole minor units."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field, to_builtins

from shopwright.kit.money import CurrencyCode, Money

WHOLE = 1_000_000

Ppm = Annotated[int, Meta(ge=1, le=WHOLE, description="parts per million: 100000 are 10 %", examples=[100_000])]
Amount = Annotated[int, Meta(ge=0, le=10**11, description="whole minor units", examples=[500])]
Pieces = Annotated[int, Meta(ge=1, le=400)]
Count = Annotated[int, Meta(ge=1, le=10**12)]
Ids = Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=1000)]
Words = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(min_length=1, max_length=100)]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$(?!\n)", examples=["18:00"])]


class Kind(StrEnum):
    CATALOG = "catalog"
    """Lowers the price of a piece wherever it is shown: in listings, sorting and filters too."""
    CART = "cart"
    """Judged by what lies in the cart."""


class _Tagged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


# Which items a rule touches. `is_not` turns one round: every item but these.


class Products(_Tagged, frozen=True, kw_only=True, tag="product"):
    any_of: Ids
    is_not: bool = False


class Variants(_Tagged, frozen=True, kw_only=True, tag="variant"):
    any_of: Ids
    is_not: bool = False


class Categories(_Tagged, frozen=True, kw_only=True, tag="category"):
    """With all that lies in the categories below."""

    any_of: Ids
    is_not: bool = False


class Collections(_Tagged, frozen=True, kw_only=True, tag="collection"):
    any_of: Ids
    is_not: bool = False


class Brands(_Tagged, frozen=True, kw_only=True, tag="brand"):
    any_of: Ids
    is_not: bool = False


class Attributes(_Tagged, frozen=True, kw_only=True, tag="attribute"):
    code: Annotated[str, Meta(min_length=1, max_length=60)]
    any_of: Words
    is_not: bool = False


class PriceRange(_Tagged, frozen=True, kw_only=True, tag="price"):
    """By the price of a piece: for a catalog rule the one before any promotion, for a cart rule after catalog promotions."""

    currency: CurrencyCode
    at_least: Amount = 0
    at_most: Amount | None = None


class OnSale(_Tagged, frozen=True, kw_only=True, tag="sale"):
    """Items whose price is reduced already, or (`is_not`) only the others."""

    is_not: bool = False


ItemCondition = Products | Variants | Categories | Collections | Brands | Attributes | PriceRange | OnSale
Items = Annotated[tuple[ItemCondition, ...], Meta(max_length=20)]


# What must hold of the whole basket. `Quantity` and `Subtotal` count the items that the rule touches.


class Quantity(_Tagged, frozen=True, kw_only=True, tag="quantity"):
    at_least: Pieces = 1
    at_most: Count | None = None


class Subtotal(_Tagged, frozen=True, kw_only=True, tag="subtotal"):
    currency: CurrencyCode
    at_least: Amount = 0
    at_most: Amount | None = None


class Currencies(_Tagged, frozen=True, kw_only=True, tag="currency"):
    any_of: Words


class Channels(_Tagged, frozen=True, kw_only=True, tag="channel"):
    any_of: Ids


class Countries(_Tagged, frozen=True, kw_only=True, tag="country"):
    any_of: Words


class Groups(_Tagged, frozen=True, kw_only=True, tag="group"):
    any_of: Ids


class FirstOrder(_Tagged, frozen=True, kw_only=True, tag="first_order"):
    """This buyer (customer, e-mail address or delivery address) has not ordered yet."""


class NewCustomer(_Tagged, frozen=True, kw_only=True, tag="new_customer"):
    """Has an account that is at most so many days old."""

    within_days: Annotated[int, Meta(ge=1, le=3650)]


class ShippingMethods(_Tagged, frozen=True, kw_only=True, tag="shipping_method"):
    any_of: Ids


class Hours(_Tagged, frozen=True, kw_only=True, tag="hours"):
    """On these weekdays (1 is Monday), between these times of day in this zone; past midnight if `until` is earlier."""

    zone: Annotated[str, Meta(min_length=1, max_length=60, examples=["Europe/Berlin"])]
    weekdays: Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(min_length=1, max_length=7)] = (
        1, 2, 3, 4, 5, 6, 7,
    )  # fmt: skip
    from_: Clock = field(default="00:00", name="from")
    until: Clock = "00:00"


class Code(_Tagged, frozen=True, kw_only=True, tag="code"):
    """One of the promotion's codes was entered."""


BasketCondition = (
    Quantity | Subtotal | Currencies | Channels | Countries | Groups | FirstOrder | NewCustomer | ShippingMethods
    | Hours | Code
)  # fmt: skip
Condition = ItemCondition | BasketCondition


# What happens.


class Percentage(_Tagged, frozen=True, kw_only=True, tag="percentage"):
    ppm: Ppm
    cap: Amount | None = None


class AmountOff(_Tagged, frozen=True, kw_only=True, tag="amount"):
    """So much off each piece, each line, or once over all touched lines, spread by largest remainder."""

    amount: Amount
    currency: CurrencyCode
    per: Literal["item", "line", "order"] = "order"
    cap: Amount | None = None


class FixedPrice(_Tagged, frozen=True, kw_only=True, tag="fixed_price"):
    """Each piece costs this, unless it costs less already."""

    amount: Amount
    currency: CurrencyCode
    cap: Amount | None = None


class CheapestFree(_Tagged, frozen=True, kw_only=True, tag="cheapest_free"):
    """Of every so many pieces the cheapest is free."""

    of: Annotated[int, Meta(ge=2, le=100)]
    cap: Amount | None = None


class BuyGet(_Tagged, frozen=True, kw_only=True, tag="buy_get"):
    """Who buys so many gets so many off; without `get` from the same items. `ppm`: how much of their price goes."""

    buy_quantity: Pieces
    get_quantity: Pieces
    get: Items | None = None
    ppm: Ppm = WHOLE
    most_times: Count | None = None
    cap: Amount | None = None


class BundlePart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: Items
    quantity: Pieces = 1


class Bundle(_Tagged, frozen=True, kw_only=True, tag="bundle"):
    """All parts together cost this."""

    parts: Annotated[tuple[BundlePart, ...], Meta(min_length=1, max_length=10)]
    price: Amount
    currency: CurrencyCode
    most_times: Count | None = None
    cap: Amount | None = None


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at_least: Count
    ppm: Ppm


class Tiers(_Tagged, frozen=True, kw_only=True, tag="tiers"):
    """The more the better: the last tier that is reached gives its percentage. In pieces, or (with a currency) money."""

    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1, max_length=20)]
    currency: CurrencyCode | None = None
    cap: Amount | None = None


class FreeGift(_Tagged, frozen=True, kw_only=True, tag="gift"):
    """One piece of one of these variants: the first in stock, or (`is_chosen`) the one that the shopper picked."""

    any_of: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=20)]
    is_chosen: bool = False


class ShippingOff(_Tagged, frozen=True, kw_only=True, tag="shipping"):
    """Off what shipping costs: all of it at 1000000 ppm."""

    ppm: Ppm = WHOLE
    cap: Amount | None = None


Effect = (
    Percentage | AmountOff | FixedPrice | CheapestFree | BuyGet | Bundle | Tiers | FreeGift | ShippingOff
)  # fmt: skip


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often, and for how much, a promotion is given in all. `per_code` counts each of its codes."""

    total: Count | None = None
    per_customer: Count | None = None
    per_code: Count | None = None
    per_day: Count | None = None
    budget: Money | None = None


#: Of the terms these are columns of their own; all else is kept as one JSON object.
COLUMNS = ("name", "starts_at", "ends_at")


class Terms(Struct, frozen=True, kw_only=True):
    """What staff say of a promotion. Lower `priority` goes first, then the lower id."""

    name: str
    kind: Kind
    effect: Effect
    conditions: tuple[Condition, ...] = ()
    priority: int = 100
    exclusive_group: str | None = None
    is_final: bool = False
    is_announced: bool = False
    #: No discount below the cost of the touched items plus this margin; None: only not below zero.
    floor_margin_ppm: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limits: Limits = Limits()

    def as_rule(self) -> dict[str, Any]:
        """What is kept as JSON."""
        return {name: value for name, value in to_builtins(self).items() if name not in COLUMNS}


class Rule(Terms, frozen=True, kw_only=True):
    """A promotion, ready to be judged."""

    id: UUID
    version: int
    #: Kept among the rules only so that its codes can be answered.
    is_paused: bool = False
