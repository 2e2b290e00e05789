"""What a merchant says to search, over HTTP."""

import time
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search.backend import Weights
from shopwright.listeners.search.curation import curated
from shopwright.listeners.search.curation.models import SearchCuration, SearchRevision
from tests.listeners.search.curation.conftest import PATH, Merchant
from tests.make import staff_headers
from tests.shopping import make_shop

SYNONYMS = {"kind": "synonyms", "locale": "en", "words": ["hair dryer", "blow dryer"]}


def in_force() -> curated.Curated:
    with reading():
        return curated.current()


def test_what_is_said_is_in_force_at_once(merchant: Merchant) -> None:
    assert in_force().synonyms == {}
    added = merchant.adds(SYNONYMS)
    assert added["says"] == SYNONYMS | {"finds": []}
    assert in_force().synonyms == {
        "en": {("hair", "dryer"): (("blow", "dryer"),), ("blow", "dryer"): (("hair", "dryer"),)}
    }


def test_a_change_is_whole_and_needs_the_version_that_was_seen(merchant: Merchant) -> None:
    added = merchant.adds(SYNONYMS)
    anew = SYNONYMS | {"words": ["couch"], "finds": ["sofa"]}
    assert merchant.sends("PUT", f"{PATH}/{added['id']}", {"says": anew}).status_code == 428
    assert merchant.changes(added["id"], anew, '"v7.x"').status_code == 412
    changed = merchant.changes(added["id"], anew, f'"v{added["version"]}"')
    assert (changed.status_code, changed.get_json()["says"]) == (200, anew)
    assert in_force().synonyms == {"en": {("couch",): (("sofa",),)}}


def test_what_it_is_cannot_be_changed(merchant: Merchant) -> None:
    added = merchant.adds(SYNONYMS)
    rule = {"kind": "rule", "name": "x", "when": {"query": "x"}, "actions": [{"kind": "redirect", "url": "/x"}]}
    refused = merchant.changes(added["id"], rule)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "kind-fixed")


def test_each_change_is_undone_by_one_call(merchant: Merchant) -> None:
    added = merchant.adds(SYNONYMS)
    path = f"{PATH}/{added['id']}"
    merchant.changes(added["id"], SYNONYMS | {"words": ["a", "b"]})
    merchant.removes(added["id"])
    assert merchant.sends("GET", path).status_code == 404
    removal, change, addition = merchant.revisions()
    assert (removal["after"], addition["before"]) == (None, None)
    assert merchant.undoes(change["number"]).get_json()["code"] == "changed-since"

    restored = merchant.undoes(removal["number"])
    assert (restored.status_code, restored.get_json()["undoes"]) == (201, removal["number"])
    assert merchant.sends("GET", path).get_json()["says"]["words"] == ["a", "b"]
    # An undoing is undone the same way.
    assert merchant.undoes(restored.get_json()["number"]).status_code == 201
    assert merchant.sends("GET", path).status_code == 404
    assert in_force().synonyms == {}
    assert [revision["undoes"] for revision in merchant.revisions()][:2] == [
        restored.get_json()["number"], removal["number"],
    ]  # fmt: skip
    assert all(revision["by"].startswith("staff:") for revision in merchant.revisions())


def test_changes_are_undone_one_after_the_other_back_to_the_first(merchant: Merchant) -> None:
    said = [SYNONYMS | {"words": [word, "z"]} for word in ("a", "b", "c")]
    added = merchant.adds(said[0])
    for each in said[1:]:
        merchant.changes(added["id"], each)
    to_c, to_b, addition = (revision["number"] for revision in merchant.revisions())
    assert merchant.undoes(to_b).get_json()["code"] == "changed-since"

    undone = merchant.undoes(to_c)
    assert undone.get_json()["after"]["words"] == ["b", "z"]
    assert (undone.get_json()["number"], undone.get_json()["undoes"]) == (merchant.revisions()[0]["number"], to_c)
    assert merchant.undoes(to_b).get_json()["after"]["words"] == ["a", "z"]
    # What was there before it was undone is not there any more.
    assert merchant.undoes(to_c).get_json()["code"] == "changed-since"
    assert merchant.undoes(addition).get_json()["after"] is None
    assert in_force().synonyms == {}
    assert merchant.undoes(addition).get_json()["code"] == "changed-since"


