"""What holds of every judgement, whatever the rules and the offer."""

from random import Random

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.commerce.promotions.evaluator import judge, judge_by, show
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import Judgement, Offer, RefusalKind
from shopwright.commerce.promotions.rules import Groups, Kind, Rule
from tests.commerce.promotions.draws import case

Case = tuple[list[Rule], Offer]
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(case())
def test_the_steps_lead_from_the_price_to_the_amount_and_never_below_zero(drawn: Case) -> None:
    rules, offer = drawn

    found = judge(rules, offer)

    assert [line.line_id for line in found.lines] == [line.line_id for line in offer.lines]
    for given_, line in zip(offer.lines, found.lines, strict=True):
        unit = given_.unit_amount
        for step in line.catalog:
            assert step.base == unit and 0 < step.amount <= unit
            unit -= step.amount
        assert line.unit_amount == unit
        amount = unit * given_.quantity
        for step in line.cart:
            assert step.base == amount and 0 < step.amount <= amount
            amount -= step.amount
        assert line.amount == amount >= 0
        assert not given_.is_gift_card or (line.catalog, line.cart) == ((), ())


@often
@given(case())
def test_what_is_redeemed_is_what_the_steps_of_cart_rules_add_up_to(drawn: Case) -> None:
    rules, offer = drawn

    found = judge(rules, offer)

    steps = [step for line in found.lines for step in line.cart]
    steps += [*found.shipping, *(gift.step for gift in found.gifts)]
    given_ = {one.promotion_id: one.amount for one in found.redemptions}
    assert len(given_) == len(found.redemptions)
    assert given_ == {id_: sum(s.amount for s in steps if s.promotion_id == id_) for id_ in given_}
    assert {step.promotion_id for step in steps} == given_.keys()
    if offer.shipping_amount is not None:
        assert found.shipping_amount == offer.shipping_amount - sum(step.amount for step in found.shipping) >= 0


@often
@given(case(), st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_that_of_rules_matters(drawn: Case, random: Random) -> None:
    rules, offer = drawn
    lines, others = list(offer.lines), list(rules)
    random.shuffle(lines)
    random.shuffle(others)

    one = judge(rules, offer)
    other = judge(others, msgspec.structs.replace(offer, lines=tuple(lines)))

    assert _in_order(one) == _in_order(other)


@often
@given(case())
def test_looking_only_at_rules_that_can_touch_something_changes_nothing(drawn: Case) -> None:
    rules, offer = drawn

    assert judge_by(Index(rules), offer) == judge(rules, offer)


@often
@given(case())
def test_a_listing_shows_of_each_line_alone_what_the_cart_takes(drawn: Case) -> None:
    rules, offer = drawn
    index = Index(rules)

    in_cart = judge(rules, offer).lines

    for line, judged in zip(offer.lines, in_cart, strict=True):
        [shown] = show(index, msgspec.structs.replace(offer, lines=(msgspec.structs.replace(line, quantity=1),)))
        assert (shown.unit_amount, shown.catalog) == (judged.unit_amount, judged.catalog)


@often
@given(case())
def test_a_rule_gives_something_or_is_refused_and_of_strange_groups_nothing_is_said(drawn: Case) -> None:
    rules, offer = drawn

    found = judge(rules, offer)

    applied = {one.promotion_id for one in found.redemptions}
    applied |= {step.promotion_id for line in found.lines for step in line.catalog}
    assert not applied & {refusal.promotion_id for refusal in found.refusals}
    strange = {rule.id for rule in rules if _is_strange(rule, offer)}
    assert not strange & (applied | {refusal.promotion_id for refusal in found.refusals})
    told = [refusal.code for refusal in found.refusals if refusal.code is not None]
    assert told == [code.text for code in offer.codes if code.promotion_id not in applied]
    for code, refusal in zip([c for c in offer.codes if c.text in told], found.refusals, strict=False):
        is_unknown = code.promotion_id is None or code.promotion_id in strange
        assert (refusal.kind is RefusalKind.UNKNOWN_CODE) == is_unknown


@often
@given(case())
def test_no_discount_goes_below_a_floor_or_over_a_budget(drawn: Case) -> None:
    rules, offer = drawn

    found = judge(rules, offer)

    given_ = {one.promotion_id: one.amount for one in found.redemptions}
    for limit in offer.spent:
        if limit.code is None:
            assert given_.get(limit.promotion_id, 0) <= (limit.left if limit.limit == "budget" else 0)
    for rule in rules:
        if rule.kind is Kind.CATALOG and rule.floor_margin_ppm is not None:
            for one, line in zip(offer.lines, found.lines, strict=True):
                for step in line.catalog:
                    if step.promotion_id == rule.id and one.unit_cost is not None:
                        assert (step.base - step.amount) * 10**6 >= one.unit_cost * (10**6 + rule.floor_margin_ppm)


@often
@given(case())
def test_a_judgement_survives_being_stored(drawn: Case) -> None:
    found = judge(*drawn)

    assert msgspec.json.decode(msgspec.json.encode(found), type=Judgement) == found


def _in_order(found: Judgement) -> Judgement:
    lines = tuple(sorted(found.lines, key=lambda line: line.line_id))
    return msgspec.structs.replace(found, lines=lines)


def _is_strange(rule: Rule, offer: Offer) -> bool:
    groups = [one for one in rule.conditions if isinstance(one, Groups)]
    return any(not set(one.any_of) & offer.shopper.group_ids for one in groups)
