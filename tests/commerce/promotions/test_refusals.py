from datetime import UTC, datetime, timedelta

import pytest

from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import EnteredCode, Offer, Shopper, Spent
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Attributes,
    Brands,
    Channels,
    Code,
    Condition,
    Countries,
    Currencies,
    FirstOrder,
    Groups,
    Hours,
    NewCustomer,
    OnSale,
    Percentage,
    PriceRange,
    Quantity,
    ShippingMethods,
    ShippingOff,
    Subtotal,
    Variants,
)  # fmt: skip
from tests.commerce.promotions.draws import BRAND, CHANNEL, GROUP, METHOD, NOW, some_id
from tests.commerce.promotions.offering import amounts, line, offer, refusals, replaced, rule, variant

TEN = Percentage(ppm=100_000)
BASKET = offer(line(0, 1000, 2, is_on_sale=True, attributes={"color": "red"}))
GROUPS = Groups(any_of=(some_id(GROUP, 0),))


@pytest.mark.parametrize(
    ("condition", "kind", "facts"),
    [
        (Currencies(any_of=("USD", "GBP")), "not-in-currency", {}),
        (Channels(any_of=(some_id(CHANNEL, 1),)), "not-in-channel", {}),
        (Countries(any_of=("FR",)), "not-in-country", {}),
        (NewCustomer(within_days=7), "not-new-customer", {"within_days": 7}),
        (ShippingMethods(any_of=(some_id(METHOD, 1),)), "not-with-shipping-method", {}),
        (OnSale(is_not=True), "not-with-sale-items", {}),
        (Brands(any_of=(some_id(BRAND, 1),)), "no-such-items", {}),
        (Attributes(code="color", any_of=("blue",)), "no-such-items", {}),
        (PriceRange(currency="USD"), "no-such-items", {}),
        (PriceRange(currency="EUR", at_least=1001), "no-such-items", {}),
        (Quantity(at_least=3), "more-pieces-needed", {"missing": 1}),
        (Quantity(at_most=1), "too-much", {"at_most": 1}),
        (Subtotal(currency="EUR", at_least=3250), "more-needed", {"missing": 1250, "currency": "EUR"}),
        (Subtotal(currency="EUR", at_most=1999), "too-much", {"at_most": 1999}),
        (Subtotal(currency="USD"), "not-in-currency", {}),
        (Code(), "code-needed", {}),
        (
            Hours(zone="Europe/Berlin", weekdays=(6, 7), from_="09:00", until="12:00"), "not-at-this-time",
            {"weekdays": [6, 7], "from": "09:00", "until": "12:00", "zone": "Europe/Berlin"},
        ),
    ],
)  # fmt: skip
def test_a_rule_that_misses_by_one_condition_says_which_if_it_is_announced(
    condition: Condition, kind: str, facts: dict[str, object]
) -> None:
    announced, silent = rule(1, TEN, condition, is_announced=True), rule(2, TEN, condition)

    assert refusals(judge([announced, silent], BASKET)) == [(kind, "Rule 1", facts)]
    two = rule(1, TEN, condition, is_announced=True, starts_at=NOW + timedelta(days=1))
    assert refusals(judge([two], BASKET)) == []


def test_first_orders_are_of_buyers_without_one() -> None:
    basket = replaced(BASKET, shopper=Shopper(has_ordered=True))

    assert refusals(judge([rule(1, TEN, FirstOrder(), is_announced=True)], basket)) == [
        ("not-first-order", "Rule 1", {})
    ]
    assert amounts([rule(1, TEN, FirstOrder())], BASKET) == [1800]


def test_an_effect_in_another_currency_does_not_apply() -> None:
    dollars = AmountOff(amount=100, currency="USD")

    assert judge([rule(1, dollars)], BASKET).refusals == ()
    assert refusals(judge([rule(1, dollars, is_announced=True)], BASKET)) == [("not-in-currency", "Rule 1", {})]


def entered(*rules_and_texts: tuple[int | None, str], basket: Offer = BASKET) -> Offer:
    codes = [
        EnteredCode(text=text, promotion_id=None if number is None else rule(number, TEN).id)
        for number, text in rules_and_texts
    ]
    return replaced(basket, codes=tuple(codes))