def test_what_a_newer_version_said_is_passed_over_and_the_rest_acts(
    merchant: Merchant, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = merchant.adds(SYNONYMS)
    merchant.adds(SYNONYMS | {"words": ["couch", "sofa"]})
    says = {"kind": "rule", "name": "x", "when": {"query": "x"}, "actions": [{"kind": "teleport", "to": "mars"}]}
    with transaction():
        session.execute(update(SearchCuration).where(SearchCuration.id == UUID(newer["id"])).values(body=says))
    curated.forget()
    synonyms = {"en": {("couch",): (("sofa",),), ("sofa",): (("couch",),)}}
    assert in_force() == curated.Curated(synonyms, (), {}, 1, frozenset({"couch", "sofa"}))
    (warning,) = (line for line in capsys.readouterr().out.splitlines() if newer["id"] in line and '"search"' in line)
    assert msgspec.json.decode(warning)["event"] == "a curation that this version cannot read does not act"


def test_what_a_newer_version_said_holds_up_no_list_and_can_be_removed(merchant: Merchant) -> None:
    newer, other = merchant.adds(SYNONYMS), merchant.adds(SYNONYMS | {"words": ["couch", "sofa"]})
    says = {"kind": "rule", "name": "x", "when": {"query": "x"}, "actions": [{"kind": "teleport", "to": "mars"}]}
    with transaction():
        session.execute(update(SearchCuration).where(SearchCuration.id == UUID(newer["id"])).values(body=says))
        of_newer = SearchRevision.curation_id == UUID(newer["id"])
        session.execute(update(SearchRevision).where(of_newer).values(after=says))
    assert [each["id"] for each in merchant.sends("GET", PATH).get_json()["items"]] == [other["id"]]
    assert [each["curation_id"] for each in merchant.revisions()] == [other["id"]]
    shown = merchant.sends("GET", f"{PATH}/{newer['id']}")
    assert (shown.status_code, shown.get_json()["code"]) == (409, "curation-illegible")

    merchant.removes(newer["id"])
    with reading():
        removal = session.scalars(select(SearchRevision).order_by(SearchRevision.number.desc()).limit(1)).one()
    assert (removal.before, removal.after) == (says, None)
    assert merchant.undoes(removal.number).get_json()["code"] == "curation-illegible"


def test_a_change_in_another_thread_disturbs_no_search(
    merchant: Merchant, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed_meanwhile() -> float:
        curated.forget()
        return time.monotonic()

    merchant.adds(SYNONYMS)
    assert set(in_force().synonyms) == {"en"}
    monkeypatch.setattr(curated, "time", SimpleNamespace(monotonic=changed_meanwhile))
    assert set(in_force().synonyms) == {"en"}


def test_a_channel_has_its_weights_once(merchant: Merchant) -> None:
    shop = make_shop()
    weights = {"kind": "weights", "channel_id": str(shop.channel.id), "popularity": 0.2}
    added = merchant.adds(weights)
    assert in_force().weights == {shop.channel.id: Weights(popularity=0.2, margin=0, newness=0, stock=0)}
    again = merchant.asks_to_add(weights)
    assert (again.status_code, again.get_json()["code"]) == (409, "weights-exist")
    merchant.removes(added["id"])
    merchant.adds(weights)


@pytest.mark.parametrize(
    "says",
    [
        SYNONYMS | {"words": ["only one"]},
        SYNONYMS | {"words": ["Same", "same!"]},
        SYNONYMS | {"words": ["!?", "word"]},
        SYNONYMS | {"words": ["one two three four five six", "word"]},
        {"kind": "rule", "name": "x", "when": {}, "actions": [{"kind": "redirect", "url": "/x"}]},
        {"kind": "rule", "name": "x", "when": {"query": "..."}, "actions": [{"kind": "redirect", "url": "/x"}]},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "pin", "product_ids": [str(uuid4())]}]},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "boost", "factor": 2}]},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "filter"}]},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "replace", "query": "?"}]},
        {
            "kind": "rule", "name": "x", "actions": [{"kind": "redirect", "url": "/x"}],
            "when": {"query": "a", "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
        },
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_a_reason(merchant: Merchant, says: Any) -> None:
    refused = merchant.asks_to_add(says)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "curation-not-sensible")
    assert refused.get_json()["reason"]
    assert merchant.revisions() == []


