"""Texts in the shopper's language, safe HTML, and names that are made from texts: slugs and SKUs."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec
import nh3

from shopwright.kit import storage
from shopwright.kit.patterns import like as like

_TAGS = {"a", "b", "blockquote", "br", "em", "h2", "h3", "h4", "i", "li", "ol", "p", "strong", "ul"} | {
    "table", "tbody", "td", "th", "thead", "tr", "span", "div", "sub", "sup", "u",
}  # fmt: skip
_HTML = nh3.Cleaner(tags=_TAGS, attributes={"a": {"href", "title"}}, url_schemes={"http", "https", "mailto"})
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l"})


def safe_html(html: str) -> str:
    """The text with nothing left in it that could run, load or restyle a page."""
    return _HTML.clean(html).strip()


def storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with safe HTML in `description`, in that of each of the `translations` (Structs or plain) too."""
    safe = dict(values)
    if "description" in safe:
        safe["description"] = safe_html(safe["description"])
    if "translations" in safe:
        texts: dict[str, dict[str, Any]] = msgspec.to_builtins(dict(safe["translations"]))
        said = {locale: {name: text for name, text in each.items() if text} for locale, each in texts.items()}
        safe["translations"] = {locale: storable(each) for locale, each in said.items()}
    return safe


def slugify(text: str, longest: int = 80) -> str:
    """`Blaue Schüssel, groß` is `blaue-schuessel-gross`. Empty when no Latin letter or digit is in the text."""
    spelled = text.lower().translate(_SPELLED)
    ascii_only = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only)[:longest].strip("-")


def free(wished: str, taken: set[str]) -> str:
    """`wished`, or with the first number behind it that makes it free."""
    name, count = wished, 1
    while name in taken:
        count += 1
        name = f"{wished}-{count}"
    return name


def fallbacks(locale: str | None) -> list[str]:
    """Where to look for a text, best first: `de-CH` is `["de-CH", "de"]`; the first language stands behind all."""
    if not locale:
        return []
    parts = locale.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def said(labels: Mapping[str, Any], locale: str | None, *keys: str) -> str | None:
    """What `labels` say under `keys` in the nearest locale that says anything."""
    for tongue in fallbacks(locale) if labels else ():
        found: Any = labels.get(tongue)
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        if found:
            return str(found)
    return None


def address(source: str | None) -> str | None:
    """The URL of a picture: its own, or that of the key in the shop's storage."""
    if source is None or source.startswith(("https://", "http://")):
        return source
    return storage.url(source)


def spelled(value: str | float) -> str:
    """An attribute's value as shoppers filter by it and promotions name it: `true`, `12`, `red`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
