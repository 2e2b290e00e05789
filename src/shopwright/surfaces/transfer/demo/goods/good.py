"""What the demo shop sells. Texts are English and German; prices are EUR gross and USD net, in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shopwright.commerce.catalog.measures import Measure

Text = tuple[str, str]
Price = tuple[int, int]


@dataclass(frozen=True)
class Size:
    """`more` is what it costs beyond the good's own price."""

    name: Text
    more: Price = (0, 0)
    grams: int = 0


@dataclass(frozen=True, kw_only=True)
class Good:
    """It comes in each of its colours and sizes. The first colour is what a good without a choice is painted in."""

    picture: str
    brand: str
    title: Text
    text: Text
    price: Price
    was: Price | None = None
    grams: int
    colours: tuple[str, ...]
    sizes: tuple[Size, ...] = ()
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    is_new: bool = False
    tax_class: str = "standard"
    is_gift_card: bool = False
    measure: Measure | None = None


@dataclass(frozen=True)
class Question:
    """A typed attribute that every good of a shelf may answer; without choices it is a yes or no, or a number."""

    code: str
    label: Text
    choices: dict[str, Text] = field(default_factory=dict)
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A category with its product type and its goods."""

    slug: str
    title: Text
    text: Text
    questions: tuple[Question, ...]
    goods: tuple[Good, ...]


COLOURS: dict[str, tuple[str, Text]] = {
    "tide": ("#5f7f8c", ("Tide", "Gezeit")),
    "rust": ("#c46a4a", ("Rust", "Rost")),
    "sage": ("#7d8f69", ("Sage", "Salbei")),
    "ochre": ("#d9a441", ("Ochre", "Ocker")),
    "night": ("#3f4e5c", ("Night", "Nacht")),
    "rose": ("#b98b8b", ("Rose", "Altrosa")),
    "sand": ("#e2d6c0", ("Sand", "Sand")),
    "peat": ("#8a5a44", ("Peat", "Torf")),
    "moss": ("#5a6b4a", ("Moss", "Moos")),
    "oat": ("#cdb891", ("Oat", "Hafer")),
    "coal": ("#3a3a3c", ("Coal", "Kohle")),
    "oak": ("#b98a58", ("Oak", "Eiche")),
}

SMALL: Text = ("Small", "Klein")
MEDIUM: Text = ("Medium", "Mittel")
LARGE: Text = ("Large", "Groß")
