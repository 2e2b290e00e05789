"""Which price list says what a piece costs: pure, and without a clock."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from shopwright.kit.money import share

WHOLE = 1_000_000
#: What staff may set at most. A percentage that leads beyond it says nothing.
DEAREST = 10**11


class Audience(StrEnum):
    """In the order in which lists are asked."""

    CUSTOMER = "customer"
    GROUP = "group"
    PUBLIC = "public"


ORDER = [*Audience]


class Verdict(StrEnum):
    """What became of a list."""

    CHOSEN = "chosen"
    LATER = "later"
    """Another list came first."""
    NO_PRICE = "no_price"
    NOT_YET = "not_yet"
    ENDED = "ended"
    INACTIVE = "inactive"


class KnownList(Struct, frozen=True, kw_only=True):
    """A price list in one of its versions."""

    id: UUID
    version: int
    channel_id: UUID
    currency: str
    name: str
    priority: int
    customer_id: UUID | None
    group_id: UUID | None
    based_on_id: UUID | None
    adjust_ppm: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool

    @property
    def audience(self) -> Audience:
        if self.customer_id is not None:
            return Audience.CUSTOMER
        return Audience.PUBLIC if self.group_id is None else Audience.GROUP

    def stands(self, at: datetime) -> Verdict | None:
        """Why it is not there at this moment, or None if it is."""
        if not self.is_active:
            return Verdict.INACTIVE
        if self.starts_at is not None and at < self.starts_at:
            return Verdict.NOT_YET
        return Verdict.ENDED if self.ends_at is not None and at >= self.ends_at else None


class KnownTier(Struct, frozen=True, kw_only=True):
    price_list_id: UUID
    variant_id: UUID
    min_quantity: int
    amount: int


class Considered(Struct, frozen=True, kw_only=True):
    """A list that could have said what a piece costs. `amount` is what it says, if it says anything."""

    price_list_id: UUID
    version: int
    name: str
    audience: Audience
    verdict: Verdict
    amount: int | None


class Resolver:
    """The lists for one buyer at one moment. `own` is what variants cost by themselves."""

    def __init__(
        self, lists: Iterable[KnownList], tiers: Iterable[KnownTier], own: Mapping[UUID, int], *,
        at: datetime, customer_id: UUID | None, group_ids: frozenset[UUID],
    ) -> None:  # fmt: skip
        self._by_id = {each.id: each for each in lists}
        self._tiers: dict[tuple[UUID, UUID], list[KnownTier]] = {}
        for tier in tiers:
            self._tiers.setdefault((tier.price_list_id, tier.variant_id), []).append(tier)
        self._own, self._at = own, at
        # A list that another is based on is known, too, and may be for somebody else.
        mine = [each for each in self._by_id.values() if _is_for(each, customer_id, group_ids)]
        self._mine = sorted(mine, key=lambda each: (ORDER.index(each.audience), each.priority, each.id))

    def find(self, variant_id: UUID, quantity: int) -> tuple[KnownList, int] | None:
        """The first list that has a price for so many pieces, and that price."""
        for each in self._mine:
            amount = self._amount(each, variant_id, quantity)
            if amount is not None:
                return each, amount
        return None

    def considered(self, variant_id: UUID, quantity: int) -> Iterator[Considered]:
        """All lists for this buyer, in the order in which they are asked."""
        chosen = self.find(variant_id, quantity)
        for each in self._mine:
            amount = self._amount(each, variant_id, quantity)
            verdict = each.stands(self._at) or (Verdict.NO_PRICE if amount is None else Verdict.LATER)
            if chosen is not None and chosen[0] is each:
                verdict = Verdict.CHOSEN
            yield Considered(
                price_list_id=each.id, version=each.version, name=each.name, audience=each.audience, verdict=verdict,
                amount=amount,
            )  # fmt: skip

    def _amount(self, asked: KnownList, variant_id: UUID, quantity: int) -> int | None:
        found = self._said(asked, variant_id, quantity)
        return None if found is None or found > DEAREST else found

    def _said(self, asked: KnownList, variant_id: UUID, quantity: int) -> int | None:
        if asked.stands(self._at) is not None:
            return None
        reached = [t for t in self._tiers.get((asked.id, variant_id), ()) if t.min_quantity <= quantity]
        if reached:
            return max(reached, key=lambda tier: tier.min_quantity).amount
        if asked.adjust_ppm is None:
            return None
        basis = self._basis(asked, variant_id, quantity)
        return None if basis is None else share(basis, WHOLE + asked.adjust_ppm, WHOLE)

    def _basis(self, asked: KnownList, variant_id: UUID, quantity: int) -> int | None:
        if asked.based_on_id is None:
            return self._own.get(variant_id)
        below = self._by_id.get(asked.based_on_id)
        return None if below is None else self._amount(below, variant_id, quantity)


def _is_for(each: KnownList, customer_id: UUID | None, group_ids: frozenset[UUID]) -> bool:
    if each.customer_id is not None:
        return each.customer_id == customer_id
    return each.group_id is None or each.group_id in group_ids
