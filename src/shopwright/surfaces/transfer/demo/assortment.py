"""The goods of the demo shop as drafts of the catalog, with what they cost and how many there are."""

from collections.abc import Iterator
from itertools import product as each_of_both
from zlib import crc32

from msgspec import Struct
from stdnum import ean

from shopwright.commerce.catalog.drafts import (
    AttributeDraft,
    ChoiceDraft,
    MediaDraft,
    OptionDraft,
    OptionLabels,
    ProductDraft,
    TranslationDraft,
    VariantDraft,
)
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.commerce.catalog.wording import slugify
from shopwright.kit.money import share
from shopwright.surfaces.transfer.demo import pictures
from shopwright.surfaces.transfer.demo.goods import ceramics, kitchen, light, outdoor, paper, textiles
from shopwright.surfaces.transfer.demo.goods.good import COLOURS, Good, Price, Question, Shelf, Size

SHELVES: tuple[Shelf, ...] = (
    ceramics.SHELF,
    kitchen.SHELF,
    textiles.SHELF,
    paper.SHELF,
    light.SHELF,
    outdoor.SHELF,
)
#: Of a price without tax: what a shop of this kind pays for its goods.
COST_IN_PERCENT = 42
#: They need no room on a shelf.
GIFT_CARDS = 1000


class Piece(Struct, frozen=True, kw_only=True):
    """One variant: its option values, its weight, what it costs and costed before, and how many lie where.

    What a gift card costs the shop depends on what is bought with it.
    """

    option_values: list[str]
    picture: str
    grams: int
    price: Price
    was: Price | None
    stock: tuple[int, int]
    is_gift_card: bool

    def cost(self, currency: int) -> int | None:
        return None if self.is_gift_card else share(self.price[currency], COST_IN_PERCENT, 100)


def slug_of(good: Good) -> str:
    return slugify(good.title[0])


def pieces(good: Good) -> list[Piece]:
    """Every colour in every size."""
    return [_piece(good, colour, size) for colour, size in each_of_both(good.colours, good.sizes or (None,))]


def pictures_of(good: Good) -> Iterator[tuple[str, bytes]]:
    """The storage key and the SVG of each colour."""
    for colour in good.colours:
        yield _key(good, colour), pictures.draw(good.picture, COLOURS[colour][0])


def draft(good: Good, first_barcode: int) -> ProductDraft:
    """The product without its place in the shop: type and category are the shelf's."""
    german = TranslationDraft(
        title=good.title[1], slug=_german_slug(good), description=f"<p>{good.text[1]}</p>",
        seo_description=good.text[1],
    )  # fmt: skip
    return ProductDraft(
        title=good.title[0], slug=slug_of(good), description=f"<p>{good.text[0]}</p>", seo_description=good.text[0],
        brand=good.brand, attributes=dict(good.attributes), tags=list(good.tags), options=_options(good),
        variants=[_variant(good, piece, first_barcode + place) for place, piece in enumerate(pieces(good))],
        media=[_medium(good, colour) for colour in good.colours], translations={"de": german}, is_published=True,
        is_gift_card=good.is_gift_card,
    )  # fmt: skip


def attribute(question: Question) -> AttributeDraft:
    kind = AttributeKind.NUMBER if question.is_number else AttributeKind.BOOLEAN
    return AttributeDraft(
        code=question.code, label=question.label[0], labels={"de": question.label[1]}, is_facetable=True,
        kind=AttributeKind.CHOICE if question.choices else kind,
        choices=[
            ChoiceDraft(code=code, label=label, labels={"de": german})
            for code, (label, german) in question.choices.items()
        ],
    )  # fmt: skip


def _piece(good: Good, colour: str, size: Size | None) -> Piece:
    more = size.more if size else (0, 0)
    values = [COLOURS[colour][1][0]] if len(good.colours) > 1 else []
    chance = crc32(f"{good.title[0]} {colour} {size.name[0] if size else ''}".encode())
    return Piece(
        option_values=[*values, *([size.name[0]] if size else [])],
        picture=_key(good, colour),
        grams=good.grams + (size.grams if size else 0),
        price=_sum(good.price, more),
        was=_sum(good.was, more) if good.was else None,
        stock=(GIFT_CARDS, GIFT_CARDS) if good.is_gift_card else (2 + chance % 47, 1 + chance // 64 % 29),
        is_gift_card=good.is_gift_card,
    )


def _sum(one: Price, other: Price) -> Price:
    return one[0] + other[0], one[1] + other[1]


def _key(good: Good, colour: str) -> str:
    return f"demo/{slug_of(good)}-{colour}.svg"


def _german_slug(good: Good) -> str:
    german = slugify(good.title[1])
    return german if german != slug_of(good) else f"{german}-de"


def _options(good: Good) -> list[OptionDraft]:
    options = []
    if len(good.colours) > 1:
        names = dict(COLOURS[colour][1] for colour in good.colours)
        options.append(_option("Colour", "Farbe", names))
    if good.sizes:
        name = ("Worth", "Wert") if good.is_gift_card else ("Size", "Größe")
        options.append(_option(*name, dict(size.name for size in good.sizes)))
    return options


def _option(name: str, german: str, values: dict[str, str]) -> OptionDraft:
    return OptionDraft(name=name, values=[*values], labels={"de": OptionLabels(name=german, values=values)})


def _variant(good: Good, piece: Piece, number: int) -> VariantDraft:
    # 20 to 29 begin the numbers that a shop may give out itself (GS1 General Specifications §1.4).
    digits = f"20{number:010d}"
    return VariantDraft(
        option_values=piece.option_values, barcode=digits + ean.calc_check_digit(digits), weight_grams=piece.grams,
        tax_class=good.tax_class, requires_shipping=not good.is_gift_card, image=piece.picture,
        measure=good.measure,
    )  # fmt: skip


def _medium(good: Good, colour: str) -> MediaDraft:
    english, german = COLOURS[colour][1]
    if len(good.colours) == 1:
        return MediaDraft(source=_key(good, colour), alt=good.title[0], alts={"de": good.title[1]})
    return MediaDraft(
        source=_key(good, colour), alt=f"{good.title[0]} in {english}", alts={"de": f"{good.title[1]} in {german}"}
    )
