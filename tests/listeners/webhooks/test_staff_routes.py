from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from standardwebhooks.webhooks import Webhook

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, outbox
from shopwright.listeners.webhooks import service, work
from tests.listeners.webhooks.hooks import attempts, deliveries, endpoint, listens, rings
from tests.make import staff_headers
from tests.receiver import Receiver

MERGE_PATCH = "application/merge-patch+json"
ENDPOINTS, DELIVERIES = "/v1/admin/webhook-endpoints", "/v1/admin/webhook-deliveries"


def reader() -> dict[str, str]:
    return staff_headers(Permission.WEBHOOKS_READ)


def writer(etag: str | None = None) -> dict[str, str]:
    return staff_headers(Permission.WEBHOOKS_WRITE) | ({"If-Match": etag} if etag else {})


def create(client: FlaskClient, url: str = "https://erp.example.com/hook", *types: str) -> Any:
    body = {"url": url, "types": types or ["webhooks.Rang"], "description": "Our ERP"}
    return client.post(ENDPOINTS, json=body, headers=writer())


def patch(client: FlaskClient, path: str, body: dict[str, Any], etag: str) -> Any:
    return client.patch(path, json=body, headers=writer(etag), content_type=MERGE_PATCH)


def test_staff_create_read_change_and_delete_an_endpoint(client: FlaskClient) -> None:
    created = create(client)
    assert created.status_code == 201
    assert created.json["secret"].startswith("whsec_")
    shown = client.get(f"{ENDPOINTS}/{created.json['endpoint']['id']}", headers=reader())
    assert shown.json == created.json["endpoint"]
    assert shown.json == {
        "id": shown.json["id"], "url": "https://erp.example.com/hook", "types": ["webhooks.Rang"],
        "description": "Our ERP", "is_enabled": True, "disabled_for": None, "disabled_at": None, "failing_since": None,
        "paused_until": None, "old_secret_ends_at": None, "created_at": shown.json["created_at"], "version": 1,
    }  # fmt: skip
    path = f"{ENDPOINTS}/{shown.json['id']}"
    changed = patch(client, path, {"types": ["orders.*"], "is_enabled": False}, shown.headers["ETag"])
    assert (changed.json["types"], changed.json["is_enabled"]) == (["orders.*"], False)
    assert (changed.json["disabled_for"], changed.json["version"]) == ("staff", 2)
    assert patch(client, path, {"description": "Mine"}, shown.headers["ETag"]).status_code == 412
    assert client.get(ENDPOINTS, headers=reader()).json["items"] == [changed.json]
    assert client.delete(path, headers=writer(changed.headers["ETag"])).status_code == 204
    assert client.get(path, headers=reader()).json["code"] == "unknown-webhook-endpoint"


def test_a_secret_is_told_once_and_never_shown_again(client: FlaskClient) -> None:
    created = create(client)
    path = f"{ENDPOINTS}/{created.json['endpoint']['id']}"
    for seen in (client.get(ENDPOINTS, headers=reader()), client.get(path, headers=reader())):
        assert "whsec_" not in seen.text
    rotated = client.post(f"{path}/secret", headers=writer())
    assert rotated.json["secret"] != created.json["secret"]
    assert rotated.json["endpoint"]["old_secret_ends_at"] is not None
    auditor = staff_headers(Permission.AUDIT_READ)
    assert "whsec_" not in client.get("/v1/admin/audit-log", headers=auditor).text


@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://2130706434/", "https://a@b.example/",
     "https://example.com:25/", "ftp://example.com/"],
)  # fmt: skip
def test_an_address_that_must_not_be_called_is_refused(client: FlaskClient, url: str) -> None:
    refused = create(client, url)
    assert (refused.status_code, refused.json["code"]) == (422, "webhook-address-refused")
    assert refused.json["reason"]
    assert client.get(ENDPOINTS, headers=reader()).json["items"] == []
    there = create(client).json["endpoint"]
    path = f"{ENDPOINTS}/{there['id']}"
    assert patch(client, path, {"url": url}, "*").json["code"] == "webhook-address-refused"
    assert client.get(path, headers=reader()).json == there


