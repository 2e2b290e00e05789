"""What the golden catalog is made of, as its data files say it: categories, kinds of products, attributes, brands."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LOCALES = ("en", "de")
COLOUR, SIZE = "colour", "size"


@dataclass(frozen=True)
class Kind:
    """What a thing is: `furniture.sofa`. `names`: by locale, for one and for several; `price`: a usual one, in cents."""

    code: str
    names: Mapping[str, tuple[str, str]]
    price: int


@dataclass(frozen=True)
class Value:
    """How an answer is said in each locale; `stem` is how a German compound begins with it (Leder-sofa)."""

    texts: Mapping[str, str]
    stem: str | None = None


@dataclass(frozen=True)
class Question:
    """An attribute with choices."""

    labels: Mapping[str, str]
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Measure:
    """A number that `kinds` of the shelf are told apart by."""

    code: str
    labels: Mapping[str, str]
    unit: str
    values: tuple[int, ...]
    kinds: frozenset[str]


@dataclass(frozen=True)
class Shelf:
    """A category: its kinds, and what is asked of everything in it. Variants differ in `colours` and `sizes`."""

    code: str
    titles: Mapping[str, str]
    kinds: tuple[Kind, ...]
    questions: Mapping[str, Question]
    features: Mapping[str, Value]
    sizes: tuple[str, ...]
    measure: Measure | None
    colours: Mapping[str, Value] = field(default_factory=dict)


@cache
def shelves() -> Mapping[str, Shelf]:
    return {file.stem: _shelf(file.stem, _read(file)) for file in sorted((DATA / "categories").glob("*.json"))}


@cache
def kinds() -> Mapping[str, Kind]:
    return {kind.code: kind for shelf in shelves().values() for kind in shelf.kinds}


def shelf_of(kind: str) -> Shelf:
    return shelves()[kind.partition(".")[0]]


@cache
def brands() -> tuple[str, ...]:
    return _words("brands.txt")


@cache
def lines() -> tuple[str, ...]:
    """What brands call their products."""
    return _words("lines.txt")


def rows(name: str) -> list[dict[str, str]]:
    """A data file with a line of headings."""
    with (DATA / name).open(newline="", encoding="utf-8") as lines:
        return [*csv.DictReader(lines)]


def _shelf(code: str, said: dict[str, Any]) -> Shelf:
    return Shelf(
        code=code, titles=_texts(said["title"]),
        kinds=tuple(_kind(f"{code}.{name}", row) for name, row in said["types"].items()),
        questions={
            name: Question(_texts(asked["label"]), {value: _value(row) for value, row in asked["values"].items()})
            for name, asked in said["choices"].items()
        },
        features={name: _value(row) for name, row in said["features"].items()},
        sizes=tuple(said["sizes"]),
        measure=_measure(code, said["measure"]) if said["measure"] else None,
        colours={name: _value(row) for name, row in _read(DATA / "colours.json").items()},
    )  # fmt: skip


def _kind(code: str, row: list[Any]) -> Kind:
    one, several, eins, mehrere, euros = row
    return Kind(code, {"en": (one, several), "de": (eins, mehrere)}, euros * 100)


def _measure(shelf: str, said: dict[str, Any]) -> Measure:
    return Measure(
        said["code"], _texts(said["label"]), said["unit"], tuple(said["values"]),
        frozenset(f"{shelf}.{name}" for name in said["types"]),
    )  # fmt: skip


def _value(row: list[str]) -> Value:
    return Value(_texts(row[:2]), row[2] if len(row) > 2 else None)


def _texts(pair: list[str]) -> dict[str, str]:
    return dict(zip(LOCALES, pair, strict=True))


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _words(name: str) -> tuple[str, ...]:
    return tuple((DATA / name).read_text(encoding="utf-8").splitlines())
