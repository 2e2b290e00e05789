from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.accounts.emails import Email
from shopwright.commerce.cart.models import MOST_OF_ONE, State
from shopwright.commerce.cart.queries import Notice, PricedCart
from shopwright.commerce.channels.schemas import ChannelCode
from shopwright.commerce.pricing.quotes import QuoteLine, QuoteShipping, QuoteTax
from shopwright.commerce.promotions.offers import Refusal
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.kit.locale import LocaleTag
from shopwright.kit.money import Money, zero
from shopwright.kit.wire import In, Out

Code = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)",
        examples=["SUMMER"],
        description="Case makes no difference",
    ),
]
Quantity = Annotated[int, Meta(ge=1, le=MOST_OF_ONE, examples=[1])]


VatId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        examples=["DE136695976"],
        description="With the country's letters in front; spaces, dots and hyphens make no difference",
    ),
]


class EnterCode(In):
    code: Code


class ChooseGifts(In):
    """Replaces what was chosen before."""

    variant_ids: Annotated[list[UUID], Meta(max_length=20)]


class OpenCart(In):
    channel: ChannelCode
    locale: LocaleTag | None = None


class AddItem(In):
    variant_id: UUID
    quantity: Quantity = 1


class ChangeItem(In):
    quantity: Quantity


class ChangeCart(In):
    """`accept_prices` says that the shopper has seen today's prices; the notices about changed ones go."""

    email: Email | None | UnsetType = UNSET
    shipping_address: Address | None | UnsetType = UNSET
    billing_address: Address | None | UnsetType = UNSET
    vat_id: VatId | None | UnsetType = UNSET
    shipping_method_id: UUID | None | UnsetType = UNSET
    locale: LocaleTag | UnsetType = UNSET
    accept_prices: bool | UnsetType = UNSET


class CartOut(Out):
    """`token` is told once, to the guest who opened the cart. A gift stands among the items, and is none of the cart's own;
    `refusals` say why a code, or a promotion that came near, gives nothing. With `taxes_needed` no tax is in the total yet:
    call `POST /v1/carts/{id}/taxes` before ordering. `tax_removed` is what was tax in the prices and is not asked of this
    buyer, who is exempt by a certificate (`tax_exemption`) or owes the tax in their own country (`reverse_charge`)."""

    id: UUID
    channel_id: UUID
    state: State
    locale: str
    email: str | None
    shipping_address: Address | None
    billing_address: Address | None
    vat_id: str | None
    shipping_method_id: UUID | None
    currency: str
    prices_include_tax: bool
    items: list[QuoteLine]
    shipping: QuoteShipping | None
    subtotal: Money
    discount: Money
    shipping_total: Money
    tax: Money
    taxes: list[QuoteTax]
    taxes_needed: bool
    tax_removed: Money
    tax_exemption: str | None
    reverse_charge: bool
    total: Money
    notices: list[Notice]
    codes: list[str]
    chosen_gifts: list[UUID]
    refusals: list[Refusal]
    version: int
    token: str | None = None

    @classmethod
    def of(cls, priced: PricedCart, token: str | None = None) -> "CartOut":
        cart, quote = priced.cart, priced.quote
        return cls(
            id=cart.id, channel_id=cart.channel_id, state=cart.state, locale=cart.locale, email=cart.email,
            shipping_address=cart.shipping_address, billing_address=cart.billing_address,
            vat_id=cart.vat_id, shipping_method_id=cart.shipping_method_id, currency=quote.currency,
            prices_include_tax=quote.is_gross,
            items=list(quote.lines), shipping=quote.shipping, subtotal=quote.subtotal, discount=quote.discount,
            shipping_total=quote.shipping_total, tax=quote.tax, taxes=list(quote.taxes), total=quote.total,
            taxes_needed=quote.taxes_needed, tax_removed=quote.tax_removed or zero(quote.currency),
            tax_exemption=quote.exemption.certificate if quote.exemption else None, reverse_charge=quote.reverse_charge,
            notices=priced.notices, codes=list(cart.codes), chosen_gifts=list(cart.chosen_gifts), refusals=list(quote.refusals),
            version=cart.version, token=token,
        )  # fmt: skip


class ShippingOffers(Out):
    items: list[ShippingOffer]
