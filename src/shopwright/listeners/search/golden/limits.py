"""Queries that say what a thing must not be, or what it may cost."""

from shopwright.listeners.search.golden import terms
from shopwright.listeners.search.golden.chance import Chance
from shopwright.listeners.search.golden.phrases import Asked
from shopwright.listeners.search.golden.things import Thing
from shopwright.listeners.search.golden.wanted import Costs, Is, IsNot, Wanted

#: Round numbers, in euros.
ROUND = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 500, 600, 800, 1000, 1500, 2000)
UNDER = {
    "en": ("{kind} under {most}", "{kind} below {most} eur", "{kind} less than €{most}", "{kind} up to {most} euros"),
    "de": (
        "{kind} unter {most}",
        "{kind} unter {most} Euro",
        "{kind} bis {most} €",
        "{kind} für weniger als {most} Euro",
    ),
}
BETWEEN = {
    "en": ("{kind} {least}-{most} eur", "{kind} between {least} and {most} euros"),
    "de": ("{kind} {least}-{most} Euro", "{kind} zwischen {least} und {most} Euro"),
}
WITHOUT = {
    "en": ("{kind} not {word}", "{kind} without {word}", "non {word} {kind}"),
    "de": ("{kind} nicht {word}", "{kind} ohne {word}", "{kind} kein {word}"),
}


def limited(chance: Chance, thing: Thing, locale: str) -> Asked | None:
    """Three of five name a price, near a usual one of the kind, so that it tells things apart."""
    kind = terms.kinds()[thing.kind]
    name = kind.names[locale][chance.below(2)].lower()
    if chance.happens(40):
        return _without(chance, thing, locale, name)
    most = min(ROUND, key=lambda euros: abs(euros * 100 - kind.price * chance.between(70, 130) // 100))
    if chance.happens(70):
        text = chance.one_of(UNDER[locale]).format(kind=name, most=most)
        return Asked(text, locale, Wanted(frozenset({thing.kind}), must=(Costs(0, most * 100),)))
    least = ROUND[max(ROUND.index(most) - 2, 0)]
    text = chance.one_of(BETWEEN[locale]).format(kind=name, least=least, most=most)
    return Asked(text, locale, Wanted(frozenset({thing.kind}), must=(Costs(least * 100, most * 100),)))


def _without(chance: Chance, thing: Thing, locale: str, name: str) -> Asked | None:
    question, asked = next(iter(thing.shelf.questions.items()))
    value = chance.one_of([*asked.values])
    text = chance.one_of(WITHOUT[locale]).format(kind=name, word=asked.values[value].texts[locale]).lower()
    return Asked(text, locale, Wanted(frozenset({thing.kind}), must=(IsNot(Is(question, value)),)))
