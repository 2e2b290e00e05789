"""What a basket costs, and why: frozen values that carts show and orders keep.

Everything here survives `msgspec.json` there and back. Amounts are whole minor units, so nothing is rounded twice.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from shopwright.commerce.pricing.unit_prices import UnitPrice
from shopwright.commerce.promotions.offers import Redemption, Refusal
from shopwright.kit.money import Money


class BasketLine(Struct, frozen=True, kw_only=True):
    """One thing wanted. `line_id` is the caller's own and comes back in the quote."""

    line_id: UUID
    variant_id: UUID
    quantity: int


class Basket(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a price depends on. Without a country the buyer is taken to be in the channel's first one.

    `buyer_keys` say who buys to `promotions`, hashed; `at` is the moment whose prices are asked for (None: now). Without a
    customer the prices of a group's members may be asked. `vat_id` is the buyer's, normalised; city and postal code are
    for a tax service alone.
    """

    channel_id: UUID
    locale: str
    lines: tuple[BasketLine, ...]
    country: str | None = None
    region: str | None = None
    city: str | None = None
    postal_code: str | None = None
    vat_id: str | None = None
    shipping_method_id: UUID | None = None
    customer_id: UUID | None = None
    group_id: UUID | None = None
    buyer_keys: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    chosen_gifts: tuple[UUID, ...] = ()
    at: datetime | None = None


class StepKind(StrEnum):
    LIST_PRICE = "list_price"
    PRICE_LIST = "price_list"
    CATALOG_PROMOTION = "catalog_promotion"
    CART_PROMOTION = "cart_promotion"
    SHIPPING = "shipping"
    TAX_ADDED = "tax_added"
    TAX_INCLUDED = "tax_included"
    """Says how much of the steps before is tax; it adds nothing."""
    TAX_REMOVED = "tax_removed"
    """No tax is asked of this buyer: what of the steps before was tax is taken off."""


class Step(Struct, frozen=True, kw_only=True):
    """Why a price is what it is: all steps but `tax_included` add up to the gross amount.

    A promotion's step names its version, the code that opened it, and the `base` that `amount` was taken off; that of a
    price list says what goes onto the variant's own price, or all of it where it has none.
    """

    kind: StepKind
    label: str
    amount: Money
    base: Money | None = None
    promotion_id: UUID | None = None
    price_list_id: UUID | None = None
    version: int | None = None
    code: str | None = None


class QuoteLine(Struct, frozen=True, kw_only=True):
    """A line with its price. `unit_price` and `compare_at` are as the channel shows them (net or gross) for one piece,
    after catalog promotions and before those of the cart; with a `compare_at` that is a reduction for everybody goes the
    lowest price of the 30 days before it began; `discount` is what these take off the line, `net`, `tax` and
    `gross` are what is left of the whole quantity; `weight_grams` is of one piece. A gift costs nothing. `base_price` is
    `unit_price` told per kilogram, litre, … of what has a measure."""

    line_id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    title: str
    variant_title: str
    options: dict[str, str]
    image_url: str | None
    slug: str
    quantity: int
    unit_price: Money
    compare_at: Money | None
    discount: Money
    net: Money
    tax: Money
    gross: Money
    tax_rate_ppm: int
    tax_name: str
    weight_grams: int
    requires_shipping: bool
    steps: tuple[Step, ...]
    is_gift: bool = False
    is_gift_card: bool = False
    lowest_30_days: Money | None = None
    base_price: UnitPrice | None = None


class QuoteShipping(Struct, frozen=True, kw_only=True):
    method_id: UUID
    code: str
    name: str
    net: Money
    tax: Money
    gross: Money
    tax_rate_ppm: int
    tax_name: str
    steps: tuple[Step, ...]


class QuoteTax(Struct, frozen=True, kw_only=True):
    """All tax of one rate: what it is due on, and how much."""

    rate_ppm: int
    name: str
    net: Money
    tax: Money


class Exemption(Struct, frozen=True):
    """Why a customer pays no tax in a place: what they have shown a certificate for."""

    id: UUID
    certificate: str


class Quote(Struct, frozen=True, kw_only=True):
    """What a basket costs.

    `subtotal`, `discount` and `shipping_total` are as the channel shows them. In a net channel
    `subtotal - discount + shipping_total + tax = total`; in a gross one the tax is already in, so
    `subtotal - discount + shipping_total = total`. Either way the net amounts and `tax` add up to `total`.

    Of who is exempt, or owes the tax of their own country (`reverse_charge`), no tax is asked. In a gross channel
    `tax_removed` is what was in the prices: it is taken off the total.

    `taxes_needed` says that a tax service has not been asked about this basket: no tax is in it yet, and it cannot be
    ordered.

    `unavailable` are variants that have no price here or are not on sale; they are in no sum. `shipping` is absent
    when nothing is to be shipped, no method was chosen, or the chosen one is not offered for this basket.

    `refusals` say why a code, or a promotion that came near, gives nothing; `redemptions` what placing it uses up.
    """

    currency: str
    is_gross: bool
    country: str
    region: str | None
    lines: tuple[QuoteLine, ...]
    shipping: QuoteShipping | None
    subtotal: Money
    discount: Money
    shipping_total: Money
    tax: Money
    total: Money
    taxes: tuple[QuoteTax, ...]
    unavailable: tuple[UUID, ...]
    refusals: tuple[Refusal, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    vat_id: str | None = None
    reverse_charge: bool = False
    exemption: Exemption | None = None
    tax_removed: Money | None = None
    taxes_needed: bool = False

    @property
    def needs_shipping(self) -> bool:
        return any(line.requires_shipping for line in self.lines)

    @property
    def shipping_weight(self) -> int:
        """Grams of all that is to be shipped."""
        return sum(line.weight_grams * line.quantity for line in self.lines if line.requires_shipping)

    def wanted(self) -> dict[UUID, int]:
        """How many pieces of each variant are bought."""
        pieces: dict[UUID, int] = {}
        for line in self.lines:
            pieces[line.variant_id] = pieces.get(line.variant_id, 0) + line.quantity
        return pieces
