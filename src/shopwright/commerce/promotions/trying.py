"""Trying a rule on the state so far: what fails of its conditions, and if none does, what it would give."""

from collections.abc import Iterator

from shopwright.commerce.promotions import holding
from shopwright.commerce.promotions.bounds import bounded
from shopwright.commerce.promotions.compiled import Compiled
from shopwright.commerce.promotions.effects import outcome
from shopwright.commerce.promotions.holding import Miss
from shopwright.commerce.promotions.offers import EnteredCode, RefusalKind, Spent
from shopwright.commerce.promotions.outcomes import Denied, Given, Outcome
from shopwright.commerce.promotions.rules import Quantity
from shopwright.commerce.promotions.state import Counted, State, normal

#: What an effect lacks is told like a condition that fails: to who entered a code, or where it is announced.
LACKING = (RefusalKind.MORE_PIECES_NEEDED, RefusalKind.MORE_NEEDED)
STOPPED = Denied(RefusalKind.STOPPED)
BUDGET = "budget"


def standing(rule: Compiled, state: State) -> Denied | bool:
    """Whether all its conditions hold; if not, and the shopper is to hear of it, what is amiss."""
    entered = state.entered(rule.id) if rule.has_code else ()
    if not rule.is_for(state.groups) or (not entered and _is_silent(rule, state)):
        return False
    misses = _misses(rule, state, entered)
    miss = next(misses, None)
    if miss is None:
        return True
    if entered or (rule.is_announced and next(misses, None) is None):
        return Denied(miss.kind, miss.facts)
    return False


def attempt(rule: Compiled, state: State) -> Outcome | None:
    """What a rule whose conditions all hold would give, or why nothing; None where nothing is said. Changes nothing."""
    limits = state.limits(rule.id)
    for limit in limits:
        if limit.code is None and limit.limit != BUDGET:
            return used_up(limit)
    touched, is_closed = touched_by(rule, state)
    if is_closed:
        return STOPPED
    found = outcome(rule, touched.lines, state)
    if isinstance(found, Given):
        found = bounded(rule.rule, found, touched.lines)
    if isinstance(found, Given):
        for limit in limits:
            if limit.limit == BUDGET and limit.code is None and found.total > (limit.left or 0):
                return used_up(limit)
    if isinstance(found, Denied) and found.kind in LACKING and not (rule.is_announced or rule.has_code):
        return None
    return found


def usable(entered: tuple[EnteredCode, ...], limits: tuple[Spent, ...]) -> EnteredCode | None:
    """The first of these codes that is not used up."""
    return next((code for code in entered if spent_for(code, limits) is None), None)


def spent_for(code: EnteredCode, limits: tuple[Spent, ...]) -> Spent | None:
    """The limit of this very code that is used up."""
    return next((one for one in limits if one.code is not None and normal(one.code) == normal(code.text)), None)


def used_up(limit: Spent) -> Denied:
    return Denied(RefusalKind.LIMIT_REACHED, {"limit": limit.limit})


def touched_by(rule: Compiled, state: State) -> tuple[Counted, bool]:
    """The lines that it acts on, and whether it is that all it would have acted on are closed (these are given then)."""
    would = rule.touched(state)
    # Free shipping from an amount on must not go away because a sale that stops others took its part.
    if not rule.needs_items:
        return state.counted(would), False
    touched = would & state.open
    return state.counted(touched or would), bool(would and not touched)


def _is_silent(rule: Compiled, state: State) -> bool:
    return (
        (rule.has_code and not rule.is_announced)
        or rule.rule.is_paused
        or (rule.is_shipping and not state.has_method)
    )  # fmt: skip


def _misses(rule: Compiled, state: State, entered: tuple[EnteredCode, ...]) -> Iterator[Miss]:
    """The conditions that fail, in the order in which they are told."""
    for check in rule.checks:
        if miss := check(state):
            yield miss
    yield from _counted(rule, state)
    if not rule.has_code:
        return
    if not entered:
        yield Miss(RefusalKind.CODE_NEEDED)
    elif usable(entered, state.limits(rule.id)) is None and (spent := spent_for(entered[0], state.limits(rule.id))):
        yield Miss(*used_up(spent))


def _counted(rule: Compiled, state: State) -> Iterator[Miss]:
    touched, _ = touched_by(rule, state)
    if not touched.lines:
        is_sale = rule.is_emptied_by_sale(state)
        yield Miss(RefusalKind.NOT_WITH_SALE_ITEMS if is_sale else RefusalKind.NO_SUCH_ITEMS)
    for condition in rule.counts:
        if isinstance(condition, Quantity):
            miss = holding.quantity(condition, touched.pieces)
        else:
            miss = holding.subtotal(condition, touched.subtotal, state.offer.currency)
        if miss:
            yield miss
