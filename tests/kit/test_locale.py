from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.kit.locale import CountryCode, LocaleTag, _countries, is_country, is_locale, negotiate

OURS = ("en", "de", "de-CH", "pt-BR", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de", "de"),
        ("de-CH", "de-CH"),
        ("DE-ch", "de-CH"),
        ("de-AT", "de"),
        ("de-CH-1996", "de-CH"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hant-x-private", "zh-Hant"),
        ("de-AT;q=0.5, pt-BR;q=0.9", "pt-BR"),
        ("fr, de;q=0.1", "de"),
        ("fr-CH, fr;q=0.9, *;q=0.5", "en"),
        ("de;q=0, pt-BR;q=0.1", "pt-BR"),
        ("de;q=0", "en"),
        ("pt", "en"),
        ("*", "en"),
        ("", "en"),
        (None, "en"),
        ("de;q=x, pt-BR", "pt-BR"),
        ("de;q=2", "en"),
        (",;=,", "en"),
        ("-de", "en"),
        ("de," * 1000, "en"),
        ("de-" * 300, "de"),
    ],
)
def test_the_preferred_language_is_found(header: str | None, chosen: str) -> None:
    assert negotiate(header, OURS, "en") == chosen


@given(st.text() | st.text("de-,;q=0.1* \t\r\n"))
def test_every_header_gets_a_language_of_ours(header: str) -> None:
    assert negotiate(header, OURS, "en") in OURS


@pytest.mark.parametrize("tag", ["de", "de-CH", "zh-Hant-TW", "zh-TW", "es-419", "sr-Latn", "pt-BR"])
def test_a_locale_is_one_that_cldr_knows(tag: str) -> None:
    assert is_locale(tag)
    assert msgspec.convert(tag, LocaleTag) == tag


@pytest.mark.parametrize("tag", ["", "xx", "de-XX", "de_CH", "../etc", "d" * 9999, "de-CH\n", "\udc80", "-"])
def test_nothing_else_is_a_locale(tag: str) -> None:
    assert not is_locale(tag)


@given(st.text() | st.text("deCHx-_. \n", max_size=11))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert is_locale(text) in (True, False)
    assert is_country(text) in (True, False)


def test_a_country_is_one_of_iso_3166() -> None:
    assert len(_countries()) == 250
    assert all(is_country(code) for code in ("DE", "CH", "US", "JP", "GB", "XK"))


@pytest.mark.parametrize("code", ["", "de", "EU", "UN", "ZZ", "UK", "XA", "IC", "DEU", "001"])
def test_nothing_else_is_a_country(code: str) -> None:
    assert not is_country(code)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("de_CH", LocaleTag),
        ("DE", LocaleTag),
        ("de-ch", LocaleTag),
        ("de", CountryCode),
        ("DEU", CountryCode),
    ],
)
def test_what_is_badly_written_does_not_cross_the_wire(value: str, kind: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, kind)
