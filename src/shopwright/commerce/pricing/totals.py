"""The arithmetic of a quote: whole minor units, rounded half up and line by line, so that every sum is exact."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from shopwright.commerce.catalog.views import Sellable
from shopwright.commerce.pricing.queries import ListPrice
from shopwright.commerce.pricing.quotes import (
    BasketLine,
    Quote,
    QuoteLine,
    QuoteShipping,
    QuoteTax,
    Step,
    StepKind,
)  # fmt: skip
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.taxes import rates
from shopwright.commerce.taxes.rates import Rate, tax_in, tax_on
from shopwright.kit.money import Money, zero


class Item(NamedTuple):
    """A line of a basket, and what was found for it."""

    line: BasketLine
    sellable: Sellable
    price: ListPrice


class Taxed(NamedTuple):
    net: Money
    tax: Money
    gross: Money


def add_up(
    items: Collection[Item],
    offer: ShippingOffer | None,
    taxes: Mapping[str, Rate],
    *,
    currency: str,
    is_gross: bool,
    country: str,
    region: str | None,
    unavailable: tuple[UUID, ...] = (),
) -> Quote:
    """The quote for these items, shipped like this. A tax class that `taxes` does not name bears none."""
    lines = tuple(_line(item, taxes.get(item.sellable.tax_class, rates.NONE), is_gross) for item in items)
    shipping = _shipping(offer, taxes.get(offer.tax_class, rates.NONE), is_gross) if offer else None
    parts: list[QuoteLine | QuoteShipping] = [*lines, *([shipping] if shipping else [])]
    return Quote(
        currency=currency,
        is_gross=is_gross,
        country=country,
        region=region,
        lines=lines,
        shipping=shipping,
        subtotal=subtotal(items, currency),
        discount=zero(currency),
        shipping_total=offer.price if offer else zero(currency),
        tax=total((part.tax for part in parts), currency),
        total=total((part.gross for part in parts), currency),
        taxes=_by_rate(parts),
        unavailable=unavailable,
    )


def subtotal(items: Iterable[Item], currency: str) -> Money:
    """All goods, as the channel shows them."""
    return total((item.price.price * item.line.quantity for item in items), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, zero(currency))


def taxed(shown: Money, ppm: int, *, is_gross: bool) -> Taxed:
    """An amount as the channel shows it, taken apart: net and tax are always gross."""
    if is_gross:
        tax = tax_in(shown, ppm)
        return Taxed(shown - tax, tax, shown)
    tax = tax_on(shown, ppm)
    return Taxed(shown, tax, shown + tax)


def _line(item: Item, rate: Rate, is_gross: bool) -> QuoteLine:
    line, sellable, price = item
    shown = price.price * line.quantity
    net, tax, gross = taxed(shown, rate.ppm, is_gross=is_gross)
    first = Step(kind=StepKind.LIST_PRICE, label="List price", amount=shown)
    return QuoteLine(
        line_id=line.line_id,
        variant_id=sellable.variant_id,
        product_id=sellable.product_id,
        sku=sellable.sku,
        title=sellable.title,
        variant_title=sellable.variant_title,
        options=sellable.options,
        image_url=sellable.image_url,
        slug=sellable.slug,
        quantity=line.quantity,
        unit_price=price.price,
        compare_at=price.compare_at,
        net=net,
        tax=tax,
        gross=gross,
        tax_rate_ppm=rate.ppm,
        tax_name=rate.name,
        weight_grams=sellable.weight_grams,
        requires_shipping=sellable.requires_shipping,
        steps=(first, *_tax_step(tax, rate, is_gross)),
    )


def _shipping(offer: ShippingOffer, rate: Rate, is_gross: bool) -> QuoteShipping:
    net, tax, gross = taxed(offer.price, rate.ppm, is_gross=is_gross)
    first = Step(kind=StepKind.SHIPPING, label=offer.name, amount=offer.price)
    return QuoteShipping(
        method_id=offer.method_id,
        code=offer.code,
        name=offer.name,
        net=net,
        tax=tax,
        gross=gross,
        tax_rate_ppm=rate.ppm,
        tax_name=rate.name,
        steps=(first, *_tax_step(tax, rate, is_gross)),
    )


def _tax_step(tax: Money, rate: Rate, is_gross: bool) -> tuple[Step, ...]:
    if rate == rates.NONE:
        return ()
    kind = StepKind.TAX_INCLUDED if is_gross else StepKind.TAX_ADDED
    return (Step(kind=kind, label=rate.name, amount=tax),)


def _by_rate(parts: Iterable[QuoteLine | QuoteShipping]) -> tuple[QuoteTax, ...]:
    sums: dict[tuple[int, str], tuple[Money, Money]] = {}
    for part in parts:
        if part.tax_name:
            key = (part.tax_rate_ppm, part.tax_name)
            net, tax = sums.get(key, (zero(part.net.currency), zero(part.net.currency)))
            sums[key] = (net + part.net, tax + part.tax)
    # The highest rate first, as on a receipt.
    in_order = sorted(sums.items(), key=lambda entry: (-entry[0][0], entry[0][1]))
    return tuple(QuoteTax(rate_ppm=ppm, name=name, net=net, tax=tax) for (ppm, name), (net, tax) in in_order)
