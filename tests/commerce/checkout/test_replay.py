"""What is left out of a replay for speed changes nothing: it is as judging every order twice by every rule."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from shopwright.commerce.checkout.replay import Replay, Used
from shopwright.commerce.pricing.basis import Basis
from shopwright.commerce.pricing.quotes import Basket
from shopwright.commerce.promotions.evaluator import judge
from shopwright.commerce.promotions.offers import Judgement, Offer, OfferGift, Spent
from shopwright.commerce.promotions.rules import Code, FreeGift, Limits, Percentage, Rule, Variants
from shopwright.kit.money import Money
from tests.commerce.promotions.draws import GIFT, some_id
from tests.commerce.promotions.offering import line, offer, rule, variant
from tests.pricing_oracle.carts import draw_cart

CARTS, SHARE = 200, 50


def basis(asked: Offer, *keys: str) -> Basis:
    basket = Basket(channel_id=asked.channel_id, locale="en", lines=(), buyer_keys=keys)
    return Basis(basket=basket, offer=asked)


def dateless(each: Rule, **more: Any) -> Rule:
    return replace(each, starts_at=None, ends_at=None, is_paused=False, **more)


def told(judgement: Judgement) -> tuple[Any, ...]:
    """All but why rules gave nothing."""
    return judgement.lines, judgement.gifts, judgement.shipping, judgement.shipping_amount


def one_by_one(tried: Rule, others: list[Rule], asked: Offer, *, assumes_code: bool) -> tuple[Judgement, Judgement]:
    """Both judgements by all rules, looking at every one of them."""
    spent = [each for each in asked.spent if each.promotion_id != tried.id]
    begun = {each.promotion_id for each in spent if each.limit == "budget"}
    budgets = [(each.id, each.limits.budget.amount) for each in (tried, *others) if each.limits.budget]
    spent += [Spent(promotion_id=id_, limit="budget", left=left) for id_, left in budgets if id_ not in begun]
    asked = replace(asked, spent=tuple(spent))
    if assumes_code:
        tried = replace(tried, conditions=tuple(one for one in tried.conditions if not isinstance(one, Code)))
    rules = [dateless(each) for each in others]
    return judge(rules, asked), judge([*rules, dateless(tried)], asked)


@pytest.mark.parametrize("first", range(0, CARTS, SHARE))
def test_a_replay_is_as_judging_by_every_rule_twice(first: int) -> None:
    touched = 0
    for seed in range(first, first + SHARE):
        drawn, plain = draw_cart(seed)
        rules, asked = msgspec.convert(drawn, list[Rule]), msgspec.convert(plain, Offer)
        kept = msgspec.json.decode(msgspec.json.encode(basis(asked)), type=Basis)
        assert kept.offer == asked
        for number, tried in enumerate(rules):
            others, assumes_code = [*rules[:number], *rules[number + 1 :]], bool(seed % 2)
            before, after = one_by_one(tried, others, asked, assumes_code=assumes_code)
            found = Replay(tried, others, {}, assumes_code=assumes_code).twice(kept, Used())
            if told(before) == told(after):
                assert found is None, f"seed {seed}, rule {number}"
            else:
                assert found is not None, f"seed {seed}, rule {number}"
                assert (told(found.before), told(found.after)) == (told(before), told(after)), (
                    f"seed {seed}, rule {number}"
                )
                touched += 1
    assert touched > SHARE


def test_limits_are_used_up_in_the_order_of_the_orders() -> None:
    tried = rule(1, Percentage(ppm=100_000), limits=Limits(total=3, per_customer=1, budget=Money(250, "EUR")))
    replay, used = Replay(tried, [], {}, assumes_code=True), Used()
    asked = [("ada", 1000), ("ada", 1000), ("eve", 2000), ("bob", 1000), ("cem", 500), ("dan", 100)]
    given = [replay.twice(basis(offer(line(0, amount)), key), used) is not None for key, amount in asked]
    # The second is of the same buyer, the third more than is left, and after the fifth three were given.
    assert given == [True, False, False, True, True, False]
    assert (used.total, used.amount, used.buyers) == (3, 250, {"ada": 1, "bob": 1, "cem": 1})


def test_a_day_has_its_own_limit() -> None:
    tried = rule(1, Percentage(ppm=100_000), limits=Limits(per_day=1))
    replay, used = Replay(tried, [], {}, assumes_code=True), Used()
    asked = offer(line(0, 1000))
    tomorrow = replace(asked, at=asked.at.replace(day=asked.at.day + 1))
    assert [replay.twice(basis(one), used) is not None for one in (asked, asked, tomorrow, tomorrow)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_rule_that_only_moves_its_group_touches_what_it_gives_nothing_of() -> None:
    tenth = rule(2, Percentage(ppm=100_000), priority=50, exclusive_group="sale")
    last = rule(3, Percentage(ppm=500_000), priority=20, is_final=True)
    asked = basis(offer(line(0, 1000)))
    # It touches nothing here; yet its group is judged before the one that stops, and not after it.
    draft = rule(1, Percentage(ppm=200_000), Variants(any_of=(variant(7),)), priority=1, exclusive_group="sale")
    found = Replay(draft, [tenth, last], {}, assumes_code=True).twice(asked, Used())
    assert found is not None
    assert (found.before.lines[0].amount, found.after.lines[0].amount) == (500, 450)


def test_a_gift_that_was_none_then_is_taken_at_its_price_of_now() -> None:
    gift: UUID = some_id(GIFT, 1)
    asked = offer(line(0, 1000))
    gifts = {(asked.channel_id, "EUR"): [OfferGift(variant_id=gift, unit_amount=700, unit_cost=300)]}
    replay = Replay(rule(1, FreeGift(any_of=(gift,))), [], gifts, assumes_code=True)
    found = replay.twice(basis(asked), Used())
    assert found is not None
    assert [(given.variant_id, given.step.amount) for given in found.after.gifts] == [(gift, 700)]
    assert replay.has_gifts_of_now
