import pytest

from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import OfferGift
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Bundle,
    BundlePart,
    BuyGet,
    CheapestFree,
    Effect,
    FixedPrice,
    FreeGift,
    Percentage,
    Quantity,
    ShippingOff,
    Tier,
    Tiers,
    Variants,
)  # fmt: skip
from tests.commerce.promotions.draws import METHOD, some_id
from tests.commerce.promotions.offering import amounts, line, offer, refusals, rule, variant

BASKET = offer(line(0, 1000, 3), line(1, 335, 1), line(2, 99, 2))


@pytest.mark.parametrize(
    ("effect", "left"),
    [
        # 3000, 335 and 198 before.
        (Percentage(ppm=100_000), [2700, 301, 178]),
        (Percentage(ppm=100_000, cap=100), [2915, 326, 192]),
        (AmountOff(amount=100, currency="EUR", per="item"), [2700, 235, 0]),
        (AmountOff(amount=250, currency="EUR", per="line"), [2750, 85, 0]),
        (AmountOff(amount=100, currency="EUR"), [2915, 326, 192]),
        (AmountOff(amount=10_000, currency="EUR"), [0, 0, 0]),
        (FixedPrice(amount=300, currency="EUR"), [900, 300, 198]),
        (FixedPrice(amount=300, currency="EUR", cap=7), [2993, 335, 198]),
        # 1000 1000 1000 | 335 99 99: a thousand and the last 99.
        (CheapestFree(of=3), [2000, 335, 99]),
        (CheapestFree(of=4), [3000, 0, 198]),
        (BuyGet(buy_quantity=2, get_quantity=1, ppm=500_000), [2500, 335, 148]),
        (BuyGet(buy_quantity=2, get_quantity=1, most_times=1), [2000, 335, 198]),
        (BuyGet(buy_quantity=1, get_quantity=1, get=(Variants(any_of=(variant(2),)),)), [3000, 335, 0]),
        (Tiers(tiers=(Tier(at_least=2, ppm=50_000), Tier(at_least=6, ppm=100_000))), [2700, 301, 178]),
        (Tiers(tiers=(Tier(at_least=3533, ppm=50_000),), currency="EUR"), [2850, 318, 188]),
    ],
)
def test_each_effect_takes_off_what_it_says(effect: Effect, left: list[int]) -> None:
    assert amounts([rule(1, effect)], BASKET) == left


def test_a_bundle_is_made_as_often_as_it_is_worth_more_than_its_price() -> None:
    parts = tuple(BundlePart(items=(Variants(any_of=(variant(number),)),)) for number in (0, 1))

    found = judge([rule(1, Bundle(parts=parts, price=1200, currency="EUR"))], BASKET)

    # One of 1000 and one of 335 are there once: 135 go off, spread by what each part is worth.
    assert [one.amount for one in found.lines] == [2899, 301, 198]
    dear = judge([rule(1, Bundle(parts=parts, price=1335, currency="EUR"))], BASKET)
    assert refusals(dear) == [("no-discount", "Rule 1", {})]


def test_bought_pieces_are_not_got_as_well() -> None:
    same = (Variants(any_of=(variant(0),)),)
    effect = BuyGet(buy_quantity=1, get_quantity=1, get=same)

    found = judge([rule(1, effect, *same)], offer(line(0, 1000, 3)))

    assert [one.amount for one in found.lines] == [2000]


def test_a_bundle_touches_what_its_parts_can_be_made_of() -> None:
    parts = (BundlePart(items=(Variants(any_of=(variant(0),)),)), BundlePart(items=(Variants(any_of=(variant(1),)),)))
    counted = rule(1, Bundle(parts=parts, price=1200, currency="EUR"), Quantity(at_least=5), is_announced=True)

    assert refusals(judge([counted], BASKET)) == [("more-pieces-needed", "Rule 1", {"missing": 1})]


def test_pieces_serve_one_rule_only() -> None:
    found = judge([rule(1, CheapestFree(of=2)), rule(2, CheapestFree(of=2))], offer(line(0, 500, 3)))

    assert [one.amount for one in found.lines] == [1000]
    assert refusals(found) == [("used-up", "Rule 2", {})]


