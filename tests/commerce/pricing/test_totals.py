"""Whatever is bought, wherever and however it is taxed: every sum of a quote adds up to the minor unit."""

from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.commerce.catalog.views import Sellable
from shopwright.commerce.channels.models import ShippingTax, TaxRounding
from shopwright.commerce.pricing import totals
from shopwright.commerce.pricing.queries import ListPrice
from shopwright.commerce.pricing.quotes import BasketLine, Exemption, Quote, QuoteLine, QuoteShipping, Step, StepKind
from shopwright.commerce.pricing.taxing import Relief, Taxation
from shopwright.commerce.pricing.totals import Item, Priced, Shipped
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.taxes.rates import Rate, tax_in, tax_on
from shopwright.kit import ids
from shopwright.kit.money import Money, zero

CLASSES = ("standard", "reduced", "zero", "unheard-of")
amounts = st.integers(0, 10**11)
currencies = st.sampled_from(["EUR", "JPY", "KWD"])
reliefs = st.sampled_from([None, Relief(), Relief(Exemption(ids.new(), "TX-01-339"))])
ways = st.builds(Taxation, rounding=st.sampled_from(TaxRounding), shipping=st.sampled_from(ShippingTax), relief=reliefs)
ways_to_tax = ways.filter(lambda way: way.relief is None)
taxes = st.dictionaries(
    st.sampled_from(CLASSES[:3]), st.builds(Rate, st.integers(0, 1_000_000), st.sampled_from(["VAT", "GST"]))
)


@st.composite
def items(draw: st.DrawFn, currency: str = "EUR") -> Item:
    variant_id = ids.new()
    sellable = Sellable(
        variant_id=variant_id, product_id=ids.new(), sku="S", title="T", variant_title="Red", options={"Color": "Red"},
        slug="t", image_url=None, weight_grams=draw(st.integers(0, 10**6)), tax_class=draw(st.sampled_from(CLASSES)),
        requires_shipping=draw(st.booleans()), brand_id=None, category_ids=[], collection_ids=[], attributes={},
    )  # fmt: skip
    line = BasketLine(line_id=ids.new(), variant_id=variant_id, quantity=draw(st.integers(1, 999)))
    return Item(line, sellable, ListPrice(variant_id=variant_id, amount=draw(amounts), currency=currency))


@st.composite
def priced(draw: st.DrawFn, currency: str = "EUR") -> Priced:
    """Lowered by a catalog promotion, then by one of the cart, each by anything from nothing to all of it."""
    item = draw(items(currency))
    listed, quantity = item.price.amount, item.line.quantity
    unit = draw(st.integers(0, listed))
    off = draw(st.integers(0, unit * quantity))
    steps = (
        Step(kind=StepKind.CATALOG_PROMOTION, label="Sale", amount=Money((unit - listed) * quantity, currency)),
        Step(kind=StepKind.CART_PROMOTION, label="Ten off", amount=Money(-off, currency)),
    )
    return Priced(item, Money(unit, currency), Money(unit * quantity - off, currency), steps)


@st.composite
def shipped(draw: st.DrawFn, currency: str = "EUR") -> Shipped | None:
    if draw(st.booleans()):
        return None
    whole = draw(amounts)
    off = draw(st.integers(0, whole))
    offer = ShippingOffer(
        method_id=draw(st.uuids()), code="parcel", name="Parcel", tax_class=draw(st.sampled_from(CLASSES)),
        price=Money(whole, currency), min_days=None, max_days=None,
    )  # fmt: skip
    step = Step(kind=StepKind.CART_PROMOTION, label="Free shipping", amount=Money(-off, currency))
    return Shipped(offer, Money(whole - off, currency), (step,))


@st.composite
def quotes(draw: st.DrawFn, how: st.SearchStrategy[Taxation] = ways) -> Quote:
    currency = draw(currencies)
    return totals.add_up(
        draw(st.lists(priced(currency), max_size=8)), draw(shipped(currency)), draw(taxes),
        currency=currency, is_gross=draw(st.booleans()), country="DE", region=None, how=draw(how),
    )  # fmt: skip


def parts_of(quote: Quote) -> list[QuoteLine | QuoteShipping]:
    return [*quote.lines, *([quote.shipping] if quote.shipping else [])]


def added(amounts: list[Money], currency: str = "EUR") -> Money:
    return sum(amounts, zero(currency))


@settings(deadline=None)
@given(quotes())
def test_i5_net_and_tax_add_up_to_the_total(quote: Quote) -> None:
    net = added([part.net for part in parts_of(quote)], quote.currency)
    assert net + quote.tax == quote.total
    assert added([part.gross for part in parts_of(quote)], quote.currency) == quote.total


@settings(deadline=None)
@given(quotes())
def test_the_totals_that_are_shown_add_up(quote: Quote) -> None:
    removed = quote.tax_removed or zero(quote.currency)
    shown = quote.subtotal - quote.discount + quote.shipping_total - removed
    assert (shown if quote.is_gross else shown + quote.tax) == quote.total
    assert quote.subtotal == added([line.unit_price * line.quantity for line in quote.lines], quote.currency)
    assert quote.discount == added([line.discount for line in quote.lines], quote.currency)


