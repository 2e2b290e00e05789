"""Of whom no tax is asked, and what a tax service is asked about a basket."""

from collections.abc import Sequence

from shopwright.commerce.channels.models import TaxDisplay, TaxSource
from shopwright.commerce.pricing.queries import Terms
from shopwright.commerce.pricing.quotes import Basket
from shopwright.commerce.pricing.taxing import Relief, Taxation
from shopwright.commerce.pricing.totals import Priced, Shipped
from shopwright.commerce.taxes import answers, vat_ids
from shopwright.commerce.taxes.provider import Taxable, TaxableLine, TaxableShipping


def taxation(basket: Basket, terms: Terms, priced: Sequence[Priced], shipped: Shipped | None) -> Taxation:
    """How this basket is taxed. A tax service is not asked here: only what it has answered before is read."""
    relief = _relief(basket, terms, priced)
    if terms.tax_source == TaxSource.RATES:
        return Taxation(rounding=terms.tax_rounding, shipping=terms.shipping_tax, relief=relief, vat_id=basket.vat_id)
    asked = question(basket, terms, priced, shipped)
    answer = answers.fresh(asked) if asked else None
    return Taxation(
        relief=relief, vat_id=basket.vat_id, told={part.id: part for part in answer.parts} if answer else {},
        is_needed=asked is not None and answer is None,
    )  # fmt: skip


def question(basket: Basket, terms: Terms, priced: Sequence[Priced], shipped: Shipped | None) -> Taxable | None:
    """None where nobody need be asked: the shop has rates of its own, or there is no tax whatever the answer."""
    relief = _relief(basket, terms, priced)
    lines = sorted(
        (each for each in priced if not each.item.sellable.is_gift_card), key=lambda each: each.item.line.line_id
    )
    is_net = terms.tax_display == TaxDisplay.NET
    if terms.tax_source == TaxSource.RATES or not lines or (relief and is_net):
        return None
    return Taxable(
        channel_id=basket.channel_id, currency=terms.currency, prices_include_tax=not is_net, home=terms.home,
        country=terms.country, region=basket.region if basket.country else None,
        city=basket.city if basket.country else None, postal_code=basket.postal_code if basket.country else None,
        vat_id=basket.vat_id, certificate=relief.exemption.certificate if relief and relief.exemption else None,
        lines=tuple(_line(each) for each in lines), shipping=_shipping(shipped) if shipped else None,
    )  # fmt: skip


def _relief(basket: Basket, terms: Terms, priced: Sequence[Priced]) -> Relief | None:
    """An exemption goes before reverse charge: staff have seen the certificate."""
    if terms.exemptions:
        return Relief(terms.exemptions[0])
    if basket.vat_id is None or not any(each.item.sellable.requires_shipping for each in priced):
        return None
    abroad = {vat_ids.country_of(basket.vat_id), basket.country}
    is_within = terms.home in vat_ids.MEMBERS and abroad <= vat_ids.MEMBERS
    return Relief() if is_within and terms.home not in abroad else None


def _line(priced: Priced) -> TaxableLine:
    line, sellable, *_ = priced.item
    return TaxableLine(
        id=str(line.line_id), sku=sellable.sku, tax_class=sellable.tax_class, quantity=line.quantity,
        amount=priced.amount.amount,
    )  # fmt: skip


def _shipping(shipped: Shipped) -> TaxableShipping:
    return TaxableShipping(code=shipped.offer.code, tax_class=shipped.offer.tax_class, amount=shipped.price.amount)
