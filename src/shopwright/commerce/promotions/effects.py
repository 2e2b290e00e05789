"""What each effect of a cart rule takes off, given the lines that the rule touches. Nothing is changed here."""

from shopwright.commerce.promotions.compiled import Compiled
from shopwright.commerce.promotions.offers import RefusalKind
from shopwright.commerce.promotions.outcomes import NO_DISCOUNT, Denied, Given, Outcome, lacking
from shopwright.commerce.promotions.pieces import bundles, buy_one_get_another, groups_of
from shopwright.commerce.promotions.rules import (
    WHOLE,
    AmountOff,
    Bundle,
    BuyGet,
    CheapestFree,
    FixedPrice,
    FreeGift,
    Percentage,
    ShippingOff,
    Tiers,
)  # fmt: skip
from shopwright.commerce.promotions.state import Line, State
from shopwright.commerce.promotions.touching import Touch
from shopwright.kit.money import allocate

Shares = list[tuple[Line, int]]


def outcome(rule: Compiled, lines: list[Line], state: State) -> Outcome:
    """Before cap and floor. `lines` are those that the rule touches."""
    match rule.rule.effect:
        case Percentage(ppm=ppm):
            return Given(_percentage(lines, ppm))
        case AmountOff() as effect:
            return Given(_amount_off(lines, effect))
        case FixedPrice(amount=amount):
            return Given([(line, max(0, line.amount - amount * line.quantity)) for line in lines])
        case Tiers() as effect:
            return _tiers(lines, effect, state.offer.currency)
        case CheapestFree(of=size):
            return groups_of(lines, size - 1, 1, WHOLE, None)
        case BuyGet(get=None) as effect:
            return groups_of(lines, effect.buy_quantity, effect.get_quantity, effect.ppm, effect.most_times)
        case BuyGet() as effect:
            return buy_one_get_another(effect, lines, state.counted(rule.parts[0].of(state) & state.open).lines)
        case Bundle() as effect:
            return bundles(effect, [_among(lines, part, state) for part in rule.parts])
        case FreeGift() as effect:
            return _gift(effect, state)
        case ShippingOff(ppm=ppm):
            return Given(shipping=percent(state.shipping, ppm))


def _among(lines: list[Line], part: Touch, state: State) -> list[Line]:
    fitting = part.of(state)
    return [line for line in lines if line.bit & fitting]


def percent(amount: int, ppm: int) -> int:
    """Rounded half up."""
    return (2 * amount * ppm + WHOLE) // (2 * WHOLE)


def _percentage(lines: list[Line], ppm: int) -> Shares:
    return [(line, percent(line.amount, ppm)) for line in lines]


def _amount_off(lines: list[Line], effect: AmountOff) -> Shares:
    match effect.per:
        case "item":
            return [(line, min(line.amount, effect.amount * line.quantity)) for line in lines]
        case "line":
            return [(line, min(line.amount, effect.amount)) for line in lines]
        case "order":
            weights = [line.amount for line in lines]
            return list(zip(lines, allocate(min(effect.amount, sum(weights)), weights), strict=True))


def _tiers(lines: list[Line], effect: Tiers, currency: str) -> Outcome:
    reached = sum([line.quantity if effect.currency is None else line.unit * line.quantity for line in lines])
    tiers = sorted(effect.tiers, key=lambda tier: tier.at_least)
    rates = [tier.ppm for tier in tiers if tier.at_least <= reached]
    if rates:
        return Given(_percentage(lines, rates[-1]))
    missing = tiers[0].at_least - reached
    if effect.currency is None:
        return lacking(missing)
    return Denied(RefusalKind.MORE_NEEDED, {"missing": missing, "currency": currency})


def _gift(effect: FreeGift, state: State) -> Outcome:
    gifts = {gift.variant_id: gift for gift in state.offer.gifts}
    in_stock = [gifts[id_] for id_ in effect.any_of if id_ in gifts]
    if not in_stock:
        return Denied(RefusalKind.GIFT_UNAVAILABLE)
    if effect.is_chosen:
        chosen = [gift for gift in in_stock if gift.variant_id in state.offer.chosen_gifts]
        if not chosen:
            choices = [str(gift.variant_id) for gift in in_stock]
            return Denied(RefusalKind.GIFT_NOT_CHOSEN, {"choices": choices})
        in_stock = chosen
    return Given(gift=in_stock[0]) if in_stock[0].unit_amount else NO_DISCOUNT
