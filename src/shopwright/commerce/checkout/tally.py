"""What a rule would have changed, summed up order by order, in a size that does not grow with their number."""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from msgspec import Struct, field

from shopwright.commerce.checkout.replay import Replay, Twice, Used
from shopwright.commerce.orders.history import Past, Taxed
from shopwright.commerce.promotions.offers import Judgement, Offer
from shopwright.commerce.taxes.rates import tax_in
from shopwright.kit.money import Money, share

WHOLE = 1_000_000
HALF, NEARLY_ALL = 500_000, 990_000
MOST_STRANGE = 10


class Sums(Struct):
    """In one currency, of the orders that the rule touches, as the channel shows its prices.

    The margins are net, of the lines whose cost is known.
    """

    orders: int = 0
    discount: int = 0
    before: int = 0
    after: int = 0
    margin_before: int = 0
    margin_after: int = 0
    lines_without_cost: int = 0


class Overlap(Struct):
    """With another rule: in how many orders both give, and in how many the other one no longer does."""

    together: int = 0
    displaced: int = 0


class Strange(Struct):
    """An order that stands out. `listed` is what it would cost without any promotion, `off_ppm` the part of its goods' price
    that goes in all, `below_cost` by how much it is sold below what the shop pays, because of the rule."""

    order_id: UUID
    number: int
    currency: str
    listed: int
    before: int
    after: int
    discount: int
    off_ppm: int
    below_cost: int


class Tally(Struct):
    touched: int = 0
    given: int = 0
    sums: dict[str, Sums] = {}
    overlaps: dict[str, Overlap] = {}
    #: Of each way to be strange the strangest orders, each with its rank.
    boards: dict[str, list[tuple[int, Strange]]] = {}
    #: How many orders show each sign of a mistake.
    signs: dict[str, int] = {}
    has_gifts_of_now: bool = False
    used: Used = field(default_factory=Used)

    def note(self, past: Past, twice: Twice, replay: Replay, taxed: Taxed) -> None:
        """One more order that the rule changes something of."""
        own = replay.rule.id
        given, given_before = _given(twice.offer, twice.after), _given(twice.offer, twice.before)
        sums = self.sums.setdefault(twice.offer.currency, Sums())
        before, after = _charged(twice.before), _charged(twice.after)
        margin_before, _, below_before = _margin(twice.offer, twice.before, taxed)
        margin, unknown, below = _margin(twice.offer, twice.after, taxed)
        self.touched += 1
        self.given += own in given
        sums.orders += 1
        sums.discount += given[own]
        sums.before += before
        sums.after += after
        sums.margin_before += margin_before
        sums.margin_after += margin
        sums.lines_without_cost += unknown
        self._overlap(own, given_before, given)
        goods, own_off, all_off = _off_goods(twice.offer, twice.after, own)
        strange = Strange(
            order_id=past.id, number=past.number, currency=twice.offer.currency, listed=_listed(twice.offer),
            before=before, after=after, discount=given[own], off_ppm=_part(all_off, goods),
            below_cost=below if below > below_before else 0,
        )  # fmt: skip
        self._rank(strange)
        self._look(strange, own_ppm=_part(own_off, goods))

    def _overlap(self, own: UUID, before: Mapping[UUID, int], after: Mapping[UUID, int]) -> None:
        for id_ in (before.keys() | after.keys()) - {own}:
            found = Overlap(together=own in after and id_ in after, displaced=id_ in before and id_ not in after)
            if found.together or found.displaced:
                so_far = self.overlaps.setdefault(str(id_), Overlap())
                so_far.together += found.together
                so_far.displaced += found.displaced

    def _rank(self, strange: Strange) -> None:
        ranks = {
            "total-zero": strange.listed if not strange.after and strange.before else 0,
            "below-cost": strange.below_cost,
            "share-off": strange.off_ppm,
            # Amounts of two currencies say nothing of each other.
            f"largest-loss {strange.currency}": strange.before - strange.after,
        }
        for name, rank in ranks.items():
            if rank > 0:
                board = self.boards.setdefault(name, [])
                board.append((rank, strange))
                board.sort(key=lambda entry: (-entry[0], entry[1].number))
                del board[MOST_STRANGE:]

    def _look(self, strange: Strange, own_ppm: int) -> None:
        signs = {
            "nearly-free": own_ppm >= NEARLY_ALL,
            "half-off": HALF <= own_ppm < NEARLY_ALL,
            "stacks": own_ppm < HALF <= strange.off_ppm and strange.discount > 0,
            "below-cost": strange.below_cost > 0,
            "total-zero": strange.after == 0 and strange.before > 0,
        }
        for name, is_shown in signs.items():
            if is_shown:
                self.signs[name] = self.signs.get(name, 0) + 1

    def strangest(self) -> Iterator[tuple[Strange, list[str]]]:
        """The ten strangest orders and what is strange about them: the first of each kind, then the second of each …"""
        kinds: dict[UUID, list[str]] = {}
        for name, board in self.boards.items():
            for _, strange in board:
                kinds.setdefault(strange.order_id, []).append(name.partition(" ")[0])
        found: dict[UUID, Strange] = {}
        for place in range(MOST_STRANGE):
            for name in sorted(self.boards, reverse=True):
                board = self.boards[name]
                if place < len(board):
                    found.setdefault(board[place][1].order_id, board[place][1])
        for id_, strange in [*found.items()][:MOST_STRANGE]:
            yield strange, sorted(kinds[id_])


