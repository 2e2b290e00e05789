"""What a shopper's words say: an article's number, a price, what is not wanted, and the words to look for.

Pure and bounded: nothing is asked of anybody, and no pattern can be made slow by what somebody types.
"""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from shopwright.kit.money import exponent
from shopwright.listeners.search import derived, plurals, words
from shopwright.listeners.search.backend import Term

#: Nobody looks for more; the rest of a longer query is not looked at.
MOST_WORDS = 16
MOST_DIGITS = 9
SHORTEST_CODE, LONGEST_CODE, MOST_CODE_PARTS = 4, 40, 3
GTIN_LENGTHS = (8, 12, 13, 14)

_UNDER = {
    "en": "under|below|less than|cheaper than", "de": "unter|weniger als", "fr": "moins de|sous",
    "es": "menos de|por debajo de", "it": "meno di|sotto", "nl": "onder|minder dan", "sv": "under",
    "pt": "menos de|abaixo de",
}  # fmt: skip
#: These stand before numbers of all kinds, also in names: a tent up to 3 people, an Air Max 90.
_UP_TO = {
    "en": "up to|max", "de": "bis|bis zu|maximal|max", "fr": "jusqu'a|max", "es": "hasta|max", "it": "fino a|max",
    "nl": "tot|max", "sv": "hogst|upp till|max", "pt": "ate|max",
}  # fmt: skip
_OVER = {
    "en": "over|above|more than|from|at least", "de": "uber|ab|mehr als|mindestens", "fr": "plus de|a partir de|des",
    "es": "mas de|desde", "it": "piu di|oltre|da", "nl": "boven|vanaf|meer dan", "sv": "over|fran|minst",
    "pt": "mais de|acima de|desde",
}  # fmt: skip
_BETWEEN = {
    "en": ("between", "and"), "de": ("zwischen", "und"), "fr": ("entre", "et"), "es": ("entre", "y"), "it": ("tra", "e"),
    "nl": ("tussen", "en"), "sv": ("mellan", "och"), "pt": ("entre", "e"),
}  # fmt: skip
_PRICE = {
    "en": "price", "de": "preis", "fr": "prix", "es": "precio", "it": "prezzo", "nl": "prijs", "sv": "pris", "pt": "preco",
}  # fmt: skip
_WITHOUT = {
    "en": {"without", "not"}, "de": {"ohne", "nicht", "kein", "keine", "keinen"}, "fr": {"sans"}, "es": {"sin"},
    "it": {"senza"}, "nl": {"zonder", "geen"}, "sv": {"utan", "inte"}, "pt": {"sem"},
}  # fmt: skip
_CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "chf": "CHF", "sek": "SEK", "kr": "SEK",
}  # fmt: skip
_GUESSED = ("between", "under")
_MONEY = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
_SUM = rf"(?P<before{{0}}>€|\$|£)? ?(?P<amount{{0}}>\d{{{{1,{MOST_DIGITS}}}}}(?:\.\d{{{{1,2}}}})?)(?: ?(?P<after{{0}}>{_MONEY}))?"
_END = r"(?=$| )"
_MEASURE = re.compile(r"\d+(?:\.\d+)?(?:inch|ml|cl|mm|cm|kg|g|l|w)")


class Understood(Struct, frozen=True, kw_only=True):
    """`text` is the query as it is shown again. Amounts are whole minor units of the channel's currency. A price
    `is_guessed` where nothing but a word like "under" says that the number is one."""

    text: str
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    code: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    is_guessed: bool = False


class _Priced(NamedTuple):
    """The text without its words of price."""

    rest: str
    low: int | None = None
    high: int | None = None
    is_guessed: bool = False


def understand(query: str, locale: str, currency: str, *, guesses: bool = True) -> Understood:
    """Never raises: of what makes no sense, no words are left. Without `guesses` a number may be a price only for sure."""
    text = shown(query)
    spelled = words.spelled(text, locale)
    priced = _prices(spelled, locale, currency)
    if priced.is_guessed and not guesses:
        priced = _Priced(spelled)
    terms, excluded = _terms(words.words(priced.rest, locale)[:MOST_WORDS], locale)
    is_priced = priced.low is not None or priced.high is not None
    return Understood(
        text=text,
        terms=terms,
        excluded=excluded,
        code=None if is_priced else _code(text, locale),
        price_min=priced.low,
        price_max=priced.high,
        is_guessed=priced.is_guessed,
    )


