"""Languages and countries: which ones exist, and which of ours a reader wants."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

import msgspec
from babel import Locale, UnknownLocaleError
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LocaleTag = Annotated[
    str,
    msgspec.Meta(
        pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$(?!\n)",
        examples=["de-CH"],
        description="BCP 47 language tag",
    ),
]
CountryCode = Annotated[
    str, msgspec.Meta(pattern="^[A-Z]{2}$(?!\n)", examples=["CH"], description="ISO 3166-1 alpha-2 country code")
]

LONGEST_HEADER = 1000
LONGEST_TAG = 11
# CLDR's other two-letter codes: reserved ones, unions of countries, test data.
NO_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})


def negotiate(accept_language: str | None, supported: Sequence[str], default: str) -> str:
    """The supported tag that an `Accept-Language` header prefers (RFC 9110 §12.5.4, RFC 4647 §3.4 lookup).

    Ranges are tried by weight, each cut from its end until something fits. If nothing does, or if the header
    makes no sense, it is the default.
    """
    if not accept_language or len(accept_language) > LONGEST_HEADER:
        return default
    ours = {tag.lower(): tag for tag in supported}
    for wanted, weight in parse_accept_header(accept_language, LanguageAccept):
        parts = wanted.lower().split("-") if weight > 0 else []
        while parts:
            if (found := ours.get("-".join(parts))) is not None:
                return found
            parts.pop()
            # A single letter introduces what was just cut off, so it goes, too.
            if parts and len(parts[-1]) == 1:
                parts.pop()
    return default


@lru_cache(maxsize=1024)
def is_locale(tag: str) -> bool:
    """Whether CLDR knows how people of this locale (`de`, `de-CH`, `zh-Hant-TW`) write."""
    if len(tag) > LONGEST_TAG:
        return False
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


def is_country(code: str) -> bool:
    """Whether this is a country of ISO 3166-1, or Kosovo, whose code XK is in common use."""
    return code in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    codes = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in codes if len(code) == 2) - NO_COUNTRIES
