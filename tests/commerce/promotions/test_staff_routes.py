from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.promotions import queries
from shopwright.commerce.promotions.evaluator import judge_by
from shopwright.commerce.promotions.models import PromotionVersion
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, transaction
from tests.commerce.promotions.draws import NOW
from tests.commerce.promotions.offering import line, offer
from tests.make import customer_headers, staff_headers

PATH = "/v1/admin/promotions"
TEN = {"name": "Ten off", "kind": "cart", "effect": {"kind": "percentage", "ppm": 100_000}}


def reader() -> dict[str, str]:
    return staff_headers(Permission.PROMOTIONS_READ)


def writer(etag: str = "*") -> dict[str, str]:
    return staff_headers(Permission.PROMOTIONS_WRITE) | {"If-Match": etag}


def create(client: FlaskClient, **more: Any) -> Any:
    made = client.post(PATH, json=TEN | more, headers=writer())
    assert made.status_code == 201, made.json
    return made.json


def change(client: FlaskClient, path: str, body: dict[str, Any], etag: str = "*") -> Any:
    return client.patch(path, json=body, headers=writer(etag), content_type="application/merge-patch+json")


def do(client: FlaskClient, promotion: Any, verb: str) -> Any:
    return client.post(f"{PATH}/{promotion['id']}/{verb}", headers=writer())


def given() -> list[int]:
    """What the rules in force make of a basket of ten euro."""
    with reading():
        version = session.scalar(select(queries.RULES_VERSION))
        assert version is not None
        index = queries.compiled(version)
    return [one.amount for one in judge_by(index, offer(line(0, 1000), at=clock.now())).lines]


def test_a_draft_gives_nothing_until_it_is_activated(client: FlaskClient) -> None:
    promotion = create(client)
    assert (promotion["status"], promotion["state"], promotion["warnings"]) == ("draft", "draft", [])
    assert given() == [1000]

    active = do(client, promotion, "activate")
    assert (active.status_code, active.json["state"]) == (200, "active")
    assert given() == [900]
    assert do(client, promotion, "pause").json["state"] == "paused"
    assert given() == [1000]
    assert do(client, promotion, "activate").json["state"] == "active"
    assert given() == [900]
    ended = do(client, promotion, "end").json
    assert (ended["state"], ended["ends_at"]) == ("ended", None)
    assert given() == [1000]
    assert client.get(f"{PATH}/{promotion['id']}", headers=reader()).json == ended


def test_what_has_ended_stays_ended(client: FlaskClient) -> None:
    promotion = create(client)
    do(client, promotion, "end")

    for refused in (do(client, promotion, "activate"), change(client, f"{PATH}/{promotion['id']}", {"priority": 1})):
        assert (refused.status_code, refused.json["code"], refused.json["is_now"]) == (
            409, "promotion-state-conflict", "ended"
        )  # fmt: skip
    assert client.get(f"{PATH}/{promotion['id']}", headers=reader()).json["status"] == "ended"
    assert do(client, create(client), "pause").status_code == 409


def test_a_change_holds_at_once_and_a_stale_one_changes_nothing(client: FlaskClient) -> None:
    promotion = create(client)
    do(client, promotion, "activate")
    path = f"{PATH}/{promotion['id']}"
    shown = client.get(path, headers=reader())

    changed = change(client, path, {"effect": {"kind": "percentage", "ppm": 500_000}}, shown.headers["ETag"])
    stale = change(client, path, {"effect": {"kind": "percentage", "ppm": 1}}, shown.headers["ETag"])

    assert (changed.status_code, changed.json["effect"]["ppm"], stale.status_code) == (200, 500_000, 412)
    assert given() == [500]


def test_whether_it_holds_follows_from_its_dates_alone(client: FlaskClient) -> None:
    with clock.held_at(NOW):
        starts, ends = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
        promotion = create(client, starts_at=starts.isoformat(), ends_at=ends.isoformat())
        assert do(client, promotion, "activate").json["state"] == "scheduled"
        assert given() == [1000]
    for moment, state, amount in (
        (starts - timedelta(seconds=1), "scheduled", 1000), (starts, "active", 900),
        (ends - timedelta(seconds=1), "active", 900), (ends, "ended", 1000),
    ):  # fmt: skip
        with clock.held_at(moment):
            assert given() == [amount]
            assert [one["id"] for one in client.get(f"{PATH}?state={state}", headers=reader()).json["items"]] == [
                promotion["id"]
            ]
            for other in {"draft", "scheduled", "active", "paused", "ended"} - {state}:
                assert client.get(f"{PATH}?state={other}", headers=reader()).json["items"] == []


