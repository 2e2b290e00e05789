"""Whatever somebody types is answered, or refused clearly; and nothing that a product says can harm who reads it."""

from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.listeners.search.conftest import Find, Shop, index, titles

ODD = [
    "a", "*", '"', "AND", "mug~2", "mug AND (lamp OR", "/(a+)+$/", "mug:*", "'; DROP TABLE products; --", "!mug", "mug & !mug",
    "\\", "%", "_", "💩", "☕ mug", "مصباح", "‏קפה", "\u202emug", "\x01\x02mug", "mug\x00", "\ud7ff", "\ue000mug\ue001", "﷽",
    "mug " * 120, "a" * 500, "-" * 500, "1-" * 250, "under " * 80, "50-50-50-50 eur", "without", "without without", "ß" * 400,
    "the", "to be or not to be", "ﬁ" * 200, "½ ⅓", "<script>alert(1)</script>", "0" * 14, "9" * 400,
]  # fmt: skip


def test_an_odd_query_is_answered(client: FlaskClient, shop: Shop) -> None:
    shop.sells("Mug")
    index()
    for typed in ODD:
        for path in ("/v1/search", "/v1/search/suggestions"):
            answer = client.get(path, query_string={"q": typed, "channel": shop.eu.code})
            assert answer.status_code == (422 if "\x00" in typed else 200), (typed, answer.text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=60))
def test_any_text_is_answered(client: FlaskClient, shop: Shop, typed: str) -> None:
    for path in ("/v1/search", "/v1/search/suggestions"):
        answer = client.get(path, query_string={"q": typed, "channel": shop.eu.code})
        # PostgreSQL knows no such character, so nobody may send it.
        assert answer.status_code == (422 if "\x00" in typed else 200), answer.text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"q": "x" * 10_240}, 422),
        ({"attribute": [f"code{number}:a" for number in range(200)]}, 422),
        ({"option": [f"code{number}:a" for number in range(200)]}, 422),
        ({"limit": "1000"}, 422),
        ({"sort": "best"}, 422),
        ({"sort": "rating"}, 400),
        ({"cursor": "AAAA"}, 400),
        ({"channel": "nowhere"}, 404),
        ({"facet": "x"}, 422),
    ],
    ids=str,
)
def test_what_cannot_be_answered_is_refused_clearly(
    asked: dict[str, object], status: int, client: FlaskClient, shop: Shop
) -> None:
    answer = client.get("/v1/search", query_string={"channel": shop.eu.code, **asked})
    assert answer.status_code == status, answer.text


def test_unknown_filters_match_nothing(shop: Shop, find: Find) -> None:
    shop.sells("Mug")
    index()
    for unknown in ({"category": "none"}, {"brand": "none"}, {"attribute": "none:x"}, {"option": "none:x"}):
        assert find("mug", **unknown)["total"] == 0, unknown


def test_cursors_lead_through_all_and_fit_their_own_query_only(client: FlaskClient, shop: Shop, find: Find) -> None:
    for number in range(7):
        shop.sells(f"Mug {number}")
    index()
    seen, cursor, more = [], None, {}
    while True:
        found = find("mug", limit=3, **more)
        seen += titles(found)
        assert found["total"] == 7
        if (cursor := found["next_cursor"]) is None:
            break
        more = {"cursor": cursor}
    assert sorted(seen) == [f"Mug {number}" for number in range(7)]
    first = find("mug", limit=3)["next_cursor"]
    other = client.get("/v1/search", query_string={"q": "lamp", "channel": shop.eu.code, "cursor": first})
    assert other.status_code == 400


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag if not attrs else f"{tag} with attributes")


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert('mug')</script> mug", "mug\"><img src=x onerror=alert(1)>", "<mark>mug</mark>", "mug <b onclick=x>",
        "\ue000<script>\ue001 mug", "mug' onmouseover='x", "<<mug>>", "&lt;mug&gt;", "javascript:mug", "<svg/onload=alert(1)> mug",
    ],
)  # fmt: skip
def test_highlights_hold_no_markup_but_their_own(title: str, shop: Shop, find: Find) -> None:
    shop.sells(title, slug="a-mug")
    index()
    (item,) = find("mug")["items"]
    tags = _Tags()
    tags.feed(item["highlights"]["title"])
    assert tags.seen == {"mark"}
    assert item["highlights"]["title"].count("<mark>") == item["highlights"]["title"].count("</mark>")
