"""Whether what a rule asks of the whole basket holds, and what is amiss if not; by the order in which it is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shopwright.commerce.promotions.offers import RefusalKind
from shopwright.commerce.promotions.rules import (
    AmountOff,
    Bundle,
    Channels,
    Condition,
    Countries,
    Currencies,
    FirstOrder,
    FixedPrice,
    Hours,
    Kind,
    NewCustomer,
    Quantity,
    Rule,
    ShippingMethods,
    ShippingOff,
    Subtotal,
    Tiers,
)  # fmt: skip
from shopwright.commerce.promotions.state import State


class Miss(NamedTuple):
    """A condition that fails."""

    kind: RefusalKind
    facts: dict[str, Any] = {}


Check = Callable[[State], Miss | None]
NOT_IN_CURRENCY = Miss(RefusalKind.NOT_IN_CURRENCY)
NO_METHOD = Miss(RefusalKind.NOT_WITH_SHIPPING_METHOD)
IN_ORDER = (Currencies, Channels, Countries, FirstOrder, NewCustomer, ShippingMethods, Hours)


def checks_of(rule: Rule) -> list[Check]:
    """What is asked before the items are looked at."""
    checks: list[tuple[int, Check]] = []
    if rule.is_paused:
        checks.append((-3, lambda _: Miss(RefusalKind.PAUSED)))
    if rule.starts_at or rule.ends_at:
        checks.append((-2, _window(rule.starts_at, rule.ends_at)))
    if isinstance(rule.effect, AmountOff | FixedPrice | Bundle | Tiers) and rule.effect.currency:
        checks.append((-1, _currency({rule.effect.currency})))
    if isinstance(rule.effect, ShippingOff):
        checks.append((IN_ORDER.index(ShippingMethods), lambda state: None if state.has_method else NO_METHOD))
    asked = [one for one in rule.conditions if isinstance(one, IN_ORDER)]
    checks += [(IN_ORDER.index(type(one)), _check(one, rule.kind)) for one in asked]
    return [check for _, check in sorted(checks, key=lambda entry: entry[0])]


def quantity(condition: Quantity, pieces: int) -> Miss | None:
    """Against the pieces that the rule touches."""
    if pieces < condition.at_least:
        return Miss(RefusalKind.MORE_PIECES_NEEDED, {"missing": condition.at_least - pieces})
    if condition.at_most is not None and pieces > condition.at_most:
        return Miss(RefusalKind.TOO_MUCH, {"at_most": condition.at_most})
    return None


def subtotal(condition: Subtotal, amount: int, currency: str) -> Miss | None:
    """Against what the touched items cost after catalog promotions."""
    if condition.currency != currency:
        return NOT_IN_CURRENCY
    if amount < condition.at_least:
        return Miss(RefusalKind.MORE_NEEDED, {"missing": condition.at_least - amount, "currency": currency})
    if condition.at_most is not None and amount > condition.at_most:
        return Miss(RefusalKind.TOO_MUCH, {"at_most": condition.at_most})
    return None


def _check(condition: Condition, kind: Kind) -> Check:
    match condition:
        case Currencies(any_of=currencies):
            return _currency(set(currencies))
        case Channels(any_of=ids):
            channels = frozenset([id_.int for id_ in ids])
            return _unless(lambda state: state.channel in channels, Miss(RefusalKind.NOT_IN_CHANNEL))
        case Countries(any_of=countries):
            return _country(frozenset(countries), kind)
        case FirstOrder():
            return _unless(lambda state: not state.offer.shopper.has_ordered, Miss(RefusalKind.NOT_FIRST_ORDER))
        case NewCustomer(within_days=days):
            return _new_customer(days)
        case ShippingMethods(any_of=ids):
            methods = frozenset(ids)
            return _unless(lambda state: state.offer.shipping_method_id in methods, NO_METHOD)
        case Hours():
            return _hours(condition)
    raise AssertionError(condition)


def _unless(holds: Callable[[State], bool], miss: Miss) -> Check:
    return lambda state: None if holds(state) else miss


def _window(starts_at: datetime | None, ends_at: datetime | None) -> Check:
    def check(state: State) -> Miss | None:
        if starts_at is not None and state.offer.at < starts_at:
            return Miss(RefusalKind.NOT_STARTED, {"starts_at": starts_at.isoformat()})
        if ends_at is not None and state.offer.at >= ends_at:
            return Miss(RefusalKind.ENDED, {"ended_at": ends_at.isoformat()})
        return None

    return check


def _currency(currencies: set[str]) -> Check:
    return _unless(lambda state: state.offer.currency in currencies, NOT_IN_CURRENCY)


def _country(countries: frozenset[str], kind: Kind) -> Check:
    miss = Miss(RefusalKind.NOT_IN_COUNTRY)
    # A listing does not know where its reader lives, and a cart must not cost more than the listing said.
    if kind is Kind.CATALOG:
        return _unless(lambda state: state.channel_country in countries, miss)
    return _unless(lambda state: state.offer.country in countries, miss)


def _new_customer(days: int) -> Check:
    def is_new(state: State) -> bool:
        since = state.offer.shopper.registered_at
        return since is not None and state.offer.at - since <= timedelta(days=days)

    return _unless(is_new, Miss(RefusalKind.NOT_NEW_CUSTOMER, {"within_days": days}))


def is_open(hours: Hours, at: datetime) -> bool:
    here, weekdays = at.astimezone(ZoneInfo(hours.zone)), hours.weekdays
    today, time = here.isoweekday(), f"{here.hour:02}:{here.minute:02}"
    if hours.until > hours.from_:
        return today in weekdays and hours.from_ <= time < hours.until
    yesterday = today - 1 or 7
    return (today in weekdays and time >= hours.from_) or (yesterday in weekdays and time < hours.until)


def _hours(hours: Hours) -> Check:
    facts = {"weekdays": list(hours.weekdays), "from": hours.from_, "until": hours.until, "zone": hours.zone}
    return _unless(lambda state: is_open(hours, state.offer.at), Miss(RefusalKind.NOT_AT_THIS_TIME, facts))