def test_every_version_is_kept_and_none_can_be_changed(client: FlaskClient) -> None:
    promotion = create(client)
    change(client, f"{PATH}/{promotion['id']}", {"name": "Better", "priority": 5})
    do(client, promotion, "activate")

    listed = client.get(f"{PATH}/{promotion['id']}/versions", headers=reader()).json["items"]
    assert [(one["version"], one["name"], one["status"], one["priority"]) for one in listed] == [
        (3, "Better", "active", 5), (2, "Better", "draft", 5), (1, "Ten off", "draft", 100),
    ]  # fmt: skip
    first = client.get(f"{PATH}/{promotion['id']}/versions/1", headers=reader())
    assert first.json == listed[2]
    assert client.get(f"{PATH}/{promotion['id']}/versions/9", headers=reader()).status_code == 404
    assert client.get(f"{PATH}/{promotion['id']}/versions/{2**63}", headers=reader()).status_code == 400
    with pytest.raises(DBAPIError, match="append-only"), transaction():
        row = session.get_one(PromotionVersion, (UUID(promotion["id"]), 1))
        row.name = "never"
        session.flush()


def test_changes_are_announced(client: FlaskClient) -> None:
    catalog = create(client, kind="catalog", conditions=[])
    do(client, catalog, "activate")

    with reading():
        announced = select(OutboxEntry.payload).where(OutboxEntry.name == "promotions.PromotionChanged")
        facts = session.scalars(announced.order_by(OutboxEntry.sequence)).all()
    assert facts == [{"promotion_id": catalog["id"], "is_catalog": True}] * 2


def test_a_list_of_promotions_is_paged_newest_first(client: FlaskClient) -> None:
    made = [create(client, name=f"No {number}")["id"] for number in range(3)]

    first = client.get(f"{PATH}?limit=2", headers=reader()).json
    second = client.get(f"{PATH}?limit=2&cursor={first['next_cursor']}", headers=reader()).json

    assert [one["id"] for one in [*first["items"], *second["items"]]] == made[::-1]
    assert second["next_cursor"] is None


def test_a_code_of_an_ended_promotion_is_answered_but_one_of_a_draft_is_not_known(client: FlaskClient) -> None:
    code = [{"kind": "code"}, {"kind": "quantity", "at_least": 1}]
    ended, draft, early = (
        create(client, conditions=code),
        create(client, conditions=code),
        create(client, conditions=code),
    )
    do(client, ended, "activate")
    do(client, ended, "end")
    starts = (clock.now() + timedelta(days=1)).isoformat()
    change(client, f"{PATH}/{early['id']}", {"starts_at": starts})
    do(client, early, "activate")
    do(client, early, "end")

    with reading():
        version = session.scalar(select(queries.RULES_VERSION))
        assert version is not None
        known = set(queries.compiled(version).by_id)
    assert UUID(ended["id"]) in known
    assert not known & {UUID(draft["id"]), UUID(early["id"])}


def test_only_who_may_sees_and_changes_promotions(client: FlaskClient) -> None:
    assert client.get(PATH, headers=customer_headers()).status_code == 403
    assert client.get(PATH, headers=staff_headers(Permission.PRICES_READ)).status_code == 403
    assert client.post(PATH, json=TEN, headers=reader()).status_code == 403
    assert client.get(PATH, headers=reader()).json["items"] == []


def test_signs_of_a_mistake_are_told(client: FlaskClient) -> None:
    made = create(client, effect={"kind": "percentage", "ppm": 990_000, "cap": 500}, conditions=[{"kind": "code"}])

    assert made["warnings"] == [
        {"pointer": "/effect/ppm", "detail": "This takes 99 % off."},
        {"pointer": "/limits", "detail": "Whoever has the code can use it on everything, again and again."},
        {
            "pointer": "/effect/cap",
            "detail": "In each currency the cap is so many of its own minor units. Ask for one currency.",
        },
    ]
