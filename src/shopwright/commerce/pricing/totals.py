"""The arithmetic of a quote: whole minor units, rounded half up, so that every sum is exact."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from shopwright.commerce.catalog.views import Sellable
from shopwright.commerce.pricing import taxing
from shopwright.commerce.pricing.history import Announced
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
from shopwright.commerce.pricing.taxing import AS_USUAL, Levied, Part, Taxation
from shopwright.commerce.pricing.unit_prices import unit_price
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.taxes import rates
from shopwright.commerce.taxes.provider import SHIPPING
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit.money import Money, zero


class Item(NamedTuple):
    """A line of a basket, and what was found for it."""

    line: BasketLine
    sellable: Sellable
    price: ListPrice
    announced: Announced | None = None

    def lowest_for(self, unit: Money) -> Money | None:
        return lowest_for(unit, self.price, self.announced)


def lowest_for(unit: Money, price: ListPrice, announced: Announced | None) -> Money | None:
    """The lowest price of the 30 days before a reduction to this one; none where the price is not for anybody."""
    if announced is None or not price.is_public:
        return None
    lowest = announced.lowest_for(unit.amount)
    return None if lowest is None else Money(lowest, unit.currency)


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


def add_up(
    priced: Collection[Priced],
    shipped: Shipped | None,
    taxes: Mapping[str, Rate],
    *,
    currency: str,
    is_gross: bool,
    country: str,
    region: str | None,
    how: Taxation = AS_USUAL,
) -> Quote:
    """The quote for these items, shipped like this. A tax class that `taxes` does not name bears none."""
    levied = taxing.levy([*_parts(priced, shipped, taxes)], how, is_gross=is_gross)
    lines = tuple(_line(each, tax, is_gross) for each, tax in zip(priced, levied, strict=False))
    shipping = _shipping(shipped, levied[-1], is_gross) if shipped else None
    parts: list[QuoteLine | QuoteShipping] = [*lines, *([shipping] if shipping else [])]
    return Quote(
        currency=currency, is_gross=is_gross, country=country, region=region, lines=lines, shipping=shipping,
        subtotal=total((each.unit * each.item.line.quantity for each in priced if not each.is_gift), currency),
        discount=total((each.discount for each in priced), currency),
        shipping_total=shipped.price if shipped else zero(currency), tax=total((part.tax for part in parts), currency),
        total=total((part.gross for part in parts), currency), taxes=_by_rate(parts), unavailable=(),
        vat_id=how.vat_id, reverse_charge=how.relief is not None and how.relief.exemption is None,
        exemption=how.relief.exemption if how.relief else None, taxes_needed=how.is_needed,
        tax_removed=total((each.removed for each in levied), currency) if how.relief else None,
    )  # fmt: skip


def total(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, zero(currency))


def _parts(priced: Iterable[Priced], shipped: Shipped | None, taxes: Mapping[str, Rate]) -> Iterator[Part]:
    for line, sellable, amount in ((each.item.line, each.item.sellable, each.amount) for each in priced):
        rate = taxes.get(sellable.tax_class, rates.NONE)
        yield Part(str(line.line_id), amount, rate, sellable.variant_id, is_goods=not sellable.is_gift_card)
    if shipped:
        yield Part(SHIPPING, shipped.price, taxes.get(shipped.offer.tax_class, rates.NONE))


def _line(priced: Priced, levied: Levied, is_gross: bool) -> QuoteLine:
    line, sellable, price, _ = priced.item
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
        net=levied.net,
        tax=levied.tax,
        gross=levied.gross,
        tax_rate_ppm=levied.rate.ppm,
        tax_name=levied.rate.name,
        weight_grams=sellable.weight_grams,
        requires_shipping=sellable.requires_shipping,
        steps=(*_listed(price, line.quantity), *priced.steps, *_tax_step(levied, is_gross)),
        is_gift=priced.is_gift,
        is_gift_card=sellable.is_gift_card,
        lowest_30_days=priced.item.lowest_for(priced.unit) if before else None,
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
        label="Price list",
        amount=off * quantity,
        base=own,
        price_list_id=by.id,
        version=by.version,
    )
    return (_list_price(own * quantity), step) if own else (step,)


def _list_price(amount: Money) -> Step:
    return Step(kind=StepKind.LIST_PRICE, label="List price", amount=amount)


def _shipping(shipped: Shipped, levied: Levied, is_gross: bool) -> QuoteShipping:
    offer = shipped.offer
    first = Step(kind=StepKind.SHIPPING, label=offer.name, amount=offer.price)
    return QuoteShipping(
        method_id=offer.method_id,
        code=offer.code,
        name=offer.name,
        net=levied.net,
        tax=levied.tax,
        gross=levied.gross,
        tax_rate_ppm=levied.rate.ppm,
        tax_name=levied.rate.name,
        steps=(first, *shipped.steps, *_tax_step(levied, is_gross)),
    )


def _tax_step(levied: Levied, is_gross: bool) -> tuple[Step, ...]:
    if levied.rate == rates.NONE:
        return ()
    if levied.relief:
        return (Step(kind=StepKind.TAX_REMOVED, label=levied.relief.label, amount=-levied.removed),)
    kind = StepKind.TAX_INCLUDED if is_gross else StepKind.TAX_ADDED
    return (Step(kind=kind, label=levied.rate.name, amount=levied.tax),)


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