def shown(query: str) -> str:
    """Without control and formatting characters, with single spaces."""
    plain = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in query)
    return " ".join(unicodedata.normalize("NFC", plain).split())


def _code(text: str, locale: str) -> str | None:
    """What may be an article's number: a GTIN by its check digit, or what has digits in it that are no measure."""
    parts = text.split()
    code = words.code(text)
    if not parts or len(parts) > MOST_CODE_PARTS or not SHORTEST_CODE <= len(code) <= LONGEST_CODE:
        return None
    if code.isascii() and code.isdigit():
        return code if len(code) not in GTIN_LENGTHS or is_gtin(code) else None
    said = words.words(text, locale)
    has_number = any(sign.isdigit() for sign in code)
    is_plain = all(word.isalpha() or _MEASURE.fullmatch(word) for word in said)
    return code if has_number and not is_plain else None


def is_gtin(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (GS1 General Specifications §7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])


def _prices(text: str, locale: str, currency: str) -> _Priced:
    """Of "over 50" and its like only with a currency or a word like "price", since it may be anything."""
    tongue = locale.partition("-")[0]
    for name, pattern in _PATTERNS.get(tongue, _PATTERNS["en"]):
        found = pattern.search(text)
        if found is None:
            continue
        said = {key: part for key, part in found.groupdict().items() if part}
        currencies = {_CURRENCIES[part] for key, part in said.items() if key.startswith(("before", "after"))}
        is_sure = bool(currencies) or "price" in said
        if currencies - {currency} or not (is_sure or name in _GUESSED):
            continue
        amounts = sorted(_minor(part, currency) for key, part in said.items() if key.startswith("amount"))
        return _Priced(
            rest=f"{text[: found.start()]} {text[found.end() :]}",
            low=None if name in ("under", "up to") else amounts[0],
            high=None if name == "over" else amounts[-1],
            is_guessed=not is_sure,
        )
    return _Priced(text)


def _minor(said: str, currency: str) -> int:
    return int(Decimal(said).scaleb(exponent(currency)))


def _patterns(tongue: str) -> list[tuple[str, re.Pattern[str]]]:
    first, second = _BETWEEN[tongue]
    one, other = _SUM.format(1), _SUM.format(2)
    price = rf"\b(?:(?P<price>{_PRICE[tongue]}) )?"
    return [
        ("between", re.compile(rf"{price}{first} {one} {second} {other}{_END}")),
        ("span", re.compile(rf"(?:^|(?<= )){one} ?(?:-|to|bis|a) ?{other}{_END}")),
        ("under", re.compile(rf"{price}(?:{_UNDER[tongue]}) {one}{_END}")),
        ("up to", re.compile(rf"{price}(?:{_UP_TO[tongue]}) {one}{_END}")),
        ("over", re.compile(rf"{price}(?:{_OVER[tongue]}) {one}{_END}")),
    ]


_PATTERNS = {tongue: _patterns(tongue) for tongue in _BETWEEN}


def _terms(said: list[str], locale: str) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The words to look for, each once, and the words after a "without"."""
    without = _WITHOUT.get(locale.partition("-")[0], set())
    wanted: dict[str, Term] = {}
    unwanted: dict[str, Term] = {}
    is_unwanted = False
    for word in said:
        # At the beginning it may be the name of something.
        if word in without and wanted:
            is_unwanted = True
            continue
        if is_unwanted:
            unwanted.setdefault(word, Term((word,)))
        else:
            others = (*plurals.others(word, locale), *derived.others(word, locale))
            wanted.setdefault(word, Term((word,), tuple((other,) for other in others)))
        is_unwanted = False
    return tuple(wanted.values()), tuple(unwanted.values())
