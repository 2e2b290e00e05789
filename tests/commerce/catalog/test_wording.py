import pytest

from shopwright.commerce.catalog.wording import fallbacks, free, like, safe_html, said, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Blaue Schüssel, groß", "blaue-schuessel-gross"),
        ("  Café  & Crème!", "cafe-creme"),
        ("東京", ""),
        ("a" * 100, "a" * 80),
    ],
)
def test_a_slug_is_made_from_a_text(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_html_is_left_with_nothing_that_runs_or_restyles() -> None:
    dirty = '<p style="x">a<img src=x onerror=y><a href="javascript:z">b</a><style>c</style><iframe>d</iframe></p>'
    assert safe_html(dirty) == '<p>a<a rel="noopener noreferrer">b</a>d</p>'
    assert safe_html(safe_html(dirty)) == safe_html(dirty)


def test_signs_of_a_pattern_stand_for_themselves() -> None:
    assert like("50%_\\") == "50\\%\\_\\\\%"


def test_a_name_is_numbered_until_it_is_free() -> None:
    assert free("mug", set()) == "mug"
    assert free("mug", {"mug", "mug-2"}) == "mug-3"


def test_a_text_is_looked_for_from_the_nearest_locale_outwards() -> None:
    assert fallbacks("zh-Hant-TW") == ["zh-Hant-TW", "zh-Hant", "zh"]
    labels = {"de": {"name": "Größe", "values": {"S": "Klein"}}, "de-CH": {"name": None}}
    assert said(labels, "de-CH", "name") == "Größe"
    assert said(labels, "de", "values", "S") == "Klein"
    assert said(labels, "fr", "name") is None
