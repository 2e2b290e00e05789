"""How words and article numbers are spelled before they are compared: the same for what is stored and for what is asked."""

import re
import unicodedata

LONGEST_WORD = 60
#: What NFKD does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_QUOTES = str.maketrans("\u2033\u201c\u201d\u201e\u2018\u2019`", '""""\'\'\'')
_AND = {"de": "und", "fr": "et", "es": "y", "it": "e", "nl": "en", "sv": "och", "pt": "e"}
#: Languages that spell `&` each in their way, and all others.
TONGUES = ("", *_AND)
# A unit counts as one only behind a number. What follows "in" must not be a number: "2 in 1".
_UNITS = (
    (re.compile(r'(?<=\d) ?(?:"|inch(?:es)?\b|zoll\b|in\b(?! ?\d))'), "inch"),
    (re.compile(r"(?<=\d) ?(?:millilit(?:er|re)s?|ml)\b"), "ml"),
    (re.compile(r"(?<=\d) ?(?:centilit(?:er|re)s?|cl)\b"), "cl"),
    (re.compile(r"(?<=\d) ?(?:millimet(?:er|re)s?|mm)\b"), "mm"),
    (re.compile(r"(?<=\d) ?(?:zentimeter|centimet(?:er|re)s?|cm)\b"), "cm"),
    (re.compile(r"(?<=\d) ?(?:kilogramm?s?|kilos?|kg)\b"), "kg"),
    (re.compile(r"(?<=\d) ?(?:gramm?s?|gr|g)\b"), "g"),
    (re.compile(r"(?<=\d) ?(?:lit(?:er|re)s?|l)\b"), "l"),
    (re.compile(r"(?<=\d) ?(?:watts?|w)\b"), "w"),
)
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_WORD = re.compile(r"[^\W_]+(?:[-'./+][^\W_]+)*")
_INSIDE = re.compile(r"[-'./+]")
_NUMBER = re.compile(r"\d+\.\d+[^\W\d_]*")
_CODE = re.compile(r"[-_./\s]")
#: Where one ends what is left of a word means the same: `women's`, `l'eau`.
_POSSESSIVE = re.compile(r"'s$")


def fold(text: str) -> str:
    """In lower case, without accents, with straight quotes: `Crème Brûlée` is `creme brulee`."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold().translate(_LETTERS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def spelled(text: str, locale: str) -> str:
    """Folded, with units as one word with their number (`13"` and `13 in` are `13inch`) and `&` in words."""
    said = fold(text).replace("&", f" {_AND.get(locale.partition('-')[0], 'and')} ")
    said = _DECIMAL_COMMA.sub(".", said)
    for unit, name in _UNITS:
        said = unit.sub(name, said)
    return said


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


def _parts(word: str) -> list[str]:
    # 1.5 and 1.5l are one number; 1.5.2 is a version, and 10/15 is two.
    if _NUMBER.fullmatch(word):
        return [word[:LONGEST_WORD]]
    return [part[:LONGEST_WORD] for part in _INSIDE.split(_POSSESSIVE.sub("", word)) if part]


def code(text: str) -> str:
    """An article's number without what people leave out: `WH-1000 xm4` is `wh1000xm4`."""
    return _CODE.sub("", fold(text))