def _given(offer: Offer, judgement: Judgement) -> Counter[UUID]:
    """What each rule takes off in all."""
    found: Counter[UUID] = Counter()
    for line, asked in zip(judgement.lines, offer.lines, strict=True):
        for step in line.catalog:
            found[step.promotion_id] += step.amount * asked.quantity
        for step in line.cart:
            found[step.promotion_id] += step.amount
    for step in (*judgement.shipping, *(gift.step for gift in judgement.gifts)):
        found[step.promotion_id] += step.amount
    return found


def _off_goods(offer: Offer, judgement: Judgement, own: UUID) -> tuple[int, int, int]:
    """What the goods that promotions may touch are listed at; how much of that goes because of this rule, and in all."""
    listed = by_own = off = 0
    for line, asked in zip(judgement.lines, offer.lines, strict=True):
        if not asked.is_gift_card:
            listed += asked.unit_amount * asked.quantity
            off += asked.unit_amount * asked.quantity - line.amount
            by_own += sum(step.amount for step in line.cart if step.promotion_id == own)
            by_own += sum(step.amount * asked.quantity for step in line.catalog if step.promotion_id == own)
    return listed, by_own, off


def _part(off: int, listed: int) -> int:
    return share(off, WHOLE, listed) if listed else 0


def _charged(judgement: Judgement) -> int:
    return sum(line.amount for line in judgement.lines) + (judgement.shipping_amount or 0)


def _listed(offer: Offer) -> int:
    return sum(line.unit_amount * line.quantity for line in offer.lines) + (offer.shipping_amount or 0)


def _margin(offer: Offer, judgement: Judgement, taxed: Taxed) -> tuple[int, int, int]:
    """What is earned with what is known to cost something; how many lines are not; how far lines are below their cost."""
    rates = dict(zip(taxed.lines, taxed.rates, strict=True))
    margin = unknown = below = 0
    for line, asked in zip(judgement.lines, offer.lines, strict=True):
        if asked.unit_cost is None:
            unknown += 1
            continue
        earned = _net(line.amount, rates.get(line.line_id, 0), taxed, offer) - asked.unit_cost * asked.quantity
        margin += earned
        below += max(0, -earned)
    costs = {gift.variant_id: gift.unit_cost for gift in offer.gifts}
    for gift in judgement.gifts:
        cost = costs[gift.variant_id]
        margin -= cost or 0
        unknown += cost is None
    return margin, unknown, below


def _net(amount: int, ppm: int, taxed: Taxed, offer: Offer) -> int:
    return amount - tax_in(Money(amount, offer.currency), ppm).amount if taxed.is_gross else amount