@pytest.mark.parametrize(
    "says",
    [
        {"kind": "nonsense"},
        SYNONYMS | {"words": []},
        SYNONYMS | {"extra": 1},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "redirect", "url": "javascript:alert(1)"}]},
        {"kind": "rule", "name": "x", "when": {"query": "a"}, "actions": [{"kind": "redirect", "url": "//evil.example"}]},
        {"kind": "weights", "channel_id": str(uuid4()), "popularity": 1},
        {
            "kind": "rule", "name": "x", "when": {"query": "a", "starts_at": "2026-01-01T00:00:00"},
            "actions": [{"kind": "redirect", "url": "/x"}],
        },
    ],
)  # fmt: skip
def test_what_has_no_such_shape_is_refused(merchant: Merchant, says: Any) -> None:
    assert merchant.asks_to_add(says).get_json()["code"] == "validation-failed"


def test_weights_are_for_a_channel_that_is_there_and_no_more_than_the_most(merchant: Merchant) -> None:
    shop = make_shop()
    unknown = merchant.asks_to_add({"kind": "weights", "channel_id": str(uuid4())})
    assert unknown.get_json()["code"] == "unknown-channel"
    too_much = {"kind": "weights", "channel_id": str(shop.channel.id), "popularity": 0.3, "stock": 0.1}
    assert merchant.asks_to_add(too_much).get_json()["code"] == "curation-not-sensible"


def test_synonyms_that_would_not_act_are_refused(merchant: Merchant) -> None:
    names = [f"name{number}" for number in range(30)]
    refused = merchant.asks_to_add(SYNONYMS | {"words": names[:22]})
    assert refused.get_json()["code"] == "curation-not-sensible"
    assert refused.get_json()["reason"] == "'name0' would have 21 synonyms, and 20 act at most."
    assert merchant.asks_to_add(SYNONYMS | {"words": ["name"], "finds": names[:21]}).status_code == 422
    merchant.adds(SYNONYMS | {"words": names[:21]})
    # Together with what is said already, in the language and in its regions.
    one_more = SYNONYMS | {"words": [names[0], names[21]]}
    assert merchant.asks_to_add(one_more).status_code == 422
    assert merchant.asks_to_add(one_more | {"locale": "en-GB"}).status_code == 422
    assert merchant.asks_to_add(one_more | {"locale": "de"}).status_code == 201


def test_synonyms_of_a_language_leave_room_for_those_of_its_regions(merchant: Merchant) -> None:
    names = [f"name{number}" for number in range(30)]
    regional = merchant.adds(SYNONYMS | {"locale": "en-GB", "words": names[:11]})
    general = SYNONYMS | {"words": [names[0], *names[11:22]]}
    assert merchant.asks_to_add(general).status_code == 422
    # What is changed does not stand beside itself.
    said = SYNONYMS | {"locale": "en-GB", "words": names[:10]}
    assert merchant.changes(regional["id"], said).status_code == 200
    assert merchant.adds(general)["says"] == general | {"finds": []}


def test_only_staff_who_may_write_can_say_anything(client: FlaskClient) -> None:
    reader = staff_headers(Permission.SEARCH_READ)
    assert client.post(PATH, json={"says": SYNONYMS}, headers=reader).status_code == 403
    assert client.get(PATH, headers=reader).status_code == 200
    assert client.get(PATH).status_code == 401
