"""Signs of a mistake in a rule that is right in itself: staff are told, and may know better."""

from collections.abc import Iterator

from shopwright.commerce.promotions.checking import fault
from shopwright.commerce.promotions.currencies import effect_currency, possible_in
from shopwright.commerce.promotions.rules import (
    Bundle,
    Code,
    FixedPrice,
    FreeGift,
    Kind,
    Limits,
    Percentage,
    Terms,
    Tiers,
)  # fmt: skip
from shopwright.kit.validation import Fault

VERY_MUCH = 900_000


def of(terms: Terms) -> list[Fault]:
    """Each with the pointer to what is odd."""
    return [*_too_generous(terms), *_unlimited(terms), *_caps(terms)]


def _too_generous(terms: Terms) -> Iterator[Fault]:
    match terms.effect:
        case Percentage(ppm=ppm) if ppm >= VERY_MUCH:
            yield fault("/effect/ppm", f"This takes {ppm / 10_000:g} % off.")
        case Tiers(tiers=tiers):
            for place, tier in enumerate(tiers):
                if tier.ppm >= VERY_MUCH:
                    yield fault(f"/effect/tiers/{place}/ppm", f"This takes {tier.ppm / 10_000:g} % off.")
                if place and tier.ppm < tiers[place - 1].ppm:
                    yield fault(f"/effect/tiers/{place}/ppm", "Who buys more gets less than at the tier before.")
        case FixedPrice(amount=0):
            yield fault("/effect/amount", "This makes all that it touches free.")
        case Bundle(price=0):
            yield fault("/effect/price", "This makes the whole bundle free.")


def _unlimited(terms: Terms) -> Iterator[Fault]:
    has_code = any(isinstance(one, Code) for one in terms.conditions)
    if has_code and len(terms.conditions) == 1 and terms.limits == Limits():
        yield fault("/limits", "Whoever has the code can use it on everything, again and again.")
    if terms.kind is Kind.CATALOG and not terms.conditions and terms.ends_at is None:
        yield fault("/conditions", "This lowers every price of the shop, without an end.")


def _caps(terms: Terms) -> Iterator[Fault]:
    if isinstance(terms.effect, FreeGift) or terms.effect.cap is None or effect_currency(terms):
        return
    possible = possible_in(terms)
    if possible is None or len(possible) > 1:
        yield fault("/effect/cap", "In each currency the cap is so many of its own minor units. Ask for one currency.")
