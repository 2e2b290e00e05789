"""A past order judged again: by the rules in force without the one that is tried, and with it. Pure; asks nothing.

Orders are taken as if they came again while the rule is in force. So the dates of all rules are left aside (which of them meet
is told before), while hours and ages go by the moment at which the order was placed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from shopwright.commerce.pricing.basis import Basis
from shopwright.commerce.promotions.evaluator import judge_by
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import Judgement, Offer, OfferGift, Redemption, Spent
from shopwright.commerce.promotions.rules import Code, Limits, Rule
from shopwright.commerce.promotions.state import State

#: What may be given away in a channel and currency, as it costs now.
Gifts = Mapping[tuple[UUID, str], Sequence[OfferGift]]


class Used(Struct):
    """How much of the rule's own limits the orders before have used up. Orders come in the order of their time."""

    total: int = 0
    amount: int = 0
    day: str = ""
    of_day: int = 0
    #: By the keys of buyers; filled only if there is a limit for each.
    buyers: dict[str, int] = {}

    def spent(self, rule: Rule, basis: Basis) -> list[Spent]:
        """What of the rule is not to be had for this order. Limits for each code are not counted: nobody entered any."""
        limits, day = rule.limits, _day(basis.offer)
        reached = [
            ("total", limits.total is not None and self.total >= limits.total),
            ("per_day", limits.per_day is not None and self.day == day and self.of_day >= limits.per_day),
            ("per_customer", limits.per_customer is not None and self._most(basis) >= limits.per_customer),
        ]
        found = [Spent(promotion_id=rule.id, limit=limit) for limit, is_reached in reached if is_reached]
        if limits.budget is not None:
            left = max(0, limits.budget.amount - self.amount)
            found.append(Spent(promotion_id=rule.id, limit="budget", left=left))
        return found

    def count(self, limits: Limits, basis: Basis, redeemed: Redemption) -> None:
        """The order was given it."""
        self.total += 1
        self.amount += redeemed.amount
        day = _day(basis.offer)
        self.day, self.of_day = day, self.of_day + 1 if self.day == day else 1
        if limits.per_customer is not None:
            for key in basis.basket.buyer_keys:
                self.buyers[key] = self.buyers.get(key, 0) + 1

    def _most(self, basis: Basis) -> int:
        return max((self.buyers.get(key, 0) for key in basis.basket.buyer_keys), default=0)


class Twice(NamedTuple):
    """An order that the rule changes something of: as it was asked, and judged without and with the rule."""

    offer: Offer
    before: Judgement
    after: Judgement


class Replay:
    """The rule that is tried beside `others`, compiled once for all orders."""

    def __init__(self, rule: Rule, others: Iterable[Rule], gifts: Gifts, *, assumes_code: bool) -> None:
        self.asked, self.rule = rule, _in_force(rule, assumes_code=assumes_code)
        others = [_in_force(each) for each in others]
        self.others = {each.id: each for each in others}
        self._moved = _moved(self.rule, others)
        self._before, self._after = Index(others), Index([*others, self.rule])
        self._touching = Index([self.rule, *self._moved])
        self._checks = self._touching.by_id[rule.id].checks
        self._gifts = gifts
        #: Whether a gift was taken at the price of now, since it was none when the order was placed.
        self.has_gifts_of_now = False

    def twice(self, basis: Basis, used: Used) -> Twice | None:
        """None for an order of which the rule changes nothing. Counts what is given in `used`."""
        if not self._could_touch(basis.offer):
            return None
        offer = self._asked(basis, used)
        after = judge_by(self._after, offer)
        given = next((each for each in after.redemptions if each.promotion_id == self.rule.id), None)
        if given is not None:
            used.count(self.rule.limits, basis, given)
        # A rule that gives nothing changes nothing, unless its group is judged earlier because of it.
        if given is None and not self._moved and not self._lowers_a_price(after):
            return None
        before = judge_by(self._before, offer)
        if (before.lines, before.gifts, before.shipping) == (after.lines, after.gifts, after.shipping):
            return None
        return Twice(offer, before, after)

    def _could_touch(self, offer: Offer) -> bool:
        state = State(offer)
        if not any(self._touching.fitting(state)):
            return False
        return bool(self._moved) or not any(check(state) for check in self._checks)

    def _lowers_a_price(self, judgement: Judgement) -> bool:
        return any(step.promotion_id == self.rule.id for line in judgement.lines for step in line.catalog)

    def _asked(self, basis: Basis, used: Used) -> Offer:
        offer = basis.offer
        spent = [each for each in offer.spent if each.promotion_id != self.rule.id]
        begun = {each.promotion_id for each in spent if each.limit == "budget"}
        spent += [
            Spent(promotion_id=id_, limit="budget", left=budget)
            for id_, budget in self._before.budgets.items() if id_ not in begun
        ]  # fmt: skip
        known = {gift.variant_id for gift in offer.gifts}
        new = [gift for gift in self._gifts.get((offer.channel_id, offer.currency), ()) if gift.variant_id not in known]
        self.has_gifts_of_now = self.has_gifts_of_now or bool(new)
        return replace(offer, spent=(*spent, *used.spent(self.rule, basis)), gifts=(*offer.gifts, *new))


def _in_force(rule: Rule, *, assumes_code: bool = False) -> Rule:
    conditions = tuple(one for one in rule.conditions if not (assumes_code and isinstance(one, Code)))
    # What is announced would be looked at for each order, only to say why it gives nothing.
    return replace(rule, starts_at=None, ends_at=None, is_paused=False, is_announced=False, conditions=conditions)


def _moved(rule: Rule, others: Sequence[Rule]) -> list[Rule]:
    """The members of its group, if they are judged earlier than they were because it is one of them."""
    group = [each for each in others if each.exclusive_group == rule.exclusive_group and each.kind is rule.kind]
    if rule.exclusive_group is None or any(_place(each) < _place(rule) for each in group):
        return []
    return group


def _place(rule: Rule) -> tuple[int, int]:
    return rule.priority, rule.id.int


def _day(offer: Offer) -> str:
    return offer.at.date().isoformat()