def test_each_code_is_answered_as_it_was_entered() -> None:
    rules = [
        rule(1, TEN, Code()), rule(2, TEN, Code(), ends_at=NOW), rule(3, TEN, Code(), is_paused=True),
        rule(4, TEN, Code(), starts_at=NOW + timedelta(days=3)),
    ]  # fmt: skip

    twice = ((1, "ONE"), (None, "NOPE"))

    found = judge(
        rules, entered((None, "nope"), (4, "four"), (1, " One "), (2, "two"), (3, "three"), (9, "gone"), *twice)
    )

    assert [(one.code, one.kind.value, one.facts) for one in found.refusals] == [
        ("nope", "unknown-code", {}),
        ("four", "not-started", {"starts_at": "2026-11-30T18:30:00+00:00"}),
        ("two", "ended", {"ended_at": "2026-11-27T18:30:00+00:00"}),
        ("three", "paused", {}),
        ("gone", "unknown-code", {}),
    ]
    assert [(one.promotion_id, one.code, one.amount) for one in found.redemptions] == [(rules[0].id, " One ", 200)]


def test_of_several_failing_conditions_a_code_hears_the_first() -> None:
    both = rule(
        1, TEN, Quantity(at_least=5), Subtotal(currency="EUR", at_least=9000), Countries(any_of=("FR",)), Code()
    )

    assert refusals(judge([both], entered((1, "a")))) == [("not-in-country", "Rule 1", {})]


def test_nobody_hears_of_a_rule_of_a_group_that_they_are_not_in() -> None:
    rules = [
        rule(1, TEN, GROUPS, Code(), ends_at=NOW),
        rule(2, TEN, GROUPS, Code()),
        rule(3, TEN, GROUPS, is_announced=True),
    ]

    found = judge(rules, entered((1, "old"), (2, "vip"), (None, "none")))

    assert [(one.kind.value, one.promotion_id, one.name, one.facts) for one in found.refusals] == [
        ("unknown-code", None, None, {})
    ] * 3
    member = replaced(entered((2, "vip")), shopper=Shopper(group_ids=frozenset([some_id(GROUP, 0)])))
    assert [one.code for one in judge(rules, member).redemptions] == ["vip", None]


def test_the_next_code_is_taken_when_one_is_used_up() -> None:
    one = rule(1, TEN, Code())
    spent = (Spent(promotion_id=one.id, limit="per_code", code="AAA"),)

    found = judge([one], replaced(entered((1, "aaa "), (1, "bbb")), spent=spent))
    assert [redemption.code for redemption in found.redemptions] == ["bbb"]
    found = judge([one], replaced(entered((1, "aaa ")), spent=spent))
    assert refusals(found) == [("limit-reached", "Rule 1", {"limit": "per_code"})]


def test_free_shipping_by_code_needs_a_shipping_method() -> None:
    shipping = rule(1, ShippingOff(), Code())

    assert refusals(judge([shipping], entered((1, "ship")))) == [("not-with-shipping-method", "Rule 1", {})]


@pytest.mark.parametrize(
    ("hour", "minute", "day", "is_open"),
    [(20, 59, 27, False), (21, 0, 27, True), (0, 59, 28, True), (1, 0, 28, False), (21, 0, 28, False)],
)
def test_hours_may_reach_past_midnight_of_their_day(hour: int, minute: int, day: int, is_open: bool) -> None:
    # A Friday night in Berlin, which is an hour ahead of UTC in November.
    night = Hours(zone="Europe/Berlin", weekdays=(5,), from_="22:00", until="02:00")
    at = datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    assert amounts([rule(1, TEN, night)], replaced(BASKET, at=at)) == [1800 if is_open else 2000]


def test_items_may_be_excluded() -> None:
    but = rule(1, TEN, Variants(any_of=(variant(0),), is_not=True))

    assert amounts([but], offer(line(0, 1000), line(1, 1000))) == [1000, 900]
