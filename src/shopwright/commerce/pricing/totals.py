"""The arithmetic of a quote: whole minor units, rounded half up and line by line, so that every sum is exact."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

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
from shopwright.commerce.pricing.unit_prices import unit_price
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.taxes import rates
from shopwright.commerce.taxes.rates import Rate, tax_in, tax_on
from shopwright.kit.money import Money, zero


class Item(NamedTuple):
    """A line of a basket, and what was found for it."""

    line: BasketLine
    sellable: Sellable
    price: ListPrice


class Priced(NamedTuple):
    """An item as promotions left it: a piece at `unit` after those of the catalog, the whole line at `amount`."""

    item: Item
    unit: Money
    amount: Money
    steps: tuple[Step, ...] = ()
    is_gift: bool = False

    @property
    def discount(self) -> Money:
        """What cart promotions took off."""
        return zero(self.unit.currency) if self.is_gift else self.unit * self.item.line.quantity - self.amount


class Shipped(NamedTuple):
    """A way to ship as promotions left it."""

    offer: ShippingOffer
    price: Money
    steps: tuple[Step, ...] = ()


class Taxed(NamedTuple):
    net: Money
    tax: Money
    gross: Money


def add_up(
    priced: Collection[Priced],
    shipped: Shipped | None,
    taxes: Mapping[str, Rate],
    *,
    currency: str,
    is_gross: bool,
    country: str,
    region: str | None,
) -> Quote:
    """The quote for these items, shipped like this. A tax class that `taxes` does not name bears none."""
    lines = tuple(_line(each, taxes.get(each.item.sellable.tax_class, rates.NONE), is_gross) for each in priced)
    shipping = _shipping(shipped, taxes.get(shipped.offer.tax_class, rates.NONE), is_gross) if shipped else None
    parts: list[QuoteLine | QuoteShipping] = [*lines, *([shipping] if shipping else [])]
    return Quote(
        currency=currency,
        is_gross=is_gross,
        country=country,
        region=region,
        lines=lines,
        shipping=shipping,
        subtotal=total((each.unit * each.item.line.quantity for each in priced if not each.is_gift), currency),
        discount=total((each.discount for each in priced), currency),
        shipping_total=shipped.price if shipped else zero(currency),
        tax=total((part.tax for part in parts), currency),
        total=total((part.gross for part in parts), currency),
        taxes=_by_rate(parts),
        unavailable=(),
    )


def total(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, zero(currency))


def taxed(shown: Money, ppm: int, *, is_gross: bool) -> Taxed:
    """An amount as the channel shows it, taken apart: net and tax are always gross."""
    if is_gross:
        tax = tax_in(shown, ppm)
        return Taxed(shown - tax, tax, shown)
    tax = tax_on(shown, ppm)
    return Taxed(shown, tax, shown + tax)


def _line(priced: Priced, rate: Rate, is_gross: bool) -> QuoteLine:
    line, sellable, price = priced.item
    net, tax, gross = taxed(priced.amount, rate.ppm, is_gross=is_gross)
    # What a catalog promotion lowered shows the price before it.
    before = price.price if priced.unit < price.price and not priced.is_gift else price.compare_at
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
        unit_price=priced.unit,
        compare_at=before,
        discount=priced.discount,
        net=net,
        tax=tax,
        gross=gross,
        tax_rate_ppm=rate.ppm,
        tax_name=rate.name,
        weight_grams=sellable.weight_grams,
        requires_shipping=sellable.requires_shipping,
        steps=(*_listed(price, line.quantity), *priced.steps, *_tax_step(tax, rate, is_gross)),
        is_gift=priced.is_gift,
        is_gift_card=sellable.is_gift_card,
        lowest_30_days=price.lowest_before if before else None,
        base_price=None if priced.is_gift else unit_price(priced.unit, sellable.measure),
    )


def _listed(price: ListPrice, quantity: int) -> tuple[Step, ...]:
    """What a piece costs by itself, and what a price list makes of it."""
    by = price.listed
    if by is None:
        return (_list_price(price.price * quantity),)
    own = None if by.own_amount is None else Money(by.own_amount, price.currency)
    off = price.price - own if own else price.price
    step = Step(
        kind=StepKind.PRICE_LIST,
        label=by.name,
        amount=off * quantity,
        base=own,
        price_list_id=by.id,
        version=by.version,
    )
    return (_list_price(own * quantity), step) if own else (step,)


def _list_price(amount: Money) -> Step:
    return Step(kind=StepKind.LIST_PRICE, label="List price", amount=amount)


def _shipping(shipped: Shipped, rate: Rate, is_gross: bool) -> QuoteShipping:
    offer = shipped.offer
    net, tax, gross = taxed(shipped.price, rate.ppm, is_gross=is_gross)
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
        steps=(first, *shipped.steps, *_tax_step(tax, rate, is_gross)),
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
