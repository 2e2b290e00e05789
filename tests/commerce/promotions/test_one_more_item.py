"""What one more item may do to the discount of all: see "One more item" in the guide to prices."""

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shopwright.commerce.promotions import rules as r
from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import Offer, OfferLine
from tests.commerce.promotions import offering
from tests.commerce.promotions.draws import PRODUCT, VARIANT, some_id

NEW = 9
SOLD = [some_id(PRODUCT, number) for number in range(3)]
PPMS = [200_000, 50_000, 100_000, 333_333, 500_000, 1_000_000, 1]
AMOUNTS = [250, 99, 333, 1000, 5000, 50, 7, 1, 0]
CAPS = [None, None, None, 100, 1, 0]
#: Of one piece: which product it is, and what it costs.
OF_A_PIECE = [
    *(r.Products(any_of=(each,), is_not=is_not) for each in SOLD for is_not in (False, True)),
    *(r.Variants(any_of=(some_id(VARIANT, number),)) for number in (0, 1, NEW)),
    *(r.PriceRange(currency="EUR", at_least=low, at_most=high) for low, high in ((100, None), (0, 999), (1000, 5000))),
]


class Chance(Random):
    """All follows from the seed. Hypothesis would take most of the test's time to draw each value by itself."""

    def effect(self) -> r.Effect:
        cap, amount = self.choice(CAPS), self.choice(AMOUNTS)
        return self.choice([
            r.Percentage(ppm=self.choice(PPMS), cap=cap),
            r.AmountOff(amount=amount, currency="EUR", per=self.choice(["item", "line", "order"]), cap=cap),
            r.FixedPrice(amount=amount, currency="EUR", cap=cap),
            r.Tiers(tiers=self.tiers(1), cap=cap),
            r.Tiers(tiers=self.tiers(700), currency="EUR", cap=cap),
        ])  # fmt: skip

    def tiers(self, step: int) -> tuple[r.Tier, ...]:
        """The more the better: a higher tier never gives less."""
        ppms = sorted(self.sample(PPMS, self.randint(1, 3)))
        places = sorted(self.sample(range(1, 10), len(ppms)))
        return tuple(r.Tier(at_least=place * step, ppm=ppm) for place, ppm in zip(places, ppms, strict=True))

    def cart_rule(self, number: int) -> r.Rule:
        touched = r.Products(any_of=tuple(self.sample(SOLD, self.randint(1, 2))))
        from_below = self.choice([
            r.Quantity(at_least=self.randint(1, 9)),
            r.Subtotal(currency="EUR", at_least=self.randint(0, 9) * 700),
        ])  # fmt: skip
        conditions = [each for each in (touched, from_below) if self.random() < 0.5]
        return offering.rule(number, self.effect(), *conditions, priority=self.randint(1, 3))

    def catalog_rule(self, number: int) -> r.Rule:
        """Anything goes: it looks at one piece alone."""
        effect = self.choice([
            r.Percentage(ppm=self.choice(PPMS), cap=self.choice(CAPS)),
            r.FixedPrice(amount=self.choice(AMOUNTS), currency="EUR"),
        ])  # fmt: skip
        return offering.rule(
            number, effect, *self.sample(OF_A_PIECE, self.randint(0, 1)), kind=r.Kind.CATALOG,
            exclusive_group=self.choice([None, "a"]), is_final=self.random() < 0.5,
            floor_margin_ppm=self.choice([None, 200_000]),
        )  # fmt: skip

    def line(self, number: int) -> OfferLine:
        """Of one of three products."""
        price, cost = self.choice([1000, 999, 3333, 100, 101, 5000, 0]), self.choice([None, 40, 300])
        drawn = offering.line(number, price, self.randint(1, 4), unit_cost=cost)
        return replace(drawn, product_id=self.choice(SOLD))

    def case(self) -> tuple[list[r.Rule], Offer, OfferLine]:
        """Two to five cart rules, up to two of the catalog, an offer, and a line to come."""
        rules = [self.cart_rule(number) for number in range(self.randint(2, 5))]
        rules += [self.catalog_rule(10 + number) for number in range(self.choice([0, 0, 1, 2]))]
        lines = [self.line(number) for number in range(self.randint(1, 4))]
        return rules, offering.offer(*lines), self.line(NEW)


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


@settings(max_examples=2000, deadline=None)
@given(st.integers(0, 2**63))
def test_one_more_item_never_lowers_the_discount_where_nothing_is_used_up_or_held_back(seed: int) -> None:
    rules, offer, new = Chance(seed).case()
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
