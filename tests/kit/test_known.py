"""What is asked again in the same words is answered past Flask, and says the same."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient

from shopwright.kit import conditional, ids, known, web
from shopwright.kit.access import Anyone
from shopwright.kit.edge import Edge
from shopwright.kit.errors import NotFound
from shopwright.kit.http import Routes
from shopwright.kit.principal import ANONYMOUS
from shopwright.kit.wire import In, Out
from shopwright.settings import Settings


class Which(In):
    color: str = "red"


class Thing(Out):
    slug: str
    color: str
    is_newest: bool


@pytest.fixture
def gone() -> set[str]:
    return set()


@pytest.fixture
def small(app: Flask, settings: Settings, gone: set[str]) -> FlaskClient:
    """An app of one public page and one that nobody may keep."""
    routes = Routes("things")

    @routes.query("/things/<slug>", access=Anyone, cache_control="public, s-maxage=1")
    def show(slug: str, query: Which) -> Thing:
        if slug in gone:
            raise NotFound()
        return Thing(slug=slug, color=query.color, is_newest=conditional.wants_newest())

    @routes.query("/private", access=Anyone)
    def show_private() -> Thing:
        return Thing(slug="mine", color="", is_newest=False)

    own = Flask("small")
    in_force = msgspec.structs.replace(settings, reads_per_minute=5, allowed_hosts=("localhost",))
    edge = Edge(own, in_force, lambda _: ANONYMOUS)
    edge.mount(routes)
    own.wsgi_app = edge.recalling(own.wsgi_app)  # type: ignore[method-assign, assignment]
    web.surround(own, in_force)
    client = own.test_client()
    # Each test is another shopper.
    client.environ_base["REMOTE_ADDR"] = str(ids.new())
    return client


@contextmanager
def seen_by_flask(client: FlaskClient) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(sender: Flask, **_: object) -> None:
        seen.append(sender.name)

    with request_started.connected_to(note, client.application):
        yield seen


def test_a_page_that_is_asked_again_is_the_same_without_flask(small: FlaskClient) -> None:
    first = small.get("/v1/things/mug?color=blue")
    with seen_by_flask(small) as seen:
        again = small.get("/v1/things/mug?color=blue")
    assert seen == []
    assert (again.status_code, again.data) == (200, first.data)
    told, told_again = dict(first.headers), dict(again.headers)
    assert told.pop("X-Request-ID") != told_again.pop("X-Request-ID")
    assert told == told_again
    assert told["Content-Length"] == str(len(first.data))


def test_a_good_copy_is_not_sent_again(small: FlaskClient) -> None:
    first = small.get("/v1/things/mug")
    with seen_by_flask(small) as seen:
        again = small.get("/v1/things/mug", headers={"If-None-Match": first.headers["ETag"]})
    assert (seen, again.status_code, again.data) == ([], 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "public, s-maxage=1"
    assert not {"Content-Type", "Content-Length"} & set(again.headers.keys())


def test_other_words_are_another_page(small: FlaskClient) -> None:
    small.get("/v1/things/mug?color=blue")
    with seen_by_flask(small) as seen:
        assert small.get("/v1/things/mug?color=green").get_json()["color"] == "green"
        assert small.get("/v1/things/cup?color=blue").get_json()["slug"] == "cup"
    assert len(seen) == 2


def test_another_host_is_still_refused(small: FlaskClient) -> None:
    small.get("/v1/things/mug")
    assert small.get("/v1/things/mug", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("name", ["Authorization", "Cart-Token", "Order-Token"])
def test_who_says_who_they_are_takes_the_whole_way(small: FlaskClient, name: str) -> None:
    small.get("/v1/things/mug")
    with seen_by_flask(small) as seen:
        assert small.get("/v1/things/mug", headers={name: "somebody"}).status_code == 200
    assert seen == ["small"]


def test_only_public_pages_and_only_reads_are_known(small: FlaskClient) -> None:
    small.get("/v1/private")
    small.get("/v1/things/mug")
    with seen_by_flask(small) as seen:
        assert small.get("/v1/private").status_code == 200
        assert small.head("/v1/things/mug").data == b""
        assert small.post("/v1/things/mug").status_code == 405
    assert len(seen) == 3


def test_who_wants_no_copy_is_told_to_the_page(small: FlaskClient) -> None:
    asked = [{}, {"Cache-Control": "no-cache"}, {}]
    assert [small.get("/v1/things/mug", headers=headers).get_json()["is_newest"] for headers in asked] == [
        False, True, False,
    ]  # fmt: skip


def test_a_page_that_is_gone_is_refused_as_by_flask(small: FlaskClient, gone: set[str]) -> None:
    small.get("/v1/things/mug")
    gone.add("mug")
    with seen_by_flask(small) as seen:
        known_one, asked_anew = small.get("/v1/things/mug"), small.get("/v1/things/mug")
    assert seen == ["small"]
    told, told_anew = known_one.get_json(), asked_anew.get_json()
    assert told.pop("request_id") == known_one.headers["X-Request-ID"]
    del told_anew["request_id"]
    assert (known_one.status_code, told) == (asked_anew.status_code, told_anew)
    assert told["instance"] == "/v1/things/mug"


def test_reads_are_limited_by_address_whether_known_or_not(small: FlaskClient) -> None:
    assert [small.get("/v1/things/mug").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    refused = small.get("/v1/private")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit-Policy"] == '"reads";q=5;w=60'
    other = small.get("/v1/things/mug", environ_base={"REMOTE_ADDR": str(ids.new())})
    assert other.status_code == 200
    # Who keeps the page for all must not keep what one of them was told.
    assert "RateLimit" not in other.headers


def test_what_strangers_invent_does_not_fill_the_memory() -> None:
    pages, page = known.KnownPages(), known.Page(endpoint=None, arguments={})  # type: ignore[arg-type]  # never called

    def words(path: str) -> dict[str, str]:
        return {"REQUEST_METHOD": "GET", "HTTP_HOST": "shop", "PATH_INFO": path, "QUERY_STRING": ""}

    for number in range(known.MOST * 2 + 1):
        pages.note(words(f"/{number}"), page)
        assert len(pages._pages) <= known.MOST
    assert pages.find(words(f"/{known.MOST * 2}")) is page
    pages.note(words("/" + "x" * known.LONGEST), page)
    assert pages.find(words("/" + "x" * known.LONGEST)) is None
