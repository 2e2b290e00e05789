"""What is wrong with a price list, or with the prices that it is to have; each fault with the JSON pointer to it."""

from collections.abc import Collection, Iterator
from uuid import UUID

from msgspec import Struct

from shopwright.commerce.accounts.models import Customer, CustomerGroup
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.pricing import list_queries
from shopwright.commerce.pricing.list_models import PriceList
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.validation import Fault

#: Lists that are based on one another.
LONGEST_CHAIN = 5


class TierPrice(Struct, frozen=True, kw_only=True):
    """From so many pieces on each costs this."""

    min_quantity: int
    price: Money


class VariantTiers(Struct, frozen=True, kw_only=True):
    """All that a list says of a variant; without tiers it says nothing."""

    variant_id: UUID
    tiers: tuple[TierPrice, ...]


def faults(terms: PriceList) -> Iterator[Fault]:
    """Of its terms."""
    for name in ("starts_at", "ends_at"):
        moment = getattr(terms, name)
        if moment is not None and not clock.is_near(moment):
            yield _fault(f"/{name}", "Say a date between the years 2000 and 3000.")
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        yield _fault("/ends_at", "It has to end after it starts.")
    if terms.customer_id is not None and terms.group_id is not None:
        yield _fault("/group_id", "A list is for one customer or for a group, not for both.")
    if terms.customer_id is not None and session.get(Customer, terms.customer_id) is None:
        yield _fault("/customer_id", "There is no such customer.")
    if terms.group_id is not None and session.get(CustomerGroup, terms.group_id) is None:
        yield _fault("/group_id", "There is no such customer group.")
    if terms.based_on_id is not None:
        yield from _in_basis(terms, terms.based_on_id)


def faults_in(changed: PriceList, of_variants: Collection[VariantTiers]) -> Iterator[Fault]:
    """Of what it is to say of variants."""
    known = catalog.products_of([each.variant_id for each in of_variants])
    seen: set[UUID] = set()
    for place, each in enumerate(of_variants):
        if each.variant_id not in known:
            yield _fault(f"/items/{place}/variant_id", "There is no such variant.")
        if each.variant_id in seen:
            yield _fault(f"/items/{place}/variant_id", "This variant was named before: say all its tiers at once.")
        seen.add(each.variant_id)
        if len({tier.min_quantity for tier in each.tiers}) < len(each.tiers):
            yield _fault(f"/items/{place}/tiers", "Two tiers begin at the same quantity.")
        if any(tier.price.currency != changed.currency for tier in each.tiers):
            yield _fault(f"/items/{place}/tiers", f"The prices of this list are in {changed.currency}.")


def _in_basis(terms: PriceList, based_on_id: UUID) -> Iterator[Fault]:
    if terms.adjust_ppm is None:
        yield _fault("/adjust_ppm", "Say how much goes onto the prices of the list that it is based on, if only 0.")
    below = session.get(PriceList, based_on_id)
    if below is None or below.channel_id != terms.channel_id or below.currency != terms.currency:
        yield _fault("/based_on_id", "There is no such price list in this channel and currency.")
        return
    chain = {terms.id}
    while below is not None and below.id not in chain:
        chain.add(below.id)
        below = session.get(PriceList, below.based_on_id) if below.based_on_id else None
    if below is not None:
        yield _fault("/based_on_id", "A price list cannot be based on itself, also not by way of others.")
    elif len(chain) + _height(terms.id) > LONGEST_CHAIN:
        yield _fault("/based_on_id", f"At most {LONGEST_CHAIN} lists may be based on one another.")


def _height(price_list_id: UUID) -> int:
    """How many lists stand upon it, one upon the other."""
    below = {each.id: each.based_on_id for each in list_queries.based_on(price_list_id)}

    def depth(id_: UUID | None) -> int:
        return 0 if id_ is None or id_ == price_list_id else 1 + depth(below.get(id_))

    return max(map(depth, below), default=0)


def _fault(pointer: str, detail: str) -> Fault:
    return {"pointer": pointer, "detail": detail}
