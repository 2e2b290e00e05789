from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, feed, feed_routes, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.events import Event, OutboxEntry, all_types, emit
from shopwright.kit.transaction import reading, transaction
from tests.make import staff_headers

pytestmark = pytest.mark.usefixtures("app", "_rolled_back")


class Weighed(Event):
    """Somebody put a thing on the scales."""

    version = 3

    thing_id: UUID
    grams: int


class Measured(Event):
    thing_id: UUID


def announce(*facts: Event) -> None:
    for fact in facts:
        with transaction():
            emit(fact)


def walk(client: FlaskClient, url: str) -> list[dict[str, Any]]:
    """All items behind this address, following `Link` as a client would."""
    headers, found = staff_headers(Permission.EVENTS_READ), []
    while True:
        answer = client.get(url, headers=headers)
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        link = answer.headers.get("Link")
        assert (link is not None) == answer.json["has_more"]
        if link is None:
            return found
        url = link.removeprefix("<").removesuffix('>; rel="next"')


def test_a_fact_stands_in_the_feed_as_it_was_told(client: FlaskClient) -> None:
    thing = ids.new()
    announce(Weighed(thing_id=thing, grams=12))
    outbox.drain()
    with reading():
        entry = session.scalars(select(OutboxEntry)).one()
    answer = client.get("/v1/admin/events", headers=staff_headers(Permission.EVENTS_READ))
    assert answer.json == {
        "items": [
            {
                "id": str(entry.id), "position": 1, "type": "kit.Weighed", "version": 3, "aggregate_id": str(thing),
                "emitted_at": entry.emitted_at.isoformat().replace("+00:00", "Z"),
                "data": {"thing_id": str(thing), "grams": 12},
            }
        ],
        "next_after": 1,
        "has_more": False,
    }  # fmt: skip


def test_pages_follow_one_another_and_can_be_read_again_from_any_position(client: FlaskClient) -> None:
    thing = ids.new()
    announce(*(Weighed(thing_id=thing, grams=grams) for grams in range(7)))
    outbox.drain()
    assert [item["data"]["grams"] for item in walk(client, "/v1/admin/events?limit=3")] == [*range(7)]
    assert [item["data"]["grams"] for item in walk(client, "/v1/admin/events?limit=2&after=4")] == [4, 5, 6]
    end = client.get("/v1/admin/events?after=7", headers=staff_headers(Permission.EVENTS_READ))
    assert end.json == {"items": [], "next_after": 7, "has_more": False}


def test_a_page_can_be_of_some_types_only_and_still_says_where_to_go_on(client: FlaskClient) -> None:
    thing = ids.new()
    announce(Weighed(thing_id=thing, grams=1), Measured(thing_id=thing), Weighed(thing_id=thing, grams=2))
    outbox.drain()
    assert [i["position"] for i in walk(client, "/v1/admin/events?type=kit.Measured")] == [2]
    assert [i["position"] for i in walk(client, "/v1/admin/events?type=kit.Measured&type=orders.*")] == [2]
    assert [i["position"] for i in walk(client, "/v1/admin/events?type=kit.*&limit=1")] == [1, 2, 3]
    assert walk(client, "/v1/admin/events?type=ki.*") == []
    none = client.get("/v1/admin/events?type=orders.OrderPlaced", headers=staff_headers(Permission.EVENTS_READ))
    assert none.json == {"items": [], "next_after": 3, "has_more": False}


def test_a_rare_type_far_away_is_found_page_by_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WINDOW", 4)
    thing = ids.new()
    announce(*(Weighed(thing_id=thing, grams=grams) for grams in range(9)), Measured(thing_id=thing))
    outbox.drain()
    first = client.get("/v1/admin/events?type=kit.Measured", headers=staff_headers(Permission.EVENTS_READ))
    assert first.json == {"items": [], "next_after": 4, "has_more": True}
    assert [i["position"] for i in walk(client, "/v1/admin/events?type=kit.Measured")] == [10]


def test_what_no_subscriber_hears_and_what_nobody_can_hear_stands_in_the_feed_all_the_same(app: Flask) -> None:
    announce(Measured(thing_id=ids.new()))
    assert outbox.relay(lambda *_: None) == 1
    with reading():
        entry = session.scalars(select(OutboxEntry)).one()
    assert entry.position == 1
    assert entry.delivered_at is not None


def test_what_is_sent_again_keeps_its_position(app: Flask) -> None:
    announce(Measured(thing_id=ids.new()))
    outbox.drain()
    with transaction():
        entry = session.scalars(select(OutboxEntry)).one()
        entry.delivered_at = None
    with clock.held_at(clock.now() + outbox.RESEND_AFTER * 2):
        assert outbox.relay(lambda *_: None) == 1
    with reading():
        assert session.scalars(select(OutboxEntry.position)).all() == [1]


def test_more_than_a_batch_is_placed_in_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 3)
    thing = ids.new()
    announce(*(Weighed(thing_id=thing, grams=grams) for grams in range(8)))
    assert outbox.drain() == 8
    with reading():
        found = session.scalars(select(OutboxEntry).order_by(OutboxEntry.position)).all()
    assert [entry.position for entry in found] == [*range(1, 9)]
    assert [entry.payload["grams"] for entry in found] == [*range(8)]


def test_every_type_is_described_whether_it_is_heard_or_not(client: FlaskClient) -> None:
    answer = client.get("/v1/admin/events/types", headers=staff_headers(Permission.EVENTS_READ))
    described = {item["type"]: item for item in answer.json["items"]}
    assert set(described) == set(all_types())
    assert {"orders.OrderPlaced", "orders.OrderShipped", "payments.PaymentSettled"} <= set(described)
    weighed = described["kit.Weighed"]
    assert (weighed["version"], weighed["description"]) == (3, "Somebody put a thing on the scales.")
    shape = weighed["schema"]["$defs"]["Weighed"]
    assert shape["properties"] == {"thing_id": {"type": "string", "format": "uuid"}, "grams": {"type": "integer"}}
    assert shape["required"] == ["thing_id", "grams"]
    assert described["orders.OrderPlaced"]["version"] == 1


@pytest.mark.parametrize("path", ["/v1/admin/events", "/v1/admin/events/types"])
def test_the_feed_is_for_who_may_read_it(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers=staff_headers(Permission.ORDERS_READ)).status_code == 403
    assert client.get(path, headers=staff_headers(Permission.EVENTS_READ)).status_code == 200


def test_the_permission_that_the_kit_names_is_one_that_roles_can_have() -> None:
    assert feed_routes.MAY_READ.permission in set(Permission)


@pytest.mark.parametrize(
    "wrong",
    ["after=-1", "after=9223372036854775808", "after=x", "limit=0", "limit=101", "type=orders", "type=*.Placed"],
)
def test_a_page_that_makes_no_sense_is_refused(client: FlaskClient, wrong: str) -> None:
    answer = client.get(f"/v1/admin/events?{wrong}", headers=staff_headers(Permission.EVENTS_READ))
    assert answer.status_code == 422
