"""How shoppers ask for a thing: each function says it of the thing it is given, or nothing where it cannot be said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from shopwright.listeners.search.golden import spelling, terms
from shopwright.listeners.search.golden.chance import Chance
from shopwright.listeners.search.golden.terms import Shelf, Value
from shopwright.listeners.search.golden.texts import TITLES
from shopwright.listeners.search.golden.things import Thing
from shopwright.listeners.search.golden.wanted import Is, Wanted

OF_LOCALE = 25
#: Things whose brand is hard to type.
SIGNS = {"&": {"en": "and", "de": "und"}}
PLAIN_LETTERS = str.maketrans("áéíóúâêîôûàèäöü", "aeiouaeiouaeaou")


@dataclass(frozen=True)
class Asked:
    """`twin`: other words that mean the same and should find the same."""

    text: str
    locale: str
    wanted: Wanted
    twin: str | None = None


def name(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """Brand, line and kind, every other time with the first answer, too."""
    said = f"{thing.brand} {thing.line} {_name(thing, locale)}"
    must = (Is("brand", thing.brand), Is("line", thing.line))
    if thing.is_misspelt or (locale == "de" and not thing.is_translated):
        return None
    if chance.happens(50):
        return Asked(said, locale, Wanted(frozenset({thing.kind}), must, is_one_thing=True))
    question, value = next(iter(thing.answers.items()))
    text = f"{said} {thing.shelf.questions[question].values[value].texts[locale]}"
    return Asked(text, locale, Wanted(frozenset({thing.kind}), must, (Is(question, value),), is_one_thing=True))


def code(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """A SKU, a barcode or a model number, as it stands or as people type it."""
    has_model = "{model}" in TITLES[thing.style % len(TITLES)]
    offer = chance.one_of(thing.offers)
    text = chance.one_of([offer.sku, offer.sku, offer.barcode, *([thing.model] * 2 if has_model else [])])
    typed = chance.one_of(
        [text, text.lower(), text.replace("-", ""), text.replace("-", " "), text.lower().replace("-", "")]
    )
    wanted = Wanted(frozenset({thing.kind}), (Is("number", str(thing.number)),), is_one_thing=True)
    return Asked(typed, locale, wanted)


def kind(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """The kind alone, in one number or the other."""
    one, several = terms.kinds()[thing.kind].names[locale]
    said, other = (one, several) if chance.happens(50) else (several, one)
    return Asked(said.lower(), locale, Wanted(frozenset({thing.kind})), None if said == other else other.lower())


def plain(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    return Asked(_name(thing, locale).lower(), locale, Wanted(frozenset({thing.kind})))


def of_brand(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    wanted = Wanted(frozenset({thing.kind}), should=(Is("brand", thing.brand),))
    return Asked(f"{thing.brand} {_name(thing, locale)}".lower(), locale, wanted)


def with_attribute(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    constraint, word = chance.one_of([*_sayable(thing, locale)])
    return Asked(_joined(thing, locale, [word]), locale, Wanted(frozenset({thing.kind}), should=(constraint,)))


def with_brand(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    (first, a), (second, b) = chance.some([*_sayable(thing, locale)], 2)
    wanted = Wanted(frozenset({thing.kind}), should=(first, second, Is("brand", thing.brand)))
    if first.what == second.what:
        return None
    return Asked(f"{thing.brand} {_joined(thing, locale, [a, b])}".lower(), locale, wanted)


def with_unit(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """A measure in any spelling, or a brand without the sign or the accent that it is written with."""
    brand = thing.brand.translate(PLAIN_LETTERS).replace("&", SIGNS["&"][locale])
    if brand != thing.brand:
        wanted = Wanted(frozenset({thing.kind}), should=(Is("brand", thing.brand),))
        return Asked(f"{brand} {_name(thing, locale)}".lower(), locale, wanted)
    if not thing.measure or not thing.shelf.measure:
        return None
    unit = thing.shelf.measure.unit
    said = spelling.measured(thing.measure, unit, locale, chance.below(len(spelling.UNITS[unit][locale])))
    wanted = Wanted(frozenset({thing.kind}), should=(Is("measure", str(thing.measure)),))
    return Asked(_joined(thing, locale, [said]), locale, wanted)


def compound(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """German joins what a thing is of or for with what it is: Ledersofa."""
    stems = [
        (Is(question, value), said.stem)
        for question, value in thing.answers.items()
        if (said := thing.shelf.questions[question].values[value]).stem
    ]
    constraint, stem = chance.one_of(stems)
    text = f"{stem}{_name(thing, locale).lower()}"
    return Asked(text, locale, Wanted(frozenset({thing.kind}), should=(constraint,)))


def slipped(chance: Chance, asked: Asked, slips: int) -> Asked | None:
    if not spelling.can_slip(asked.text, slips):
        return None
    return replace(asked, text=spelling.slipped(chance, asked.text, slips))


def jargon(chance: Chance) -> Iterator[Asked]:
    """What shoppers call a kind, two in five times with a colour."""
    for locale in terms.LOCALES:
        known = [row for row in terms.rows("jargon.csv") if row["locale"] == locale]
        for row in chance.some(known, OF_LOCALE):
            said: Mapping[str, Value] = terms.shelf_of(row["type"]).colours
            colour = chance.one_of([*said])
            wanted = Wanted(frozenset({row["type"]}))
            if chance.happens(60):
                yield Asked(row["words"].lower(), locale, wanted)
            else:
                text = _ordered(locale, row["words"], [said[colour].texts[locale]])
                yield Asked(text, locale, replace(wanted, should=(Is("colour", colour),)))


def themes(chance: Chance) -> Iterator[Asked]:
    """Wishes in words of everyday, with what they mean, from a file."""
    for row in terms.rows("themes.csv"):
        kinds = frozenset(kind for named in row["types"].split() for kind in _named(named))
        constraints = (Is(*part.split("=")) for part in row["wanted"].split())
        yield Asked(row["query"], row["locale"], Wanted(kinds, should=tuple(constraints)))


def _named(named: str) -> Iterator[str]:
    """`furniture.*` is everything on that shelf."""
    shelf, _, kind = named.partition(".")
    for each in terms.shelves()[shelf].kinds:
        if kind == "*" or each.code == named:
            yield each.code


def _sayable(thing: Thing, locale: str) -> Iterator[tuple[Is, str]]:
    """What a shopper may say of it in a word or two: its answers, and one of its colours."""
    shelf: Shelf = thing.shelf
    for question, value in thing.answers.items():
        yield Is(question, value), shelf.questions[question].values[value].texts[locale]
    for colour in thing.colours[:1]:
        yield Is("colour", colour), shelf.colours[colour].texts[locale]


def _joined(thing: Thing, locale: str, words: list[str]) -> str:
    return _ordered(locale, _name(thing, locale), words)


def _ordered(locale: str, name: str, words: list[str]) -> str:
    """Leather sofa; Sofa Leder."""
    return " ".join([*words, name] if locale == "en" else [name, *words]).lower()


def _name(thing: Thing, locale: str) -> str:
    return terms.kinds()[thing.kind].names[locale][0]
