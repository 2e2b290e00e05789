"""How the shop writes of a thing: titles and descriptions in a handful of manners, with the noise that real shops have."""

from collections.abc import Iterator

from shopwright.listeners.search.golden import terms
from shopwright.listeners.search.golden.spelling import measured, misspelt
from shopwright.listeners.search.golden.things import Thing

TITLES = (
    "{brand} {line} {kind} {said}",
    "{kind} {line} {by} {brand}, {said}",
    "{brand} {line} {kind} {model} {said}",
    "{line} {kind} – {said} – {brand} {model}",  # noqa: RUF001  Shops do write it so.
)
BY = {"en": "by", "de": "von"}
OPENINGS = {
    "en": ("Made to last and easy to love.", "Our most popular choice.", "New this season.", "A classic, made better."),
    "de": (
        "Gemacht, um zu bleiben.",
        "Unser beliebtester Artikel.",
        "Neu in dieser Saison.",
        "Ein Klassiker, neu gedacht.",
    ),
}
BESIDE = {"en": "Goes well with our {}.", "de": "Passt gut zu unserem Angebot an {}."}
FIND = {"en": "Also searched for: {}.", "de": "Oft gesucht: {}."}
AND = {"en": "and", "de": "und"}
#: Every third German title says the material as the language likes it: in one word.
COMPOUND_EVERY = 3


def brand(thing: Thing) -> str:
    return misspelt(thing.brand, thing.number) if thing.is_misspelt else thing.brand


def title(thing: Thing, locale: str) -> str:
    pattern = TITLES[thing.style % len(TITLES)]
    said = ", ".join(_named(thing, locale))
    kind = _kind(thing, locale)
    written = pattern.format(
        brand=brand(thing),
        line=thing.line,
        kind=kind[0].upper() + kind[1:],
        by=BY[locale],
        said=said,
        model=thing.model,
    )
    return f"{written} {' '.join(_foreign(thing, locale))}" if thing.is_stuffed else written


def description(thing: Thing, locale: str) -> str:
    """HTML. What was left out of the answers is said here at the least."""
    sentences = [OPENINGS[locale][thing.style % 4], *_answers(thing, locale), *_features(thing, locale)]
    if thing.style % 5 < 2:
        others = [kind for kind in thing.shelf.kinds if kind.code != thing.kind]
        beside = others[thing.style % len(others)].names[locale][1]
        sentences.append(BESIDE[locale].format(beside))
    if thing.is_stuffed:
        sentences.append(FIND[locale].format(", ".join(_foreign(thing, locale))))
    return f"<p>{' '.join(sentences)}</p>"


def _kind(thing: Thing, locale: str) -> str:
    name = terms.kinds()[thing.kind].names[locale][0]
    question, code = next(iter(thing.answers.items()))
    stem = thing.shelf.questions[question].values[code].stem
    if locale == "de" and stem and thing.style % COMPOUND_EVERY == 0:
        return stem + name[0].lower() + name[1:]
    return name


def _named(thing: Thing, locale: str) -> Iterator[str]:
    """The first answer and the measure, which shops put into titles; here and there the second answer, too."""
    for place, (question, code) in enumerate(thing.answers.items()):
        if place == 0 or (place == 1 and thing.style % 2):
            yield thing.shelf.questions[question].values[code].texts[locale]
    if thing.measure and thing.shelf.measure:
        yield measured(thing.measure, thing.shelf.measure.unit, locale, thing.style % 3)


def _answers(thing: Thing, locale: str) -> Iterator[str]:
    for question, code in thing.answers.items():
        if question in thing.left_out or thing.style % 4:
            asked = thing.shelf.questions[question]
            yield f"{asked.labels[locale]}: {asked.values[code].texts[locale]}."


def _features(thing: Thing, locale: str) -> Iterator[str]:
    found = [thing.shelf.features[code].texts[locale] for code in sorted(thing.features)]
    if found:
        text = f" {AND[locale]} ".join(found)
        yield f"{text[0].upper()}{text[1:]}."


def _foreign(thing: Thing, locale: str) -> list[str]:
    """Kinds that it is not, with which it wants to be found all the same."""
    kinds = [kind for kind in terms.kinds().values() if kind.code != thing.kind]
    return [kinds[(thing.number * 7 + step * 31) % len(kinds)].names[locale][0] for step in range(4)]


def answers_shown(thing: Thing) -> dict[str, str | bool | int]:
    """What the shop's own fields say, by code."""
    said: dict[str, str | bool | int] = {**thing.answers, **dict.fromkeys(sorted(thing.features), True)}
    if thing.measure and thing.shelf.measure:
        said[thing.shelf.measure.code] = thing.measure
    # The measure is left out under its own name, since each shelf calls it otherwise.
    return {code: answer for code, answer in said.items() if _code(thing, code) not in thing.left_out}


def everything(thing: Thing, locale: str) -> str:
    """All that a search could find it by, as one text. What is not translated is said in English."""
    spoken = locale if thing.is_translated else "en"
    answers = answers_shown(thing)
    shelf = thing.shelf
    said = [
        title(thing, spoken), brand(thing), shelf.titles[locale], terms.kinds()[thing.kind].names[locale][1],
        *(shelf.questions[code].values[value].texts[locale] for code, value in thing.answers.items() if code in answers),
        *(shelf.features[code].texts[locale] for code in sorted(thing.features) if code in answers),
        *(shelf.colours[colour].texts[locale] for colour in thing.colours), *thing.sizes,
        *(code for offer in thing.offers for code in (offer.sku, offer.barcode)),
        description(thing, spoken).removeprefix("<p>").removesuffix("</p>"),
    ]  # fmt: skip
    return " ".join(said)


def _code(thing: Thing, code: str) -> str:
    return "measure" if thing.shelf.measure and code == thing.shelf.measure.code else code
