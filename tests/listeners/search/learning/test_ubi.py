"""The schema of User Behavior Insights: a public sample gives known figures, and what we noted is written in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
import pytest
from flask import Flask

from shopwright.kit import clock, ids, outbox
from shopwright.kit.transaction import reading
from shopwright.listeners.search.learning import insights, journal, ubi
from shopwright.listeners.search.learning.insights import Span
from shopwright.listeners.search.learning.journal import Asked, Entry, Told
from shopwright.listeners.search.learning.models import Kind
from tests.make import make_channel, make_many_on_sale, make_product_on_sale

SAMPLE = Path(__file__).parents[5] / "shared" / "data" / "esci-judgments-ubi" / "ubi_queries_events.ndjson"
ALWAYS = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def documents(index: str) -> list[dict[str, Any]]:
    lines = [msgspec.json.decode(line) for line in SAMPLE.read_bytes().splitlines()]
    return [body for head, body in zip(lines[::2], lines[1::2], strict=True) if head["index"]["_index"] == index]


def moment(said: Any) -> datetime:
    """Written as ISO 8601 or in milliseconds."""
    return datetime.fromtimestamp(said / 1000, UTC) if isinstance(said, int) else datetime.fromisoformat(said)


def place(event: dict[str, Any]) -> int:
    return int(event["event_attributes"]["position"]["ordinal"])


def query_entry(query: dict[str, Any], channel_id: UUID) -> Asked:
    return Asked(
        search_id=uuid5(NAMESPACE_URL, query["query_id"]), at=moment(query["timestamp"]), channel_id=channel_id,
        locale="en", text=query["user_query"], words=query["user_query"], level="exact", total=1,
    )  # fmt: skip


def product_of(event: dict[str, Any]) -> str:
    return str(event["event_attributes"]["object"]["object_id"])


def event_entry(event: dict[str, Any], product_id: UUID) -> Told:
    return Told(
        search_id=uuid5(NAMESPACE_URL, event["query_id"]), kind=Kind(event["action_name"]), product_id=product_id,
        place=place(event), cart_id=None, at=moment(event["timestamp"]),
    )  # fmt: skip


@pytest.mark.skipif(not SAMPLE.exists(), reason="the UBI sample is not at hand: its replay is skipped")
def test_the_public_sample_has_the_figures_that_can_be_counted_in_it(app: Flask) -> None:
    channel = make_channel()
    queries = {query["query_id"]: query for query in documents("ubi_queries") if query["user_query"]}
    events = [each for each in documents("ubi_events") if each["action_name"] in ("click", "add_to_cart")]
    known = [event for event in events if event["query_id"] in queries and place(event) >= 1]
    entries: list[Entry] = [query_entry(query, channel.id) for query in queries.values()]
    names = {product_of(event) for event in known}
    products = dict(zip(names, make_many_on_sale(channel, names), strict=True))
    journal.note(*entries, *(event_entry(event, products[product_of(event)]) for event in known))
    journal.write_down()

    best: dict[str, int] = {}
    for event in known:
        if event["action_name"] == "click":
            best[event["query_id"]] = min(place(event), best.get(event["query_id"], 10**6))
    added = {event["query_id"] for event in known if event["action_name"] == "add_to_cart"}
    with reading():
        found = insights.totals(Span(channel.id, None, *ALWAYS))
    assert len(best) > 20
    assert found.searches == len(queries)
    assert found.ctr == pytest.approx(len(best) / len(queries))
    assert found.mrr == pytest.approx(sum(1 / place for place in best.values()) / len(queries))
    assert found.add_to_cart_rate == pytest.approx(len(added) / len(queries))


def test_what_was_noted_is_written_in_the_schema(app: Flask) -> None:
    channel, now = make_channel(), clock.now()
    search_id, (product_id, _) = ids.new(), make_product_on_sale({channel: 1900})
    outbox.drain()
    journal.note(
        Asked(
            search_id=search_id, at=now, channel_id=channel.id, locale="en", text="Red Mug", words="red mug",
            level="exact", total=3, visitor=b"\x01\x02",
        ),
        Told(search_id=search_id, kind=Kind.CLICK, product_id=product_id, place=2, cart_id=None, at=now),
    )  # fmt: skip
    journal.write_down()
    with reading():
        lines = [msgspec.json.decode(line) for line in ubi.lines(now - timedelta(days=1))]
    assert lines[::2] == [{"index": {"_index": "ubi_queries"}}, {"index": {"_index": "ubi_events"}}]
    query, event = lines[1::2]
    assert (query["query_id"], query["user_query"], query["client_id"]) == (str(search_id), "Red Mug", "0102")
    assert (event["action_name"], event["query_id"]) == ("click", str(search_id))
    assert event["event_attributes"] == {
        "object": {"object_id": str(product_id), "object_id_field": "product_id"}, "position": {"ordinal": 2},
    }  # fmt: skip
    with reading():
        assert [*ubi.lines(now + timedelta(seconds=1))] == []
