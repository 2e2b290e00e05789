"""The products of the golden catalog as they truly are, whatever the shop says of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product as pairs
from uuid import UUID

from shopwright.listeners.search.golden import terms
from shopwright.listeners.search.golden.chance import Chance
from shopwright.listeners.search.golden.terms import Shelf

PRODUCTS = 20_000
SEED = "golden set, version 1"
FIRST, APART = datetime(2025, 1, 1, tzinfo=UTC), timedelta(minutes=20)
BRANDS_OF_SHELF = 25

#: In a hundred: made again with one difference, with one variant only, out of stock, an answer left out, not translated, stuffed
#: with words of other kinds, sold under a brand that is misspelt.
ALIKE, ALONE, SOLD_OUT, LEFT_OUT, ENGLISH_ONLY, STUFFED, MISSPELT = 12, 15, 10, 12, 4, 3, 2


@dataclass(frozen=True)
class Offer:
    """A variant. `amount` is what it costs, in cents."""

    sku: str
    barcode: str
    colour: str | None
    size: str | None
    amount: int
    compare_at: int | None
    stock: int


@dataclass(frozen=True)
class Thing:
    """`left_out`: what the shop forgot to answer. `style` decides in which of the ways it is described."""

    number: int
    kind: str
    brand: str
    line: str
    answers: Mapping[str, str]
    features: frozenset[str]
    measure: int | None
    offers: tuple[Offer, ...]
    left_out: frozenset[str]
    is_translated: bool
    is_stuffed: bool
    is_misspelt: bool
    style: int

    @property
    def id(self) -> UUID:
        """Of version 7, sorted by birth, and the same for the same number."""
        return UUID(int=int(self.published_at.timestamp() * 1000) << 80 | 7 << 76 | 8 << 60 | self.number << 16)

    @property
    def key(self) -> str:
        return str(self.id)

    @property
    def published_at(self) -> datetime:
        return FIRST + APART * self.number

    @property
    def shelf(self) -> Shelf:
        return terms.shelf_of(self.kind)

    @property
    def model(self) -> str:
        initials = (self.brand[0] + self.line[0] + self.kind.partition(".")[2][0]).upper()
        return f"{initials}-{self.number + 1000}"

    @property
    def colours(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(offer.colour for offer in self.offers if offer.colour))

    @property
    def sizes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(offer.size for offer in self.offers if offer.size))


@cache
def things(count: int = PRODUCTS) -> tuple[Thing, ...]:
    """The first so many, always the same."""
    return tuple(_draw(count))


def _draw(count: int) -> Iterator[Thing]:
    chance = Chance(SEED)
    shelves = [*terms.shelves().values()]
    before: dict[str, Thing] = {}
    for number in range(count):
        shelf, place = shelves[number % len(shelves)], number % len(shelves)
        if (model := before.get(shelf.code)) and chance.happens(ALIKE):
            made = _altered(chance, model, number)
        else:
            made = _new(chance, shelf, place, number)
        before[shelf.code] = made
        yield made


def _new(chance: Chance, shelf: Shelf, place: int, number: int) -> Thing:
    kind = chance.one_of(shelf.kinds)
    brands = terms.brands()
    # The same brands make the same things, as in life; the neighbours' are among them.
    first = place * len(brands) // len(terms.shelves())
    thing = Thing(
        number=number, kind=kind.code, line=chance.one_of(terms.lines()),
        brand=brands[(first + chance.below(BRANDS_OF_SHELF)) % len(brands)],
        answers={code: chance.one_of([*asked.values]) for code, asked in shelf.questions.items()},
        features=frozenset(chance.some([*shelf.features], chance.below(4))),
        measure=chance.one_of(shelf.measure.values) if shelf.measure and kind.code in shelf.measure.kinds else None,
        left_out=frozenset(code for code in (*shelf.questions, *shelf.features, "measure") if chance.happens(LEFT_OUT)),
        is_translated=not chance.happens(ENGLISH_ONLY), is_stuffed=chance.happens(STUFFED),
        is_misspelt=chance.happens(MISSPELT), style=chance.below(60), offers=(),
    )  # fmt: skip
    return replace(thing, offers=_offers(chance, thing, kind.price * chance.between(50, 180) // 100))


def _altered(chance: Chance, model: Thing, number: int) -> Thing:
    """A near-duplicate: the same, but for one answer."""
    code = chance.one_of([*model.shelf.questions])
    other = chance.one_of([value for value in model.shelf.questions[code].values if value != model.answers[code]])
    thing = replace(model, number=number, answers={**model.answers, code: other}, style=chance.below(60))
    return replace(thing, offers=_offers(chance, thing, model.offers[0].amount))


def _offers(chance: Chance, thing: Thing, amount: int) -> tuple[Offer, ...]:
    shelf = thing.shelf
    colours: list[str | None] = [None]
    sizes: list[str | None] = [None]
    if not chance.happens(ALONE):
        colours = [*chance.some([*shelf.colours], chance.between(1, 4 if shelf.sizes else 8))]
        count = chance.between(1, len(shelf.sizes)) if shelf.sizes else 1
        sizes = [*shelf.sizes[:count]] or [None]
    is_reduced, is_gone = chance.happens(8), chance.happens(SOLD_OUT)
    return tuple(
        _offer(thing, place, colour, size, amount + place // 3 * (amount // 20), is_reduced,
               0 if is_gone else chance.below(20))
        for place, (colour, size) in enumerate(pairs(colours, sizes))
    )  # fmt: skip


def _offer(
    thing: Thing, place: int, colour: str | None, size: str | None, amount: int, is_reduced: bool, stock: int
) -> Offer:
    ends = [part[:3].upper() if part == colour else part.upper() for part in (colour, size) if part]
    sku = "-".join([thing.model, *ends])
    asked = amount // 100 * 100 + 99
    return Offer(sku, _barcode(thing.number, place), colour, size, asked, asked * 5 // 4 if is_reduced else None, stock)


def _barcode(number: int, place: int) -> str:
    """A GTIN-13 of the range that shops give out themselves (GS1: prefix 20), with its check digit."""
    digits = f"20{number:07}{place:03}"
    weighed = sum(int(digit) * (3 if odd else 1) for digit, odd in zip(digits, [False, True] * 6, strict=True))
    return f"{digits}{-weighed % 10}"
