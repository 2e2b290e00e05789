"""Whatever is bought, wherever: every sum of a quote adds up to the minor unit."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.commerce.catalog.views import Sellable
from shopwright.commerce.pricing import totals
from shopwright.commerce.pricing.queries import ListPrice
from shopwright.commerce.pricing.quotes import BasketLine, Quote, QuoteLine, QuoteShipping, Step, StepKind
from shopwright.commerce.pricing.totals import Item, Priced, Shipped
from shopwright.commerce.shipping.queries import ShippingOffer
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit import ids
from shopwright.kit.money import Money, zero

CLASSES = ("standard", "reduced", "zero", "unheard-of")
amounts = st.integers(0, 10**11)
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
def priced(draw: st.DrawFn) -> Priced:
    """Lowered by a catalog promotion, then by one of the cart, each by anything from nothing to all of it."""
    item = draw(items())
    listed, quantity = item.price.amount, item.line.quantity
    unit = draw(st.integers(0, listed))
    off = draw(st.integers(0, unit * quantity))
    steps = (
        Step(kind=StepKind.CATALOG_PROMOTION, label="Sale", amount=Money((unit - listed) * quantity, "EUR")),
        Step(kind=StepKind.CART_PROMOTION, label="Ten off", amount=Money(-off, "EUR")),
    )
    return Priced(item, Money(unit, "EUR"), Money(unit * quantity - off, "EUR"), steps)


@st.composite
def shipped(draw: st.DrawFn) -> Shipped | None:
    offer = draw(offers)
    if offer is None:
        return None
    off = draw(st.integers(0, offer.price.amount))
    step = Step(kind=StepKind.CART_PROMOTION, label="Free shipping", amount=Money(-off, "EUR"))
    return Shipped(offer, Money(offer.price.amount - off, "EUR"), (step,))


offers = st.none() | st.builds(
    ShippingOffer,
    method_id=st.uuids(), code=st.just("parcel"), name=st.just("Parcel"), tax_class=st.sampled_from(CLASSES),
    price=st.builds(Money, amounts, st.just("EUR")), min_days=st.none(), max_days=st.none(),
)  # fmt: skip


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    return totals.add_up(
        draw(st.lists(priced(), max_size=8)), draw(shipped()), draw(taxes),
        currency="EUR", is_gross=draw(st.booleans()), country="DE", region=None,
    )  # fmt: skip


def parts_of(quote: Quote) -> list[QuoteLine | QuoteShipping]:
    return [*quote.lines, *([quote.shipping] if quote.shipping else [])]


def added(amounts: list[Money]) -> Money:
    return sum(amounts, zero("EUR"))


@settings(deadline=None)
@given(quotes())
def test_i5_net_and_tax_add_up_to_the_total(quote: Quote) -> None:
    net = added([part.net for part in parts_of(quote)])
    assert net + quote.tax == quote.total
    assert added([part.gross for part in parts_of(quote)]) == quote.total


@settings(deadline=None)
@given(quotes())
def test_the_totals_that_are_shown_add_up(quote: Quote) -> None:
    shown = quote.subtotal - quote.discount + quote.shipping_total
    assert (shown if quote.is_gross else shown + quote.tax) == quote.total
    assert quote.subtotal == added([line.unit_price * line.quantity for line in quote.lines])
    assert quote.discount == added([line.discount for line in quote.lines])


@settings(deadline=None)
@given(quotes())
def test_each_line_adds_up_and_its_steps_say_how(quote: Quote) -> None:
    for part in parts_of(quote):
        assert part.net + part.tax == part.gross
        assert zero("EUR") <= part.net <= part.gross
        assert added([step.amount for step in part.steps if step.kind != StepKind.TAX_INCLUDED]) == part.gross
        said = [step.amount for step in part.steps if step.kind in (StepKind.TAX_INCLUDED, StepKind.TAX_ADDED)]
        assert added(said) == part.tax


@settings(deadline=None)
@given(quotes())
def test_the_taxes_by_rate_are_the_tax(quote: Quote) -> None:
    assert added([entry.tax for entry in quote.taxes]) == quote.tax
    taxable = [part.net for part in parts_of(quote) if part.tax_name]
    assert added([entry.net for entry in quote.taxes]) == added(taxable)
    keys = [(entry.rate_ppm, entry.name) for entry in quote.taxes]
    assert len(set(keys)) == len(keys)


@settings(deadline=None)
@given(quotes())
def test_a_stored_quote_is_the_same_quote(quote: Quote) -> None:
    assert msgspec.json.decode(msgspec.json.encode(quote), type=Quote, strict=True) == quote


@settings(deadline=None)
@given(st.lists(priced(), max_size=5), shipped(), taxes, st.booleans())
def test_the_same_basket_makes_the_same_quote(
    bought: list[Priced], offer: Shipped | None, rates: dict[str, Rate], is_gross: bool
) -> None:
    def quote(rates: dict[str, Rate]) -> bytes:
        return msgspec.json.encode(
            totals.add_up(bought, offer, rates, currency="EUR", is_gross=is_gross, country="DE", region=None)
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