def test_a_type_that_does_not_exist_is_refused_and_named(client: FlaskClient) -> None:
    refused = create(client, "https://erp.example.com/", "orders.*", "orders.OrderEaten", "ordres.*")
    assert (refused.status_code, refused.json["code"]) == (422, "unknown-event-type")
    assert refused.json["types"] == ["orders.OrderEaten", "ordres.*"]
    assert client.get(ENDPOINTS, headers=reader()).json["items"] == []


def test_there_is_a_limit_to_endpoints(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ENDPOINTS", 2)
    assert [create(client).status_code for _ in range(3)] == [201, 201, 409]


def test_a_ping_tells_what_the_receiver_said_and_leaves_no_delivery(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answers((200, {}, b"pong"), (401, {}, b"who are you?"))
    made = create(client, receiver.url).json
    path = f"{ENDPOINTS}/{made['endpoint']['id']}/ping"
    assert client.post(path, headers=writer()).json | {"milliseconds": 0} == {
        "is_success": True, "status": 200, "fault": None, "milliseconds": 0, "answer": "pong",
    }  # fmt: skip
    got = receiver.received[0]
    assert Webhook(made["secret"]).verify(got.body, got.headers)["type"] == "webhooks.Ping"
    failed = client.post(path, headers=writer()).json
    assert (failed["is_success"], failed["status"], failed["answer"]) == (False, 401, "who are you?")
    assert client.get(DELIVERIES, headers=reader()).json["items"] == []
    # A ping that is repeated with its key is answered from memory.
    once = writer()
    assert client.post(path, headers=once).json == client.post(path, headers=once).json
    assert len(receiver.received) == 3


def test_a_ping_that_reaches_nobody_says_why(client: FlaskClient) -> None:
    made = create(client, "https://127.0.0.1:9/hook").json
    said = client.post(f"{ENDPOINTS}/{made['endpoint']['id']}/ping", headers=writer()).json
    assert (said["is_success"], said["status"]) == (False, None)
    assert "ConnectError" in said["fault"]


def test_the_log_shows_each_call_of_a_delivery(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answers((500, {}, b"oops"), 204)
    endpoint_id, _ = listens(receiver)
    rings(1)
    with clock.held_at(clock.now()):
        work.run()
        clock.advance(timedelta(seconds=10))
        work.run()
    [listed] = client.get(f"{DELIVERIES}?endpoint_id={endpoint_id}", headers=reader()).json["items"]
    assert (listed["type"], listed["state"], listed["tries"]) == ("webhooks.Rang", "delivered", 2)
    log = client.get(f"{DELIVERIES}/{listed['id']}", headers=reader()).json
    assert log["delivery"] == listed
    assert log["event"]["id"] == listed["event_id"]
    assert [(call["status"], call["answer"]) for call in log["attempts"]] == [(204, ""), (500, "oops")]


def test_deliveries_come_in_pages_and_by_state(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answer = lambda got: 500 if got.data["data"]["number"] == 3 else 204
    endpoint_id, _ = listens(receiver)
    rings(*range(5))
    work.run()
    seen, url = [], f"{DELIVERIES}?endpoint_id={endpoint_id}&limit=2"
    while url:
        page = client.get(url, headers=reader())
        seen += page.json["items"]
        url = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert [item["position"] for item in seen] == [5, 4, 3, 2, 1]
    [waiting] = client.get(f"{DELIVERIES}?state=waiting", headers=reader()).json["items"]
    assert waiting["position"] == 4
    assert waiting["next_try_at"] is not None
    assert client.get(f"{DELIVERIES}?endpoint_id={uuid4()}", headers=reader()).json["items"] == []


def test_one_delivery_is_sent_again_with_the_same_id(client: FlaskClient, receiver: Receiver) -> None:
    endpoint_id, _ = listens(receiver)
    rings(1)
    work.run()
    [delivery] = deliveries(endpoint_id)
    replayed = client.post(f"{DELIVERIES}/{delivery.id}/replay", headers=writer())
    assert (replayed.json["state"], replayed.json["tries"]) == ("waiting", 0)
    assert work.run() == 1
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    assert [call.status for call in attempts(delivery)] == [204, 204]
    assert client.post(f"{DELIVERIES}/{uuid4()}/replay", headers=writer()).status_code == 404


def test_all_since_a_position_or_a_time_is_sent_again(client: FlaskClient, receiver: Receiver) -> None:
    with clock.held_at(clock.now()):
        rings(1)
        endpoint_id, _ = listens(receiver)
        rings(2)
        clock.advance(timedelta(hours=1))
        moment = clock.now().isoformat()
        rings(3, 4)
        work.run()
        receiver.received.clear()
        path = f"{ENDPOINTS}/{endpoint_id}/replay"
        # What it had never heard, too.
        for body, positions in (
            ({"after": 0}, [1, 2, 3, 4]), ({"after": 3}, [4]), ({"since": moment}, [3, 4]), ({"after": 4}, []),
            ({"since": "2100-01-01T00:00:00Z"}, []),
        ):  # fmt: skip
            said = client.post(path, json=body, headers=writer())
            assert said.json == {"count": len(positions), "next_after": None}
            work.run()
            assert sorted(got.data["position"] for got in receiver.received) == positions
            receiver.received.clear()
    nowhere = client.post(path, json={}, headers=writer())
    assert (nowhere.status_code, nowhere.json["code"]) == (422, "replay-from-nowhere")


def test_a_large_replay_says_where_to_go_on(
    client: FlaskClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work.fanout, "MOST_REPLAYED", 3)
    endpoint_id, _ = listens(receiver)
    rings(*range(4))
    work.run()
    path = f"{ENDPOINTS}/{endpoint_id}/replay"
    assert client.post(path, json={"after": 0}, headers=writer()).json == {"count": 3, "next_after": 3}
    assert client.post(path, json={"after": 3}, headers=writer()).json == {"count": 1, "next_after": None}
    assert work.run() == 4


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled_and_the_rest_by_replay(
    client: FlaskClient, receiver: Receiver
) -> None:
    endpoint_id, _ = listens(receiver)
    path = f"{ENDPOINTS}/{endpoint_id}"
    assert patch(client, path, {"is_enabled": False}, "*").json["disabled_for"] == "staff"
    rings(1)
    assert work.run() == 0
    refused = client.post(f"{path}/replay", json={"after": 0}, headers=writer())
    assert (refused.status_code, refused.json["code"]) == (409, "webhook-endpoint-disabled")
    assert deliveries(endpoint_id) == []
    assert patch(client, path, {"is_enabled": True}, "*").json["disabled_at"] is None
    assert work.run() == 0
    assert client.post(f"{path}/replay", json={"after": 0}, headers=writer()).json["count"] == 1
    assert work.run() == 1


def test_disabling_is_a_fact_that_others_can_hear(client: FlaskClient, receiver: Receiver) -> None:
    listens(receiver, "webhooks.EndpointDisabled")
    other = create(client).json["endpoint"]["id"]
    patch(client, f"{ENDPOINTS}/{other}", {"is_enabled": False}, "*")
    outbox.drain()
    assert work.run() == 1
    assert receiver.received[0].data["data"] == {"endpoint_id": other, "reason": "staff"}


def test_calls_that_go_wrong_do_not_spoil_an_edit_under_way(client: FlaskClient, receiver: Receiver) -> None:
    receiver.answers(500)
    endpoint_id, _ = listens(receiver)
    path = f"{ENDPOINTS}/{endpoint_id}"
    read = client.get(path, headers=reader())
    rings(1)
    work.run()
    assert endpoint(endpoint_id).failing_since is not None
    assert patch(client, path, {"description": "Still mine"}, read.headers["ETag"]).status_code == 200
