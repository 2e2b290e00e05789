"""Signs of a mistake, in a rule and in what it would have done: staff are told, and may know better."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from shopwright.commerce.checkout.tally import Tally
from shopwright.commerce.promotions.rules import Bundle, BuyGet, Code, FreeGift, Limits, Quantity, Rule, Subtotal

_SHOWN = {
    "nearly-free": "It takes 99 % or more off the goods of orders.",
    "half-off": "It takes half or more off the goods of orders.",
    "stacks": "Together with other promotions it takes half or more off the goods of orders, which it would not alone.",
    "below-cost": "It has things sold for less than they cost. Give it a floor: `floor_margin_ppm`.",
    "total-zero": "Orders would cost nothing.",
}


class Sign(Struct, frozen=True, kw_only=True):
    """`orders`: how many show it; None where the rule itself does."""

    kind: str
    detail: str
    orders: int | None = None


def of(rule: Rule, others: Iterable[Rule], tally: Tally) -> Iterator[Sign]:
    """What orders show first, by how much it costs; then what the rule says."""
    for kind, detail in _SHOWN.items():
        if count := tally.signs.get(kind):
            yield Sign(kind=kind, detail=detail, orders=count)
    yield from _bounds(rule)
    for other in others:
        if (other.effect, set(other.conditions)) == (rule.effect, set(rule.conditions)) and other.kind is rule.kind:
            overlap = tally.overlaps.get(str(other.id))
            if overlap and overlap.together:
                detail = f"“{other.name}” says the same, and both are given."
                yield Sign(kind="given-twice", detail=detail, orders=overlap.together)


def _bounds(rule: Rule) -> Iterator[Sign]:
    asks = {type(condition) for condition in rule.conditions}
    is_unlimited = rule.limits == Limits()
    if is_unlimited and Code not in asks and rule.ends_at is None:
        yield Sign(kind="no-limit", detail="It has no code, no limit and no end.")
    if isinstance(rule.effect, FreeGift) and is_unlimited and not asks & {Code, Quantity, Subtotal}:
        yield Sign(kind="gift-without-bound", detail="Whoever orders anything gets the gift, again and again.")
    if isinstance(rule.effect, BuyGet | Bundle) and rule.effect.most_times is None:
        yield Sign(
            kind="stacks-with-itself", detail="It is given as often as items last in one order. See `most_times`."
        )
