"""How words and article numbers are spelled before they are compared: the same for what is stored and for what is asked."""

import re
import unicodedata
from functools import lru_cache

LONGEST_WORD = 60
#: Longer texts are seldom said twice.
LONGEST_KEPT = 500
#: What NFKD does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_QUOTES = str.maketrans("\u2033\u201c\u201d\u201e\u2018\u2019`", '""""\'\'\'')
_AND = {"de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "sv": "och", "pt": "e"}
#: Languages that spell `&` each in their way, and all others.
TONGUES = ("", *_AND)
# A unit counts as one only behind a number. What follows "in" must not be a number: "2 in 1".
_UNITS = {
    "inch": r'"|inch(?:es)?\b|zoll\b|in\b(?! ?\d)',
    "ml": r"millilit(?:er|re)s?\b|ml\b",
    "cl": r"centilit(?:er|re)s?\b|cl\b",
    "mm": r"millimet(?:er|re)s?\b|mm\b",
    "cm": r"zentimeter\b|centimet(?:er|re)s?\b|cm\b",
    "kg": r"kilogramm?s?\b|kilos?\b|kg\b",
    "g": r"gramm?s?\b|gr\b|g\b",
    "l": r"lit(?:er|re)s?\b|l\b",
    "w": r"watts?\b|w\b",
}
_UNIT = re.compile(r"(?<=\d) ?(?:" + "|".join(f"(?P<{name}>{ways})" for name, ways in _UNITS.items()) + ")")
_DIGIT = re.compile(r"\d")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
#: Before it is folded.
_AMPERSAND = re.compile("[&\uff06\ufe60]")
_WORD = re.compile(r"[^\W_]+(?:[-'./+][^\W_]+)*")
_INSIDE = re.compile(r"[-'./+]")
_NUMBER = re.compile(r"\d+\.\d+[^\W\d_]*")
_CODE = re.compile(r"[-_./\s]")
#: Where one ends what is left of a word means the same: `women's`, `l'eau`.
_POSSESSIVE = re.compile(r"'s$")


def fold(text: str) -> str:
    """In lower case, without accents, with straight quotes: `Crème Brûlée` is `creme brulee`."""
    if text.isascii():
        return text.lower().replace("`", "'")
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold().translate(_LETTERS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def spelled(text: str, locale: str) -> str:
    """Folded, with units as one word with their number (`13"` and `13 in` are `13inch`) and `&` in words."""
    said = fold(text)
    if "&" in said:
        said = said.replace("&", f" {_AND.get(locale.partition('-')[0], 'and')} ")
    if not _DIGIT.search(said):
        return said
    return _UNIT.sub(lambda found: found.lastgroup or "", _DECIMAL_COMMA.sub(".", said))


def words(text: str, locale: str) -> list[str]:
    """The words of a query, in their order: what is joined by a sign is taken apart."""
    return [part for word in _WORD.findall(spelled(text, locale)) for part in _parts(word)]


def stored_words(text: str, locale: str) -> list[str]:
    """The words of a product's text: as `words`, and what was taken apart also in one (`t-shirt`: t, shirt, tshirt)."""
    found: list[str] = []
    for word in _WORD.findall(spelled(text, locale)):
        parts = _parts(word)
        found += parts
        if len(parts) > 1:
            found.append("".join(parts)[:LONGEST_WORD])
    return found


def stored(text: str, locale: str) -> str:
    """`stored_words`, between spaces."""
    # Brands and categories are said of many products, and untranslated titles alike in all languages.
    if len(text) > LONGEST_KEPT:
        return " ".join(stored_words(text, locale))
    return _kept(text, locale if _AMPERSAND.search(text) else "")


@lru_cache(maxsize=2048)
def _kept(text: str, locale: str) -> str:
    return " ".join(stored_words(text, locale))


def _parts(word: str) -> list[str]:
    if word.isalnum():
        return [word[:LONGEST_WORD]]
    # 1.5 and 1.5l are one number; 1.5.2 is a version, and 10/15 is two.
    if _NUMBER.fullmatch(word):
        return [word[:LONGEST_WORD]]
    return [part[:LONGEST_WORD] for part in _INSIDE.split(_POSSESSIVE.sub("", word)) if part]


def code(text: str) -> str:
    """An article's number without what people leave out: `WH-1000 xm4` is `wh1000xm4`."""
    return _CODE.sub("", fold(text))
