"""What stands around Flask: other origins, the id of a request, what is counted."""

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shopwright.kit import metrics, web
from shopwright.settings import Settings

SHOP = "https://shop.example"


@pytest.fixture
def bare(app: Flask, settings: Settings) -> FlaskClient:
    own = Flask("bare")
    own.add_url_rule("/hello/<name>", view_func=lambda name: web.Whole(200, [("Vary", "Accept")], name.encode()))
    web.surround(own, msgspec.structs.replace(settings, cors_origins=(SHOP,)))
    return own.test_client()


def test_a_page_of_a_known_origin_may_read_the_answer(bare: FlaskClient) -> None:
    allowed = bare.get("/hello/you", headers={"Origin": SHOP})
    assert allowed.headers["Access-Control-Allow-Origin"] == SHOP
    assert "ETag" in allowed.headers["Access-Control-Expose-Headers"]
    assert allowed.headers.getlist("Vary") == ["Accept", "Origin"]
    refused = bare.get("/hello/you", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert "Origin" in refused.headers.getlist("Vary")


def test_a_browser_that_asks_before_is_told_what_it_may_send(bare: FlaskClient) -> None:
    told = bare.options("/hello/you", headers={"Origin": SHOP, "Access-Control-Request-Method": "PUT"}).headers
    assert told["Access-Control-Allow-Origin"] == SHOP
    assert "Idempotency-Key" in told["Access-Control-Allow-Headers"]
    assert "PUT" in told["Access-Control-Allow-Methods"]
    assert told["Access-Control-Max-Age"] == "600"


@pytest.mark.parametrize("sent", ["", "short", "a b c d e f g h", "x" * 65, "ünïcödé-id"])
def test_an_id_that_is_not_one_is_replaced(bare: FlaskClient, sent: str) -> None:
    own = bare.get("/hello/you", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert len(own) == 32
    int(own, 16)


def test_an_id_that_is_one_is_kept(bare: FlaskClient) -> None:
    sent = "0199b1f0-a3c5-7d3e"
    assert bare.get("/hello/you", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent


def test_a_head_says_how_long_the_answer_would_be(bare: FlaskClient) -> None:
    head = bare.head("/hello/you")
    assert (head.data, head.headers["Content-Length"]) == (b"", "3")


def test_requests_are_counted_by_the_rule_of_their_page(bare: FlaskClient) -> None:
    def counted(rule: str) -> bool:
        return f'url_rule="{rule}"' in metrics.exposition().decode()

    bare.get("/hello/you")
    bare.get("/nothing/here")
    assert counted("/hello/<name>")
    assert counted("(none)")
    assert not counted("/hello/you")
    assert not counted("/nothing/here")
