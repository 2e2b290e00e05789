"""How much of a discount may be given: no more than its cap, and nothing below the rule's floor."""

from shopwright.commerce.promotions.outcomes import AT_FLOOR, NO_DISCOUNT, Given, Outcome
from shopwright.commerce.promotions.rules import WHOLE, FreeGift, Rule
from shopwright.commerce.promotions.state import Line
from shopwright.kit.money import allocate


def bounded(rule: Rule, given: Given, touched: list[Line]) -> Outcome:
    """The same, or less of it by largest remainder; refused if nothing is left."""
    cap = None if isinstance(rule.effect, FreeGift) else rule.effect.cap
    if cap is not None:
        given = given._replace(off=cut(given.off, cap), shipping=min(given.shipping, cap))
    before = given.total
    if not before:
        return NO_DISCOUNT
    if rule.floor_margin_ppm is not None and not given.shipping:
        given = _at_floor(given, touched, rule.floor_margin_ppm)
    return given if given.total else AT_FLOOR


def cut(off: list[tuple[Line, int]], most: int) -> list[tuple[Line, int]]:
    """So that all of it together is not more than this."""
    amounts = [amount for _, amount in off]
    if sum(amounts) <= most:
        return off
    # Equal remainders go by the lines' own order, whatever order an effect found them in.
    in_order = sorted(off, key=lambda entry: (entry[0].variant, entry[0].id.int))
    shares = allocate(most, [amount for _, amount in in_order])
    return [(line, share) for (line, _), share in zip(in_order, shares, strict=True)]


def floor_of(cost: int, quantity: int, margin_ppm: int) -> int:
    """What so many pieces have to cost at least, rounded up."""
    return -(-cost * quantity * (WHOLE + margin_ppm) // WHOLE)


def _at_floor(given: Given, touched: list[Line], margin_ppm: int) -> Given:
    lines = dict.fromkeys([*touched, *(line for line, amount in given.off if amount)])
    room = sum(
        line.amount - floor_of(line.cost, line.quantity, margin_ppm) for line in lines if line.cost is not None
    )  # fmt: skip
    if given.gift:
        return given if room >= (given.gift.unit_cost or 0) else given._replace(gift=None)
    held = [entry for entry in given.off if entry[0].cost is not None]
    free = [entry for entry in given.off if entry[0].cost is None]
    return given._replace(off=[*free, *cut(held, max(0, room))])
