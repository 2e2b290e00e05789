from shopwright.commerce.promotions.evaluator import judge, judge_by
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import Spent
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Kind,
    OnSale,
    Percentage,
    PriceRange,
    Products,
    ShippingOff,
    Subtotal,
    Variants,
)  # fmt: skip
from tests.commerce.promotions.draws import METHOD, PRODUCT, some_id
from tests.commerce.promotions.offering import amounts, line, offer, refusals, rule, variant

TEN, TWENTY, HALF = Percentage(ppm=100_000), Percentage(ppm=200_000), Percentage(ppm=500_000)
FIVE_EUROS = AmountOff(amount=500, currency="EUR")


def test_rules_go_by_priority_then_id_each_on_what_the_one_before_left() -> None:
    rules = [rule(1, TEN, priority=2), rule(3, FIVE_EUROS), rule(2, TWENTY, priority=2)]

    [found] = judge(rules, offer(line(0, 10_000))).lines

    assert [(step.name, step.base, step.amount) for step in found.cart] == [
        ("Rule 1", 10_000, 1000), ("Rule 2", 9000, 1800), ("Rule 3", 7200, 500),
    ]  # fmt: skip


def test_catalog_rules_go_first_and_lower_the_price_of_one_piece() -> None:
    catalog = rule(2, TEN, kind=Kind.CATALOG, priority=900)

    [found] = judge([rule(1, TEN), catalog], offer(line(0, 995, 3))).lines

    # Of 995 a hundred goes off (99.5, rounded half up), of three times 895 then 269 (268.5).
    assert (found.unit_amount, found.amount) == (895, 2416)
    assert [(step.base, step.amount) for step in (*found.catalog, *found.cart)] == [(995, 100), (2685, 269)]


def test_cart_rules_see_prices_and_sales_as_catalog_rules_made_them() -> None:
    catalog = rule(1, HALF, Products(any_of=(some_id(PRODUCT, 0),)), kind=Kind.CATALOG)
    not_on_sale = rule(2, TEN, OnSale(is_not=True))
    cheap = rule(3, TEN, PriceRange(currency="EUR", at_most=500))

    assert amounts([catalog, not_on_sale], offer(line(0, 1000), line(1, 1000))) == [500, 900]
    assert amounts([catalog, cheap], offer(line(0, 1000), line(1, 1000))) == [450, 1000]


def test_of_an_exclusive_group_the_largest_discount_wins_and_stands_where_the_first_member_does() -> None:
    rules = [
        rule(1, TEN, priority=1, exclusive_group="best"), rule(2, TEN, priority=5),
        rule(3, TWENTY, priority=9, exclusive_group="best"), rule(4, TWENTY, priority=9, exclusive_group="best"),
    ]  # fmt: skip

    found = judge(rules, offer(line(0, 1000)))

    assert [step.name for step in found.lines[0].cart] == ["Rule 3", "Rule 2"]
    by = {"by": "Rule 3", "by_id": str(rules[2].id)}
    assert refusals(found) == [("replaced", "Rule 1", by), ("replaced", "Rule 4", by)]


def test_a_groups_place_is_that_of_its_first_member_even_if_that_one_touches_nothing() -> None:
    nothing = rule(1, TEN, Variants(any_of=(variant(5),)), priority=1, exclusive_group="best")
    rules = [nothing, rule(2, FIVE_EUROS, priority=5), rule(3, HALF, priority=9, exclusive_group="best")]

    for found in (judge(rules, offer(line(0, 2000))), judge_by(Index(rules), offer(line(0, 2000)))):
        assert [step.name for step in found.lines[0].cart] == ["Rule 3", "Rule 2"]


def test_in_a_group_of_the_catalog_each_line_has_its_own_winner() -> None:
    rules = [
        rule(1, TEN, kind=Kind.CATALOG, exclusive_group="sale"),
        rule(2, AmountOff(amount=150, currency="EUR", per="item"), kind=Kind.CATALOG, exclusive_group="sale"),
        rule(3, Percentage(ppm=10_000), kind=Kind.CATALOG, exclusive_group="sale"),
    ]

    found = judge(rules, offer(line(0, 1000, 9), line(1, 5000)))

    assert [one.unit_amount for one in found.lines] == [850, 4500]
    assert refusals(found) == [("replaced", "Rule 3", {"by": "Rule 1", "by_id": str(rules[0].id)})]


def test_stop_here_closes_the_lines_that_were_discounted() -> None:
    final = rule(1, TEN, Variants(any_of=(variant(0),)), is_final=True)
    of_closed = rule(2, TEN, Variants(any_of=(variant(0),)))

    found = judge([final, of_closed, rule(3, HALF)], offer(line(0, 1000), line(1, 1000)))

    assert [one.amount for one in found.lines] == [900, 500]
    assert refusals(found) == [("stopped", "Rule 2", {})]


def test_closed_lines_count_in_nothing_but_gifts_and_shipping_for_the_whole_cart() -> None:
    final = rule(1, TEN, Variants(any_of=(variant(0),)), is_final=True)
    basket = offer(line(0, 1000), line(1, 400), shipping_method_id=some_id(METHOD, 0), shipping_amount=500)
    from_1400 = Subtotal(currency="EUR", at_least=1400)

    found = judge([final, rule(2, TEN, from_1400), rule(3, ShippingOff(), from_1400)], basket)

    assert ([one.amount for one in found.lines], found.shipping_amount) == ([900, 400], 0)


def test_a_discount_that_does_not_fit_the_budget_is_refused_whole() -> None:
    one = rule(1, TEN)
    left = [Spent(promotion_id=one.id, limit="budget", left=amount) for amount in (99, 100)]

    found = judge([one], offer(line(0, 1000), spent=(left[0],)))

    assert (found.lines[0].amount, refusals(found)) == (1000, [("limit-reached", "Rule 1", {"limit": "budget"})])
    assert amounts([one], offer(line(0, 1000), spent=(left[1],))) == [900]


def test_gift_cards_take_part_in_nothing() -> None:
    card = line(0, 5000, is_gift_card=True)

    found = judge(
        [rule(1, HALF, Subtotal(currency="EUR", at_least=2000), is_announced=True)], offer(card, line(1, 1000))
    )

    assert [one.amount for one in found.lines] == [5000, 1000]
    assert refusals(found) == [("more-needed", "Rule 1", {"missing": 1000, "currency": "EUR"})]
