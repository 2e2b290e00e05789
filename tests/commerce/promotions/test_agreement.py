"""The shop's evaluator and the one that was written from the guide alone."""

import pytest

from tests.pricing_oracle.carts import draw_cart
from tests.pricing_oracle.comparing import difference, judge_as_the_shop_does
from tests.pricing_oracle.examples import EXAMPLES, Example
from tests.pricing_oracle.judging import judge

CARTS, SHARE = 10_000, 500


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_shop_judges_the_examples_of_the_guide_as_the_guide_says(example: Example) -> None:
    assert judge_as_the_shop_does(example.rules, example.offer) == example.judgement


@pytest.mark.parametrize("first", range(0, CARTS, SHARE))
def test_both_evaluators_judge_every_cart_alike(first: int) -> None:
    for seed in range(first, first + SHARE):
        rules, offer = draw_cart(seed)
        assert difference(rules, offer, judge(rules, offer)) == "", f"seed {seed}"
