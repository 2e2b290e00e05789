"""What is wrong with a rule in itself, each fault with the JSON pointer to it. What it names is looked for in `existing`."""

from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from zoneinfo import available_timezones

import msgspec

from shopwright.commerce.promotions import currencies
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Bundle,
    BuyGet,
    Code,
    Condition,
    Countries,
    Currencies,
    Effect,
    FirstOrder,
    FixedPrice,
    FreeGift,
    Hours,
    Kind,
    Limits,
    NewCustomer,
    OnSale,
    Percentage,
    PriceRange,
    Quantity,
    ShippingMethods,
    Subtotal,
    Terms,
    Tiers,
)  # fmt: skip
from shopwright.kit import clock
from shopwright.kit.locale import is_country
from shopwright.kit.money import is_currency
from shopwright.kit.validation import Fault

LARGEST = 250_000
NOT_FOR_CATALOG = (OnSale, Quantity, Subtotal, FirstOrder, NewCustomer, ShippingMethods, Code)
FOR_CATALOG = (Percentage, AmountOff, FixedPrice)


def faults(terms: Terms) -> Iterator[Fault]:
    """All of them at once."""
    if len(msgspec.json.encode(terms)) > LARGEST:
        yield fault("", f"A rule may have {LARGEST} bytes. Put what it touches into a collection, and name that.")
    for pointer, moment in (("/starts_at", terms.starts_at), ("/ends_at", terms.ends_at)):
        if moment is not None and not clock.is_near(moment):
            yield fault(pointer, "Say a date between the years 2000 and 3000.")
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        yield fault("/ends_at", "It has to end after it starts.")
    for pointer, condition in conditions_in(terms):
        yield from _in_condition(pointer, condition)
    yield from _repeated("/conditions", terms.conditions)
    yield from _in_effect(terms.effect)
    yield from _in_limits(terms)
    yield from currencies.faults(terms)
    if terms.kind is Kind.CATALOG:
        yield from _in_catalog(terms)


def conditions_in(terms: Terms) -> Iterator[tuple[str, Condition]]:
    """Each condition with its pointer, those inside the effect, too."""
    for place, condition in enumerate(terms.conditions):
        yield f"/conditions/{place}", condition
    match terms.effect:
        case BuyGet(get=get):
            yield from ((f"/effect/get/{place}", condition) for place, condition in enumerate(get or ()))
        case Bundle(parts=parts):
            for number, part in enumerate(parts):
                for place, condition in enumerate(part.items):
                    yield f"/effect/parts/{number}/items/{place}", condition


def fault(pointer: str, detail: str) -> Fault:
    return {"pointer": pointer, "detail": detail}


def _in_condition(pointer: str, condition: Condition) -> Iterator[Fault]:
    match condition:
        case Quantity() | Subtotal() | PriceRange() if condition.at_most is not None:
            if condition.at_most < condition.at_least:
                yield fault(f"{pointer}/at_most", "It has to be at_least or more.")
        case Hours(zone=zone, weekdays=weekdays):
            if zone not in _zones():
                yield fault(f"{pointer}/zone", "There is no such time zone.")
            yield from _repeated(f"{pointer}/weekdays", weekdays)
        case Countries(any_of=countries):
            for place, country in enumerate(countries):
                if not is_country(country):
                    yield fault(f"{pointer}/any_of/{place}", "This is not a country of ISO 3166-1.")
        case Currencies(any_of=named):
            for place, currency in enumerate(named):
                if not is_currency(currency):
                    yield fault(f"{pointer}/any_of/{place}", "There is no such currency.")
    yield from _repeated(f"{pointer}/any_of", getattr(condition, "any_of", ()))


def _in_effect(effect: Effect) -> Iterator[Fault]:
    if not isinstance(effect, FreeGift) and effect.cap == 0:
        yield fault("/effect/cap", "With this cap it would give nothing.")
    match effect:
        case AmountOff(amount=0):
            yield fault("/effect/amount", "This would give nothing.")
        case FreeGift(any_of=gifts):
            yield from _repeated("/effect/any_of", gifts)
        case Tiers(tiers=tiers):
            for place in range(1, len(tiers)):
                if tiers[place].at_least <= tiers[place - 1].at_least:
                    yield fault(f"/effect/tiers/{place}/at_least", "Each tier has to begin above the one before it.")


def _in_limits(terms: Terms) -> Iterator[Fault]:
    if terms.limits.per_code is not None and not any(isinstance(one, Code) for one in terms.conditions):
        yield fault("/limits/per_code", "Only a rule with a condition on a code has codes.")


def _in_catalog(terms: Terms) -> Iterator[Fault]:
    for place, condition in enumerate(terms.conditions):
        if isinstance(condition, NOT_FOR_CATALOG):
            yield fault(f"/conditions/{place}", "A listing cannot know this. Only a cart promotion may ask for it.")
    if not isinstance(terms.effect, FOR_CATALOG):
        yield fault("/effect", "Only a percentage, an amount per item or a fixed price can be shown on listings.")
    elif isinstance(terms.effect, AmountOff) and terms.effect.per != "item":
        yield fault("/effect/per", "A catalog promotion lowers the price of one piece: say `item`.")
    if terms.limits != Limits():
        yield fault("/limits", "What listings show holds for everybody. Only a cart promotion may be limited.")


def _repeated(pointer: str, values: Sequence[Hashable]) -> Iterator[Fault]:
    seen = set()
    for place, value in enumerate(values):
        if value in seen:
            yield fault(f"{pointer}/{place}", "This stands here twice.")
        seen.add(value)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
