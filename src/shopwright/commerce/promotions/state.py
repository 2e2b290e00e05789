"""What changes while an offer is judged: each line's amount so far, which of its pieces are used up, what is closed."""

from collections.abc import Hashable
from typing import NamedTuple
from uuid import UUID

from shopwright.commerce.promotions.offers import Applied, EnteredCode, JudgedLine, Offer, OfferLine, Spent

#: What lines are found by; what few rules share goes first.
KINDS = ("variant", "product", "collection", "attribute", "brand", "category")
NO_CODES: tuple[EnteredCode, ...] = ()
NO_LIMITS: tuple[Spent, ...] = ()


class Line:
    """A line so far. Lines are told apart, and found by what they are, through `bit`: a set of them is an integer."""

    __slots__ = (
        "amount", "bit", "cart", "catalog", "cost", "id", "is_closed", "is_on_sale", "quantity", "shown", "unit", "used",
        "variant",
    )  # fmt: skip

    def __init__(self, line: OfferLine) -> None:
        self.id = line.line_id
        self.variant = line.variant_id.int
        self.bit = 0
        self.quantity = line.quantity
        self.cost = line.unit_cost
        #: Of one piece: the price that price conditions go by, and the one that catalog rules have made of it so far.
        self.shown = self.unit = line.unit_amount
        self.amount = line.unit_amount * line.quantity
        self.is_on_sale = line.is_on_sale
        self.is_closed = False
        self.used = 0
        self.catalog: list[Applied] = []
        self.cart: list[Applied] = []

    def worth(self, pieces: int, after: int = 0) -> int:
        """What so many of its unused pieces are worth, when `after` others of them went before."""
        start = self.used + after
        return self.amount * (start + pieces) // self.quantity - self.amount * start // self.quantity

    def priced(self) -> None:
        """Catalog rules are through: from here on it is the whole line that counts."""
        self.amount = self.unit * self.quantity
        self.is_on_sale = self.is_on_sale or self.unit < self.shown
        self.shown = self.unit

    def judged(self) -> JudgedLine:
        return JudgedLine(
            line_id=self.id, unit_amount=self.unit, amount=self.amount, catalog=tuple(self.catalog),
            cart=tuple(self.cart),
        )  # fmt: skip


class Counted(NamedTuple):
    """Some lines, and what quantity and subtotal conditions count of them."""

    lines: list[Line]
    pieces: int
    subtotal: int


class State:
    """An offer so far. `lines` are without gift cards, in the order in which equal remainders are given."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.all_lines = [Line(line) for line in offer.lines]
        pairs = [pair for pair in zip(self.all_lines, offer.lines, strict=True) if not pair[1].is_gift_card]
        pairs.sort(key=lambda pair: (pair[0].variant, pair[0].id.int))
        self.lines = [line for line, _ in pairs]
        #: By kind of condition, then by what it asks for: which lines have it.
        self.having: dict[str, dict[Hashable, int]] = {kind: {} for kind in KINDS}
        for place, (line, given) in enumerate(pairs):
            line.bit = 1 << place
            self._file(line.bit, given)
        self.everything = (1 << len(self.lines)) - 1
        #: The lines that are not closed.
        self.open = self.everything
        self._counted: dict[int, Counted] = {}
        self.has_method = offer.shipping_method_id is not None and offer.shipping_amount is not None
        self.shipping = offer.shipping_amount or 0
        self.channel = offer.channel_id.int
        self.channel_country = offer.channel_country or offer.country
        self.groups = frozenset([group.int for group in offer.shopper.group_ids])
        #: As entered, each once.
        once: dict[str, EnteredCode] = {}
        for code in offer.codes:
            once.setdefault(normal(code.text), code)
        self.entered_codes = list(once.values())
        self.codes: dict[UUID, tuple[EnteredCode, ...]] = {}
        for code in self.entered_codes:
            if code.promotion_id is not None:
                self.codes[code.promotion_id] = (*self.codes.get(code.promotion_id, ()), code)
        self.spent: dict[UUID, tuple[Spent, ...]] = {}
        for limit in offer.spent:
            self.spent[limit.promotion_id] = (*self.spent.get(limit.promotion_id, ()), limit)

    def entered(self, promotion_id: UUID) -> tuple[EnteredCode, ...]:
        """The codes of this promotion, as entered."""
        return self.codes.get(promotion_id, NO_CODES) if self.codes else NO_CODES

    def limits(self, promotion_id: UUID) -> tuple[Spent, ...]:
        """Its limits that are used up, and what is left of its budget."""
        return self.spent.get(promotion_id, NO_LIMITS) if self.spent else NO_LIMITS

    def counted(self, lines: int) -> Counted:
        """The lines of this set. Asked once catalog rules are through."""
        found = self._counted.get(lines)
        if found is None:
            chosen = [line for line in self.lines if line.bit & lines]
            subtotal = sum([line.unit * line.quantity for line in chosen])
            found = Counted(chosen, sum([line.quantity for line in chosen]), subtotal)
            self._counted[lines] = found
        return found

    def close(self, line: Line) -> None:
        """No cart rule may touch it from here on."""
        self.open &= ~line.bit

    def begin_cart(self) -> None:
        """Catalog rules are through."""
        for line in self.lines:
            line.priced()
        self._counted.clear()

    def _file(self, bit: int, line: OfferLine) -> None:
        having = self.having
        # Ids are kept as integers: a UUID's own hash would cost more than all that is asked of it.
        one = [("variant", line.variant_id), ("product", line.product_id), ("brand", line.brand_id)]
        ids = [(kind, id_) for kind, id_ in one if id_ is not None]
        ids += [("category", id_) for id_ in line.category_ids]
        ids += [("collection", id_) for id_ in line.collection_ids]
        for kind, id_ in ids:
            lines = having[kind]
            lines[id_.int] = lines.get(id_.int, 0) | bit
        attributes = having["attribute"]
        for pair in line.attributes.items():
            attributes[pair] = attributes.get(pair, 0) | bit


def normal(code: str) -> str:
    """A code as it is compared."""
    return code.strip().casefold()
