"""600 queries of shoppers, 50 of each class, drawn from the things of the catalog and from files of shoppers' words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from shopwright.listeners.search.golden import limits, phrases
from shopwright.listeners.search.golden.chance import Chance
from shopwright.listeners.search.golden.phrases import Asked
from shopwright.listeners.search.golden.things import Thing, things
from shopwright.listeners.search.golden.wanted import BEST

SEED = "golden queries, version 1"
OF_CLASS = 50


class Kind(StrEnum):
    NAME = "exact name"
    CODE = "SKU or model"
    TYPE = "product type"
    ATTRIBUTE = "type and attribute"
    BRAND = "type, two attributes, brand"
    JARGON = "synonym or jargon"
    TYPO = "one typo"
    TYPOS = "two typos"
    UNIT = "unit or symbol"
    COMPOUND = "compound"
    THEME = "feature or theme"
    LIMIT = "negation or price"


class Half(StrEnum):
    """Tune on one, be marked on the other."""

    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True)
class Query:
    """`id` says its class, too. What is asked for with `twin` (without the slip, in the other number) is the same."""

    id: str
    kind: Kind
    half: Half
    asked: Asked

    @property
    def text(self) -> str:
        return self.asked.text

    @property
    def locale(self) -> str:
        return self.asked.locale


@cache
def queries() -> tuple[Query, ...]:
    return tuple(query for kind in Kind for query in _of_class(kind))


def _of_class(kind: Kind) -> Iterator[Query]:
    chance = Chance(f"{SEED}: {kind}")
    asked = [*_WRITTEN[kind](chance)] if kind in _WRITTEN else [*_drawn(chance, kind)]
    assert len(asked) == OF_CLASS
    places = {each: place for place, each in enumerate(chance.some(range(OF_CLASS), OF_CLASS))}
    for number, each in enumerate(asked):
        half = Half.DEV if places[number] < OF_CLASS // 2 else Half.TEST
        yield Query(f"{kind.name.lower()}-{number:02}", kind, half, each)


def _drawn(chance: Chance, kind: Kind) -> Iterator[Asked]:
    """No query twice, and none that nothing answers to; all compounds are German, else the locales take turns."""
    seen: set[str] = set()
    while len(seen) < OF_CLASS:
        locale = "de" if kind is Kind.COMPOUND or len(seen) % 2 else "en"
        thing = chance.one_of(things())
        asked = _DRAWN[kind](chance, thing, locale)
        if asked and asked.text not in seen and asked.wanted.grade(thing) == BEST:
            seen.add(asked.text)
            yield asked


def _slip(slips: int) -> Callable[[Chance, Thing, str], Asked | None]:
    """With slips in what is asked for plainly; brands and kinds alike."""

    def draw(chance: Chance, thing: Thing, locale: str) -> Asked | None:
        plain = chance.one_of([phrases.with_attribute, phrases.of_brand, phrases.plain])(chance, thing, locale)
        return plain and phrases.slipped(chance, replace(plain, twin=plain.text), slips)

    return draw


_DRAWN: dict[Kind, Callable[[Chance, Thing, str], Asked | None]] = {
    Kind.NAME: phrases.name,
    Kind.CODE: phrases.code,
    Kind.TYPE: phrases.kind,
    Kind.ATTRIBUTE: phrases.with_attribute,
    Kind.BRAND: phrases.with_brand,
    Kind.TYPO: _slip(1),
    Kind.TYPOS: _slip(2),
    Kind.UNIT: phrases.with_unit,
    Kind.COMPOUND: phrases.compound,
    Kind.LIMIT: limits.limited,
}
_WRITTEN: dict[Kind, Callable[[Chance], Iterator[Asked]]] = {
    Kind.JARGON: phrases.jargon,
    Kind.THEME: phrases.themes,
}