def test_a_rule_that_counts_pieces_says_how_many_are_missing() -> None:
    parts = (BundlePart(items=(Variants(any_of=(variant(0),)),), quantity=5),)
    rules = [
        rule(1, CheapestFree(of=9), is_announced=True),
        rule(2, BuyGet(buy_quantity=7, get_quantity=2, get=(Variants(any_of=(variant(1),)),)), is_announced=True),
        rule(3, Bundle(parts=parts, price=1, currency="EUR"), is_announced=True),
        rule(4, Tiers(tiers=(Tier(at_least=10, ppm=1),)), is_announced=True),
        rule(5, Tiers(tiers=(Tier(at_least=4000, ppm=1),), currency="EUR"), is_announced=True),
        rule(6, CheapestFree(of=9)),
    ]

    assert refusals(judge(rules, BASKET)) == [
        ("more-pieces-needed", "Rule 1", {"missing": 3}),
        ("more-pieces-needed", "Rule 2", {"missing": 3}),
        ("more-pieces-needed", "Rule 3", {"missing": 2}),
        ("more-pieces-needed", "Rule 4", {"missing": 4}),
        ("more-needed", "Rule 5", {"missing": 467, "currency": "EUR"}),
    ]


def test_of_a_gift_the_first_in_stock_is_given_or_the_one_that_was_chosen() -> None:
    gifts = (OfferGift(variant_id=variant(8), unit_amount=700), OfferGift(variant_id=variant(9), unit_amount=900))
    wanted = (variant(7), variant(9), variant(8))
    first, chosen = rule(1, FreeGift(any_of=wanted)), rule(1, FreeGift(any_of=wanted, is_chosen=True))

    found = judge([first], offer(line(0, 1000), gifts=gifts))
    assert [(gift.variant_id, gift.step.amount) for gift in found.gifts] == [(variant(9), 900)]
    assert [one.amount for one in found.redemptions] == [900]
    found = judge([chosen], offer(line(0, 1000), gifts=gifts, chosen_gifts=frozenset([variant(8)])))
    assert [gift.variant_id for gift in found.gifts] == [variant(8)]
    found = judge([chosen], offer(line(0, 1000), gifts=gifts))
    choices = [str(variant(9)), str(variant(8))]
    assert (found.gifts, refusals(found)) == ((), [("gift-not-chosen", "Rule 1", {"choices": choices})])
    assert refusals(judge([first], offer(line(0, 1000)))) == [("gift-unavailable", "Rule 1", {})]


def test_shipping_is_lowered_once_a_method_is_chosen() -> None:
    rules = [rule(1, ShippingOff(ppm=500_000)), rule(2, ShippingOff(cap=100))]

    found = judge(rules, offer(line(0, 1000), shipping_method_id=some_id(METHOD, 0), shipping_amount=495))

    assert (found.shipping_amount, [step.amount for step in found.shipping]) == (147, [248, 100])
    without = judge(rules, offer(line(0, 1000)))
    assert (without.shipping_amount, without.shipping, without.refusals) == (None, (), ())


def test_a_floor_is_cost_and_margin_of_all_that_is_touched() -> None:
    basket = offer(line(0, 1000, unit_cost=700), line(1, 500, unit_cost=400), line(2, 300))
    half = rule(1, Percentage(ppm=500_000), floor_margin_ppm=100_000)

    # 1500 less 770 and 440: of these two lines 290 may go off, by 500 to 250; of the third the cost is not known.
    assert amounts([half], basket) == [807, 403, 150]
    at_floor = judge([rule(1, Percentage(ppm=500_000), floor_margin_ppm=1_000_000)], offer(*basket.lines[:2]))
    assert refusals(at_floor) == [("at-floor", "Rule 1", {})]


def test_a_gift_counts_against_the_floor_with_its_cost() -> None:
    gifts = (OfferGift(variant_id=variant(9), unit_amount=900, unit_cost=301),)
    gift = rule(1, FreeGift(any_of=(variant(9),)), floor_margin_ppm=0)

    assert refusals(judge([gift], offer(line(0, 1000, unit_cost=700), gifts=gifts))) == [("at-floor", "Rule 1", {})]
    assert len(judge([gift], offer(line(0, 1001, unit_cost=700), gifts=gifts)).gifts) == 1
