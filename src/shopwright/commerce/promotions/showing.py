"""Catalog rules: they lower the price of one piece, each line for itself, so that a cart and a listing agree."""

from collections.abc import Iterable, Mapping, Sequence

from shopwright.commerce.promotions.bounds import floor_of
from shopwright.commerce.promotions.compiled import Compiled, Place
from shopwright.commerce.promotions.effects import percent
from shopwright.commerce.promotions.offers import Applied, RefusalKind
from shopwright.commerce.promotions.outcomes import AT_FLOOR, NO_DISCOUNT, Denied
from shopwright.commerce.promotions.rules import AmountOff, FixedPrice, Percentage
from shopwright.commerce.promotions.state import Line, State
from shopwright.commerce.promotions.trying import STOPPED

#: Of several reasons the first of these is told.
IN_ORDER = (RefusalKind.REPLACED, RefusalKind.AT_FLOOR, RefusalKind.NO_DISCOUNT, RefusalKind.STOPPED)
Verdicts = dict[Compiled, Denied | None]
Reason = tuple[int, Place, Denied]


def lower(groups: Iterable[Sequence[Compiled]], state: State) -> Verdicts:
    """Apply catalog rules that hold, each alone or as members of an exclusive group, in order.

    Answers for each rule why it lowered nothing, or None if it lowered something.
    """
    done: set[Compiled] = set()
    reasons: dict[Compiled, list[Reason]] = {}
    for group in groups:
        for line, members in _by_line(group, state).items():
            _compete(line, members, done, reasons)
    return dict.fromkeys(done) | {
        rule: min(why, key=lambda reason: reason[:2])[-1] for rule, why in reasons.items() if rule not in done
    }


def _by_line(group: Sequence[Compiled], state: State) -> dict[Line, list[Compiled]]:
    touching: dict[Line, list[Compiled]] = {}
    for rule in group:
        for line in state.counted(rule.touched(state)).lines:
            touching.setdefault(line, []).append(rule)
    return touching


def _compete(line: Line, members: list[Compiled], done: set[Compiled], reasons: dict[Compiled, list[Reason]]) -> None:
    offers = {}
    for rule in members:
        found = STOPPED if line.is_closed else _off(rule, line)
        if isinstance(found, int):
            offers[rule] = found
        else:
            reasons.setdefault(rule, []).append((IN_ORDER.index(found.kind), rule.place, found))
    if not offers:
        return
    winner = best(offers)
    for rule in offers.keys() - {winner}:
        reasons.setdefault(rule, []).append((0, winner.place, replaced_by(winner)))
    _apply(winner, line, offers[winner])
    done.add(winner)


def best(offers: Mapping[Compiled, int]) -> Compiled:
    """The member of a group that gives the most; of equal ones that with the lower id."""
    return max(offers, key=lambda rule: (offers[rule], -rule.id.int))


def replaced_by(winner: Compiled) -> Denied:
    return Denied(RefusalKind.REPLACED, {"by": winner.rule.name, "by_id": str(winner.id)})


def _off(rule: Compiled, line: Line) -> int | Denied:
    """What goes off one piece."""
    off = 0
    effect = rule.rule.effect
    match effect:
        case Percentage(ppm=ppm):
            off = percent(line.unit, ppm)
        case AmountOff(amount=amount):
            off = min(line.unit, amount)
        case FixedPrice(amount=amount):
            off = max(0, line.unit - amount)
        case _:
            raise AssertionError(f"{type(effect).__name__} is no effect of a catalog rule")
    if effect.cap is not None:
        off = min(off, effect.cap)
    if off == 0:
        return NO_DISCOUNT
    if rule.rule.floor_margin_ppm is not None and line.cost is not None:
        off = min(off, line.unit - floor_of(line.cost, 1, rule.rule.floor_margin_ppm))
    return off if off > 0 else AT_FLOOR


def _apply(rule: Compiled, line: Line, off: int) -> None:
    step = Applied(promotion_id=rule.id, version=rule.rule.version, name=rule.rule.name, base=line.unit, amount=off)
    line.catalog.append(step)
    line.unit -= off
    line.is_closed = rule.rule.is_final
