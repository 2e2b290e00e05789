"""Judging an offer by rules: pure, in whole minor units, the same for a listing, a cart, an order and a simulation.

First all catalog rules, then all cart rules, each by (priority, id); an exclusive group stands where its first member does.
"""

from collections.abc import Sequence

from shopwright.commerce.promotions.compiled import Compiled
from shopwright.commerce.promotions.index import Group, Index
from shopwright.commerce.promotions.offers import Applied, JudgedGift, JudgedLine, Judgement, Offer, Redemption
from shopwright.commerce.promotions.outcomes import Denied, Given
from shopwright.commerce.promotions.refusing import refusals
from shopwright.commerce.promotions.rules import Rule
from shopwright.commerce.promotions.showing import Verdicts, best, lower, replaced_by
from shopwright.commerce.promotions.state import State
from shopwright.commerce.promotions.trying import attempt, standing, usable


def judge(rules: Sequence[Rule], offer: Offer) -> Judgement:
    """By these rules, looking at every one of them. `judge_by` is the same by rules that are compiled already."""
    index = Index(rules)
    state = State(offer)
    return _Judge(state).judge(index, *index.all())


def judge_by(index: Index, offer: Offer) -> Judgement:
    """By compiled rules, looking only at those that could say something of this offer."""
    state = State(offer)
    return _Judge(state).judge(index, *index.fitting(state))


def show(index: Index, offer: Offer) -> tuple[JudgedLine, ...]:
    """What the offer's lines cost after catalog rules alone, as a listing shows them."""
    state = State(offer)
    judge_ = _Judge(state)
    judge_.catalog(index.fitting(state)[0])
    state.begin_cart()
    return tuple(line.judged() for line in state.all_lines)


class _Judge:
    """What has come of an offer so far."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.verdicts: Verdicts = {}
        self.held: set[Compiled] = set()
        self.gifts: list[JudgedGift] = []
        self.shipping: list[Applied] = []
        self.redemptions: list[Redemption] = []

    def judge(self, index: Index, catalog: list[Group], cart: list[Group]) -> Judgement:
        self.catalog(catalog)
        self.state.begin_cart()
        for group in cart:
            self._compete(group)
        offer = self.state.offer
        return Judgement(
            lines=tuple(line.judged() for line in self.state.all_lines),
            gifts=tuple(self.gifts),
            shipping_amount=None if offer.shipping_amount is None else self.state.shipping,
            shipping=tuple(self.shipping),
            refusals=refusals(index, self.state, self.verdicts, self.held),
            redemptions=tuple(self.redemptions),
        )

    def catalog(self, groups: list[Group]) -> None:
        held = [[rule for rule in group if self._stands(rule)] for group in groups]
        self.verdicts |= lower(held, self.state)

    def _compete(self, group: Group) -> None:
        offers: dict[Compiled, Given] = {}
        for rule in group:
            if self._stands(rule):
                found = attempt(rule, self.state)
                if isinstance(found, Given):
                    offers[rule] = found
                elif found is not None:
                    self.verdicts[rule] = found
        if not offers:
            return
        winner = best({rule: given.total for rule, given in offers.items()}) if len(offers) > 1 else next(iter(offers))
        self.verdicts |= {rule: replaced_by(winner) for rule in offers if rule is not winner}
        self._apply(winner, offers[winner])

    def _stands(self, rule: Compiled) -> bool:
        found = standing(rule, self.state)
        if isinstance(found, Denied):
            self.verdicts[rule] = found
            return False
        if found:
            self.held.add(rule)
        return found

    def _apply(self, rule: Compiled, given: Given) -> None:
        state, code = self.state, self._code(rule)
        for line, pieces in given.used:
            line.used += pieces
        for line, amount in given.off:
            if amount:
                line.cart.append(_step(rule, line.amount, amount, code))
                line.amount -= amount
                if rule.rule.is_final:
                    state.close(line)
        if given.shipping:
            self.shipping.append(_step(rule, state.shipping, given.shipping, code))
            state.shipping -= given.shipping
        if given.gift:
            worth = given.gift.unit_amount
            self.gifts.append(JudgedGift(variant_id=given.gift.variant_id, step=_step(rule, worth, worth, code)))
        self.verdicts[rule] = None
        redeemed = Redemption(promotion_id=rule.id, version=rule.rule.version, amount=given.total, code=code)
        self.redemptions.append(redeemed)

    def _code(self, rule: Compiled) -> str | None:
        if not rule.has_code:
            return None
        found = usable(self.state.entered(rule.id), self.state.limits(rule.id))
        return found.text if found else None


def _step(rule: Compiled, base: int, amount: int, code: str | None) -> Applied:
    return Applied(
        promotion_id=rule.id, version=rule.rule.version, name=rule.rule.name, base=base, amount=amount, code=code
    )
