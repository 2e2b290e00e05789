"""What must be true of the oracle by itself, whatever the cart."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pricing_oracle.carts import draw_cart
from tests.pricing_oracle.counting import CONDITIONS, EFFECTS, Counter, count, count_deciding
from tests.pricing_oracle.judging import judge
from tests.pricing_oracle.state import Plain

seeds = st.integers(0, 2**63)


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    result = Counter[str]()
    for seed in range(1500):
        rules, offer = draw_cart(seed)
        judgement = judge(rules, offer)
        result += count(rules, offer, judgement)
        result += count_deciding(rules, offer, judgement) if seed % 4 == 0 else Counter()
    return result


def test_in_most_carts_two_or_more_rules_apply(counts: Counter[str]) -> None:
    assert counts["two or more rules apply"] >= 0.6 * counts["carts"]


@pytest.mark.parametrize("effect", EFFECTS)
def test_each_effect_gives_something_in_one_cart_of_a_hundred(effect: str, counts: Counter[str]) -> None:
    assert counts[f"effect {effect}"] >= 0.01 * counts["carts"]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_makes_a_difference_in_one_cart_of_a_hundred(condition: str, counts: Counter[str]) -> None:
    assert counts[f"condition {condition}"] >= 0.01 * counts["carts looked at without each condition"]


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_the_steps_lead_from_the_price_to_the_amount_and_never_below_zero(seed: int) -> None:
    rules, offer = draw_cart(seed)
    judgement = judge(rules, offer)
    for line, judged in zip(offer["lines"], judgement["lines"], strict=True):
        assert line["line_id"] == judged["line_id"]
        assert after(line["unit_amount"], judged["catalog"]) == judged["unit_amount"]
        assert after(line["quantity"] * judged["unit_amount"], judged["cart"]) == judged["amount"]
    if offer["shipping_amount"] is not None:
        assert after(offer["shipping_amount"], judgement["shipping"]) == judgement["shipping_amount"]


def after(amount: int, steps: list[Plain]) -> int:
    for step in steps:
        assert step["base"] == amount
        assert 0 < step["amount"] <= amount
        amount -= step["amount"]
    return amount


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_what_is_redeemed_is_what_the_steps_take_off(seed: int) -> None:
    rules, offer = draw_cart(seed)
    judgement = judge(rules, offer)
    steps = [step for line in judgement["lines"] for step in line["cart"]]
    steps += judgement["shipping"] + [gift["step"] for gift in judgement["gifts"]]
    taken = Counter[str]()
    for step in steps:
        taken[step["promotion_id"]] += step["amount"]
    assert taken == {redeemed["promotion_id"]: redeemed["amount"] for redeemed in judgement["redemptions"]}
    left = {s["promotion_id"]: s["left"] or 0 for s in offer["spent"] if s["limit"] == "budget"}
    assert all(taken[promotion_id] <= left[promotion_id] for promotion_id in taken.keys() & left.keys())


@settings(max_examples=300, deadline=None)
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_lines_and_rules_does_not_matter(seed: int, chance: Random) -> None:
    rules, offer = draw_cart(seed)
    lines, shuffled_rules = list(offer["lines"]), list(rules)
    chance.shuffle(lines)
    chance.shuffle(shuffled_rules)
    one, other = judge(rules, offer), judge(shuffled_rules, offer | {"lines": lines})
    assert by_id(one) == by_id(other)


def by_id(judgement: Plain) -> Plain:
    return judgement | {"lines": {line["line_id"]: line for line in judgement["lines"]}}


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_a_gift_card_costs_what_it_costs(seed: int) -> None:
    rules, offer = draw_cart(seed)
    offer["lines"] = [line | {"is_gift_card": True} for line in offer["lines"]]
    judgement = judge(rules, offer)
    assert [line["amount"] for line in judgement["lines"]] == [x["unit_amount"] * x["quantity"] for x in offer["lines"]]
    assert (judgement["gifts"], judgement["shipping"], judgement["redemptions"]) == ([], [], [])
