"""Saying why not: for each code as it was entered, then for each rule that came near, in order."""

from collections.abc import Iterator, Mapping, Set

from shopwright.commerce.promotions.compiled import Compiled
from shopwright.commerce.promotions.index import Index
from shopwright.commerce.promotions.offers import EnteredCode, Refusal, RefusalKind
from shopwright.commerce.promotions.outcomes import Denied
from shopwright.commerce.promotions.state import State
from shopwright.commerce.promotions.trying import spent_for, used_up

Verdicts = Mapping[Compiled, Denied | None]


def refusals(index: Index, state: State, verdicts: Verdicts, held: Set[Compiled]) -> tuple[Refusal, ...]:
    """`verdicts` has None for a rule that gave something, and lacks those of which nothing is to be said.

    `held` are the rules whose conditions all hold.
    """
    return (*_of_codes(index, state, verdicts, held), *_of_rules(state, verdicts))


def _of_codes(index: Index, state: State, verdicts: Verdicts, held: Set[Compiled]) -> Iterator[Refusal]:
    for code in state.entered_codes:
        rule = index.by_id.get(code.promotion_id) if code.promotion_id else None
        # Whoever is not in its group must not learn that there is such a rule.
        if rule is None or not rule.has_code or not rule.is_for(state.groups):
            yield Refusal(kind=RefusalKind.UNKNOWN_CODE, code=code.text)
        elif why := verdicts.get(rule):
            # A used-up code beside a good one: it is not the rule's lack that keeps it from being taken.
            spent = spent_for(code, state.limits(rule.id)) if rule in held else None
            yield _refusal(rule, used_up(spent) if spent else why, code)


def _of_rules(state: State, verdicts: Verdicts) -> Iterator[Refusal]:
    for rule in sorted(verdicts, key=lambda rule: (not rule.is_catalog, rule.place)):
        why = verdicts[rule]
        if why is not None and not (rule.has_code and state.entered(rule.id)):
            yield _refusal(rule, why)


def _refusal(rule: Compiled, why: Denied, code: EnteredCode | None = None) -> Refusal:
    return Refusal(
        kind=why.kind, promotion_id=rule.id, name=rule.rule.name, code=code.text if code else None, facts=why.facts
    )
