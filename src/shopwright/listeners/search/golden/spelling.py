"""Ways to write the same: measures with their units, and slips of the pen."""

from collections.abc import Mapping

from shopwright.listeners.search.golden.chance import Chance

#: By unit and locale. The shop writes in the first three ways, shoppers in all.
UNITS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "inch": {"en": ('{}"', "{} inch", "{}-inch", "{}in", "{} inches"), "de": ('{}"', "{} Zoll", "{}-Zoll", "{}zoll")},
    "cm": {"en": ("{} cm", "{}cm", "{} cm", "{} centimetres"), "de": ("{} cm", "{}cm", "{} cm", "{} Zentimeter")},
    "m": {"en": ("{} m", "{}m", "{} metres", "{} m"), "de": ("{} m", "{}m", "{} Meter", "{} m")},
    "l": {"en": ("{} l", "{}l", "{} L", "{} litres"), "de": ("{} l", "{}l", "{} L", "{} Liter")},
    "ml": {"en": ("{} ml", "{}ml", "{} mL", "{} millilitres"), "de": ("{} ml", "{}ml", "{} mL", "{} Milliliter")},
    "V": {"en": ("{} V", "{}V", "{} volt", "{}v"), "de": ("{} V", "{}V", "{} Volt", "{}v")},
    "W": {"en": ("{} W", "{}W", "{} watt", "{}w"), "de": ("{} W", "{}W", "{} Watt", "{}w")},
    "pieces": {"en": ("{} pieces", "{}-piece", "{} pcs", "{} piece"), "de": ("{} Teile", "{}-teilig", "{} Teile", "{} teilig")},
}  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: Nobody is understood who errs in a word that is shorter, or twice in one that is shorter than twice that.
SHORTEST = 5


def measured(value: int, unit: str, locale: str, way: int) -> str:
    return UNITS[unit][locale][way].format(value)


def misspelt(name: str, number: int) -> str:
    """As a careless supplier writes it: two neighbours changed places, or a letter is doubled or lacks."""
    place = 1 + number % (len(name) - 2)
    if number % 3 == 0 and name[place] != name[place + 1] and " " not in name[place : place + 2]:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    if number % 3 == 1 and name[place] != " ":
        return name[:place] + name[place] + name[place:]
    return name[:place] + name[place + 1 :]


def slipped(chance: Chance, text: str, slips: int) -> str:
    """With so many slips, each in a word of its own if there are enough long ones; the first letter is always right."""
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) >= SHORTEST and word.isalpha()]
    hit = chance.some(long, slips)
    hit += [max(hit, key=lambda place: len(words[place]))] * (slips - len(hit))
    for place in hit:
        words[place] = _slip(chance, words[place])
    return " ".join(words)


def can_slip(text: str, slips: int) -> bool:
    long = [word for word in text.split(" ") if len(word) >= SHORTEST and word.isalpha()]
    return len(long) >= slips or any(len(word) >= SHORTEST * slips for word in long)


def _slip(chance: Chance, word: str) -> str:
    """One letter is missed, doubled by another, changed, or has changed places with the next: never the same word."""
    place = chance.between(1, len(word) - 2)
    letter = chance.one_of([each for each in LETTERS if each != word[place].lower()])
    written = (
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    )[chance.below(4)]
    return written if written != word else word[:place] + word[place + 1 :]
