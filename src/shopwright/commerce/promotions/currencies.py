"""Whether the amounts of a rule are all of currencies that can meet."""

from collections.abc import Iterator

from shopwright.commerce.promotions.rules import (
    AmountOff,
    Bundle,
    Currencies,
    FixedPrice,
    PriceRange,
    Subtotal,
    Terms,
    Tiers,
)  # fmt: skip
from shopwright.kit.money import is_currency
from shopwright.kit.validation import Fault


def faults(terms: Terms) -> Iterator[Fault]:
    """Unknown currencies, amounts that no offer can have together, and a budget that could not be counted."""
    named = dict(_named(terms))
    for pointer, currency in named.items():
        if not is_currency(currency):
            yield {"pointer": pointer, "detail": "There is no such currency."}
    possible = possible_in(terms)
    first = next(iter(named.values()), None)
    for pointer, currency in named.items():
        if possible is not None and currency not in possible:
            yield {"pointer": pointer, "detail": "The rule's condition on the currency leaves this one out."}
        elif currency != first:
            yield {"pointer": pointer, "detail": f"Other amounts of this rule are in {first}: it would never hold."}
    budget = terms.limits.budget
    if budget is not None and possible != {budget.currency} and effect_currency(terms) is None:
        yield {"pointer": "/limits/budget", "detail": f"Add a condition on the currency {budget.currency} alone."}
    if budget is not None and budget.amount < 1:
        yield {"pointer": "/limits/budget/amount", "detail": "With this budget it would give nothing."}


def effect_currency(terms: Terms) -> str | None:
    """The one that the effect's own amounts are in."""
    match terms.effect:
        case AmountOff(currency=currency) | FixedPrice(currency=currency) | Bundle(currency=currency):
            return currency
        case Tiers(currency=currency):
            return currency
    return None


def possible_in(terms: Terms) -> set[str] | None:
    """What the conditions on the currency leave; None without one."""
    asked = [set(one.any_of) for one in terms.conditions if isinstance(one, Currencies)]
    return set.intersection(*asked) if asked else None


def _named(terms: Terms) -> Iterator[tuple[str, str]]:
    if currency := effect_currency(terms):
        yield "/effect/currency", currency
    for place, condition in enumerate(terms.conditions):
        if isinstance(condition, Subtotal | PriceRange):
            yield f"/conditions/{place}/currency", condition.currency
    if terms.limits.budget is not None:
        yield "/limits/budget/currency", terms.limits.budget.currency