@settings(deadline=None)
@given(quotes())
def test_each_line_adds_up_and_its_steps_say_how(quote: Quote) -> None:
    for part in parts_of(quote):
        assert part.net + part.tax == part.gross
        assert zero(quote.currency) <= part.net <= part.gross
        adding = [step.amount for step in part.steps if step.kind != StepKind.TAX_INCLUDED]
        assert added(adding, quote.currency) == part.gross
        said = [step.amount for step in part.steps if step.kind in (StepKind.TAX_INCLUDED, StepKind.TAX_ADDED)]
        assert added(said, quote.currency) == part.tax


@settings(deadline=None)
@given(quotes())
def test_the_taxes_by_rate_are_the_tax(quote: Quote) -> None:
    assert added([entry.tax for entry in quote.taxes], quote.currency) == quote.tax
    taxable = [part.net for part in parts_of(quote) if part.tax_name]
    assert added([entry.net for entry in quote.taxes], quote.currency) == added(taxable, quote.currency)
    keys = [(entry.rate_ppm, entry.name) for entry in quote.taxes]
    assert len(set(keys)) == len(keys)


@settings(deadline=None)
@given(quotes())
def test_a_stored_quote_is_the_same_quote(quote: Quote) -> None:
    assert msgspec.json.decode(msgspec.json.encode(quote), type=Quote, strict=True) == quote


@settings(deadline=None)
@given(quotes(ways_to_tax.map(lambda way: msgspec.structs.replace(way, rounding=TaxRounding.ORDER))))
def test_rounded_by_order_a_rate_has_the_tax_of_its_sum(quote: Quote) -> None:
    for entry in quote.taxes:
        whole = entry.net + entry.tax if quote.is_gross else entry.net
        assert entry.tax == (tax_in if quote.is_gross else tax_on)(whole, entry.rate_ppm)


@settings(deadline=None)
@given(st.lists(priced(), max_size=6), shipped(), taxes, st.booleans(), ways, st.randoms())
def test_the_order_of_the_lines_does_not_matter(
    bought: list[Priced], offer: Shipped | None, rates: dict[str, Rate], is_gross: bool, how: Taxation, chance: Random
) -> None:
    shuffled = bought.copy()
    chance.shuffle(shuffled)
    mine, yours = (
        totals.add_up(lines, offer, rates, currency="EUR", is_gross=is_gross, country="DE", region=None, how=how)
        for lines in (bought, shuffled)
    )
    assert {line.line_id: line for line in mine.lines} == {line.line_id: line for line in yours.lines}
    assert (mine.shipping, mine.total, mine.taxes) == (yours.shipping, yours.total, yours.taxes)


@settings(deadline=None)
@given(st.lists(priced(), max_size=6), shipped(), taxes, st.booleans(), ways_to_tax)
def test_who_is_exempt_pays_what_others_pay_without_their_tax(
    bought: list[Priced], offer: Shipped | None, rates: dict[str, Rate], is_gross: bool, how: Taxation
) -> None:
    exempt = msgspec.structs.replace(how, relief=Relief())
    theirs, ours = (
        totals.add_up(bought, offer, rates, currency="EUR", is_gross=is_gross, country="DE", region=None, how=way)
        for way in (exempt, how)
    )
    assert theirs.total == ours.total - ours.tax
    assert theirs.tax == zero("EUR")
    assert theirs.tax_removed == (ours.tax if is_gross else zero("EUR"))
    assert [part.gross for part in parts_of(theirs)] == [part.net for part in parts_of(ours)]


@settings(deadline=None)
@given(st.lists(priced(), max_size=5), shipped(), taxes, st.booleans(), ways)
def test_the_same_basket_makes_the_same_quote(
    bought: list[Priced], offer: Shipped | None, rates: dict[str, Rate], is_gross: bool, how: Taxation
) -> None:
    def quote(rates: dict[str, Rate]) -> bytes:
        return msgspec.json.encode(
            totals.add_up(bought, offer, rates, currency="EUR", is_gross=is_gross, country="DE", region=None, how=how)
        )

    assert quote(rates) == quote(dict(reversed(rates.items())))


@settings(deadline=None)
@given(st.lists(priced(), max_size=5), shipped(), taxes, taxes)
def test_a_gross_total_is_the_same_in_every_country(
    bought: list[Priced], offer: Shipped | None, here: dict[str, Rate], there: dict[str, Rate]
) -> None:
    mine, yours = (
        totals.add_up(bought, offer, rates, currency="EUR", is_gross=True, country="DE", region=None)
        for rates in (here, there)
    )
    assert mine.total == yours.total
    assert [line.gross for line in mine.lines] == [line.gross for line in yours.lines]


@settings(deadline=None)
@given(quotes())
def test_nothing_is_a_float(quote: Quote) -> None:
    def walk(value: object) -> None:
        assert not isinstance(value, float)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
            walk(inner)

    walk(msgspec.to_builtins(quote))
