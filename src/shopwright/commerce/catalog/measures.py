"""How much of something a variant is: 750 ml, told per litre. Whole numbers of units that are small enough."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from shopwright.kit.validation import Fault
from shopwright.kit.wire import In


class Unit(StrEnum):
    MILLIGRAM = "mg"
    GRAM = "g"
    KILOGRAM = "kg"
    MILLILITRE = "ml"
    CENTILITRE = "cl"
    LITRE = "l"
    CUBIC_METRE = "m3"
    MILLIMETRE = "mm"
    CENTIMETRE = "cm"
    METRE = "m"
    SQUARE_CENTIMETRE = "cm2"
    SQUARE_METRE = "m2"
    PIECE = "piece"


#: What can be compared with one another: how many of the smallest each unit is. The one that a measure is told in, unless
#: something else is said, stands first (Directive 98/6/EC, article 2b).
KINDS: tuple[dict[Unit, int], ...] = (
    {Unit.KILOGRAM: 1_000_000, Unit.GRAM: 1000, Unit.MILLIGRAM: 1},
    {Unit.LITRE: 1000, Unit.CENTILITRE: 10, Unit.MILLILITRE: 1, Unit.CUBIC_METRE: 1_000_000},
    {Unit.METRE: 1000, Unit.CENTIMETRE: 10, Unit.MILLIMETRE: 1},
    {Unit.SQUARE_METRE: 10_000, Unit.SQUARE_CENTIMETRE: 1},
    {Unit.PIECE: 1},
)
KIND_OF = {unit: kind for kind in KINDS for unit in kind}


class BaseMeasure(In, frozen=True, kw_only=True):
    """What a unit price is told per: 1 l, 100 g."""

    amount: Annotated[int, Meta(ge=1, le=1000, examples=[1])] = 1
    unit: Annotated[Unit, Meta(examples=["l"])]

    @property
    def size(self) -> int:
        """In the smallest unit of its kind."""
        return self.amount * KIND_OF[self.unit][self.unit]


class Measure(In, frozen=True, kw_only=True):
    """Without `per` it is told per kilogram, litre, metre, square metre or piece."""

    amount: Annotated[int, Meta(ge=1, le=10**9, examples=[750])]
    unit: Annotated[Unit, Meta(examples=["ml"])]
    per: BaseMeasure | None = None

    @property
    def size(self) -> int:
        """In the smallest unit of its kind."""
        return self.amount * KIND_OF[self.unit][self.unit]

    @property
    def base(self) -> BaseMeasure:
        return self.per or BaseMeasure(unit=next(iter(KIND_OF[self.unit])))

    def completed(self) -> "Measure":
        """With what it is told per."""
        return replace(self, per=self.base)


def faults(measure: Measure, pointer: str) -> Iterator[Fault]:
    if measure.base.unit not in KIND_OF[measure.unit]:
        fitting = ", ".join(KIND_OF[measure.unit])
        yield {"pointer": f"{pointer}/per/unit", "detail": f"{measure.unit} can be told in: {fitting}."}
