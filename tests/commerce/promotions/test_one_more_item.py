"""What one more item may do to the discount of all: see "One more item" in the guide to prices."""

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shopwright.commerce.promotions import rules as r
from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import Offer, OfferLine
from tests.commerce.promotions import offering
from tests.commerce.promotions.draws import AMOUNT, CAP, CATALOG_ITEMS, PPM, PRICE, PRODUCT, some_id

NEW = 9
PPMS = st.lists(PPM, min_size=1, max_size=3, unique=True).map(sorted)
PLACES = st.lists(st.integers(1, 9), min_size=3, max_size=3, unique=True).map(sorted)


def tiers(step: int, currency: str | None) -> st.SearchStrategy[r.Tiers]:
    """The more the better: a higher tier never gives less."""
    pairs = st.tuples(PLACES, PPMS).map(lambda drawn: zip(*drawn, strict=False))
    told = pairs.map(lambda found: tuple(r.Tier(at_least=place * step, ppm=ppm) for place, ppm in found))
    return st.builds(r.Tiers, tiers=told, currency=st.just(currency), cap=CAP)


EFFECTS = st.one_of(
    st.builds(r.Percentage, ppm=PPM, cap=CAP),
    st.builds(r.AmountOff, amount=AMOUNT, currency=st.just("EUR"), per=st.sampled_from(["item", "line", "order"]), cap=CAP),
    st.builds(r.FixedPrice, amount=AMOUNT, currency=st.just("EUR"), cap=CAP),
    tiers(1, None),
    tiers(700, "EUR"),
)  # fmt: skip
TOUCHED = st.sampled_from([(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]).map(
    lambda numbers: r.Products(any_of=tuple(some_id(PRODUCT, number) for number in numbers))
)
FROM_BELOW = st.one_of(
    st.builds(r.Quantity, at_least=st.integers(1, 9)),
    st.builds(r.Subtotal, currency=st.just("EUR"), at_least=st.integers(0, 9).map(lambda found: found * 700)),
)


@st.composite
def cart_rule(draw: st.DrawFn, number: int) -> r.Rule:
    conditions = [*draw(st.lists(TOUCHED, max_size=1)), *draw(st.lists(FROM_BELOW, max_size=1))]
    return offering.rule(number, draw(EFFECTS), *conditions, priority=draw(st.integers(1, 3)))


@st.composite
def catalog_rule(draw: st.DrawFn, number: int) -> r.Rule:
    """Anything goes: it looks at one piece alone."""
    effect = draw(
        st.builds(r.Percentage, ppm=PPM, cap=CAP) | st.builds(r.FixedPrice, amount=AMOUNT, currency=st.just("EUR"))
    )
    return offering.rule(
        number, effect, *draw(st.lists(CATALOG_ITEMS, max_size=1)), kind=r.Kind.CATALOG,
        exclusive_group=draw(st.sampled_from([None, "a"])), is_final=draw(st.booleans()),
        floor_margin_ppm=draw(st.sampled_from([None, 200_000])),
    )  # fmt: skip


@st.composite
def line(draw: st.DrawFn, number: int) -> OfferLine:
    """Of one of three products."""
    cost = draw(st.sampled_from([None, 40, 300]))
    drawn = offering.line(number, draw(PRICE), draw(st.integers(1, 4)), unit_cost=cost)
    return replace(drawn, product_id=some_id(PRODUCT, draw(st.integers(0, 2))))


@st.composite
def case(draw: st.DrawFn) -> tuple[list[r.Rule], Offer, OfferLine]:
    """Two to five cart rules, up to two of the catalog, an offer, and a line to come."""
    rules = [draw(cart_rule(number)) for number in range(draw(st.integers(2, 5)))]
    rules += [draw(catalog_rule(10 + number)) for number in range(draw(st.sampled_from([0, 0, 1, 2])))]
    lines = [draw(line(number)) for number in range(draw(st.integers(1, 4)))]
    return rules, offering.offer(*lines), draw(line(NEW))


def larger(offer: Offer, new: OfferLine) -> Iterator[Offer]:
    """The offer with a line more, and with a piece more of each line."""
    yield replace(offer, lines=(*offer.lines, new))
    for place, each in enumerate(offer.lines):
        more = replace(each, quantity=each.quantity + 1)
        yield replace(offer, lines=(*offer.lines[:place], more, *offer.lines[place + 1 :]))


def off(rules: list[r.Rule], offer: Offer) -> int:
    """What all promotions take off the goods."""
    found = judge(rules, offer).lines
    return sum(one.unit_amount * one.quantity - done.amount for one, done in zip(offer.lines, found, strict=True))


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case())
def test_one_more_item_never_lowers_the_discount_where_nothing_is_used_up_or_held_back(
    drawn: tuple[list[r.Rule], Offer, OfferLine],
) -> None:
    rules, offer, new = drawn
    before = off(rules, offer)
    for more in larger(offer, new):
        assert off(rules, more) >= before - len(more.lines)


def discounts(rules: list[r.Rule], *lines: OfferLine) -> int:
    return off(rules, offering.offer(*lines))


def test_an_item_may_use_up_what_a_better_rule_needs() -> None:
    mugs, shoes = offering.line(0, 1200, 2), offering.line(1, 8000)
    mug = r.Products(any_of=(some_id(PRODUCT, 0),))
    shoe = r.Products(any_of=(some_id(PRODUCT, 1),))
    parts = tuple(r.BundlePart(items=(each,)) for each in (mug, shoe))
    rules = [
        offering.rule(0, r.BuyGet(buy_quantity=2, get_quantity=1), mug, priority=1),
        offering.rule(1, r.Bundle(parts=parts, price=6000, currency="EUR"), priority=2),
    ]
    assert discounts(rules, mugs, shoes) == 3200

    more = offering.offer(replace(mugs, quantity=3), shoes)

    assert off(rules, more) == 1200
    assert offering.refusals(judge(rules, more)) == [("used-up", "Rule 1", {})]


def test_an_item_that_is_nearly_sold_at_cost_may_eat_the_room_above_a_floor() -> None:
    half = [offering.rule(0, r.Percentage(ppm=500_000), floor_margin_ppm=100_000)]
    mug, cap = offering.line(0, 1200, unit_cost=500), offering.line(1, 1500, unit_cost=1450)
    assert discounts(half, mug) == 600
    assert discounts(half, mug, cap) == 555
    assert judge(half, offering.offer(mug, cap)).refusals == ()


def test_an_item_too_many_may_end_a_rule_which_says_so() -> None:
    few = [offering.rule(0, r.Percentage(ppm=500_000), r.Quantity(at_most=2), is_announced=True)]
    assert discounts(few, offering.line(0, 1200, 2)) == 1200
    assert discounts(few, offering.line(0, 1200, 3)) == 0
    (told,) = judge(few, offering.offer(offering.line(0, 1200, 3))).refusals
    assert told.kind == "too-much"
