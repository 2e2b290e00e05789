"""What a simulation found, as it is kept and shown."""

from uuid import UUID

from msgspec import Struct

from shopwright.commerce.checkout import signs
from shopwright.commerce.checkout.replay import Replay
from shopwright.commerce.checkout.signs import Sign
from shopwright.commerce.checkout.tally import Strange, Sums, Tally
from shopwright.kit.money import Money


class CurrencyFinding(Struct, frozen=True, kw_only=True):
    """Of the orders in one currency that would be other than they were.

    `discount` is what the promotion itself gives, `change` how much less (or more) all of these orders bring in because of
    it: less than the discount where it takes the place of another. Both are as the channel shows its prices. The margins
    are without tax, of lines whose cost is known; `lines_without_cost` are in neither.
    """

    currency: str
    orders: int
    discount: Money
    change: Money
    margin_before: Money
    margin_after: Money
    lines_without_cost: int

    @classmethod
    def of(cls, currency: str, sums: Sums) -> "CurrencyFinding":
        return cls(
            currency=currency, orders=sums.orders, discount=Money(sums.discount, currency),
            change=Money(sums.after - sums.before, currency), margin_before=Money(sums.margin_before, currency),
            margin_after=Money(sums.margin_after, currency), lines_without_cost=sums.lines_without_cost,
        )  # fmt: skip


class OverlapFinding(Struct, frozen=True, kw_only=True):
    """Another promotion: in how many orders both are given (`together`), and in how many it is given no more (`displaced`)."""

    promotion_id: UUID
    name: str
    together: int
    displaced: int


class StrangeOrder(Struct, frozen=True, kw_only=True):
    """An order to look at. `reasons`: `total-zero`, `below-cost`, `share-off` (`off_ppm` of the price of its goods),
    `largest-loss`; it is among the ten first in each."""

    order_id: UUID
    number: str
    reasons: list[str]
    listed: Money
    before: Money
    after: Money
    discount: Money
    off_ppm: int
    below_cost: Money

    @classmethod
    def of(cls, strange: Strange, reasons: list[str]) -> "StrangeOrder":
        amounts = {name: Money(getattr(strange, name), strange.currency) for name in _AMOUNTS}
        return cls(
            order_id=strange.order_id, number=str(strange.number), reasons=reasons, off_ppm=strange.off_ppm, **amounts
        )


_AMOUNTS = ("listed", "before", "after", "discount", "below_cost")


class Findings(Struct, frozen=True, kw_only=True):
    """`orders_touched` would be other than they were; `orders_given` have the promotion in them.

    `has_gifts_of_now`: a gift stood in at its price of now, since no rule gave it away when the order was placed.
    """

    orders_touched: int
    orders_given: int
    currencies: list[CurrencyFinding]
    overlaps: list[OverlapFinding]
    strangest: list[StrangeOrder]
    warnings: list[Sign]
    has_gifts_of_now: bool


def of(replay: Replay, tally: Tally) -> Findings:
    overlaps = [
        OverlapFinding(promotion_id=UUID(id_), name=replay.others[UUID(id_)].name, together=it.together, displaced=it.displaced)
        for id_, it in tally.overlaps.items()
    ]  # fmt: skip
    return Findings(
        orders_touched=tally.touched, orders_given=tally.given,
        currencies=[CurrencyFinding.of(currency, tally.sums[currency]) for currency in sorted(tally.sums)],
        overlaps=sorted(overlaps, key=lambda it: (-it.together - it.displaced, it.promotion_id)),
        strangest=[StrangeOrder.of(strange, reasons) for strange, reasons in tally.strangest()],
        warnings=[*signs.of(replay.asked, replay.others.values(), tally)], has_gifts_of_now=tally.has_gifts_of_now,
    )  # fmt: skip
