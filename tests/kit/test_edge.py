"""What every endpoint does the same, shown on the staff routes of `channels`."""

from uuid import uuid4

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.models import Channel
from shopwright.kit import audit, clock, db
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.settings import Settings
from tests.make import customer_headers, make_staff, staff_headers

EUROPE = {
    "code": "eu-test", "name": "Europe", "currency": "EUR", "countries": ["DE", "AT"], "locales": ["en"],
    "tax_display": "gross",
}  # fmt: skip
WRITE = Permission.CHANNELS_WRITE


def channels() -> int:
    with reading():
        return session.scalar(select(func.count()).select_from(Channel)) or 0


def test_a_refusal_is_a_problem_with_a_type_that_leads_to_its_explanation(client: FlaskClient) -> None:
    refused = client.get(f"/v1/admin/channels/{uuid4()}", headers=staff_headers(Permission.CHANNELS_READ))
    assert refused.status_code == 404
    assert refused.content_type == "application/problem+json"
    problem = refused.get_json()
    assert problem["type"] == "/problems/unknown-channel"
    assert problem["code"] == "unknown-channel"
    assert problem["request_id"] == refused.headers["X-Request-ID"]
    explained = client.get(problem["type"]).get_json()
    assert explained["status"] == 404
    assert explained["detail"] == problem["detail"]


def test_every_unacceptable_value_is_named_at_once(client: FlaskClient) -> None:
    body = EUROPE | {"code": "No Spaces", "countries": ["DE", "germany", 7], "surprise": True}
    del body["name"]
    refused = client.post("/v1/admin/channels", json=body, headers=staff_headers(WRITE))
    assert refused.status_code == 422
    pointers = {error["pointer"] for error in refused.get_json()["errors"]}
    assert pointers == {"/code", "/name", "/countries/1", "/countries/2", "/surprise"}
    assert channels() == 0


@pytest.mark.parametrize("body", [b"", b"{", b'{"code": "\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    headers = staff_headers(WRITE) | {"Content-Type": "application/json"}
    assert client.post("/v1/admin/channels", data=body, headers=headers).status_code in (400, 422)


def test_s21_another_media_type_is_refused(client: FlaskClient) -> None:
    headers = staff_headers(WRITE) | {"Content-Type": "text/plain"}
    refused = client.post("/v1/admin/channels", data=b"{}", headers=headers)
    assert refused.status_code == 415
    assert refused.headers["Accept"] == "application/json"


def test_s6_a_body_beyond_the_limit_is_refused(client: FlaskClient, settings: Settings) -> None:
    headers = staff_headers(WRITE) | {"Content-Type": "application/json"}
    body = b'{"code": "' + b"x" * settings.max_body_bytes + b'"}'
    assert client.post("/v1/admin/channels", data=body, headers=headers).status_code == 413


def test_a_method_that_is_not_offered_says_which_are(client: FlaskClient) -> None:
    refused = client.delete("/v1/channels")
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]
    assert refused.content_type == "application/problem+json"


def test_s7_staff_routes_refuse_strangers_customers_and_staff_without_the_permission(client: FlaskClient) -> None:
    stranger = client.get("/v1/admin/channels")
    assert stranger.status_code == 401
    assert stranger.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/v1/admin/channels", headers=customer_headers()).status_code == 403
    assert client.get("/v1/admin/channels", headers=staff_headers(Permission.ORDERS_READ)).status_code == 403
    assert client.get("/v1/admin/channels", headers=staff_headers(Permission.CHANNELS_READ)).status_code == 200


def test_a_repeated_request_gets_the_same_answer_and_has_one_effect(client: FlaskClient) -> None:
    headers = staff_headers(WRITE)
    first = client.post("/v1/admin/channels", json=EUROPE, headers=headers)
    again = client.post("/v1/admin/channels", json=EUROPE, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert channels() == 1


def test_a_key_is_for_one_request_only(client: FlaskClient) -> None:
    headers = staff_headers(WRITE)
    client.post("/v1/admin/channels", json=EUROPE, headers=headers)
    other = client.post("/v1/admin/channels", json=EUROPE | {"code": "other"}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency-key-reused")
    assert channels() == 1


def test_a_key_is_its_senders_own(client: FlaskClient) -> None:
    mine, theirs = staff_headers(WRITE), staff_headers(WRITE)
    theirs["Idempotency-Key"] = mine["Idempotency-Key"]
    client.post("/v1/admin/channels", json=EUROPE, headers=mine)
    other = client.post("/v1/admin/channels", json=EUROPE | {"code": "other"}, headers=theirs)
    assert other.status_code == 201
    assert channels() == 2


def test_a_refusal_is_not_kept_but_judged_anew(client: FlaskClient) -> None:
    headers = staff_headers(WRITE)
    with transaction():
        session.add(Channel(**EUROPE))
    assert client.post("/v1/admin/channels", json=EUROPE, headers=headers).status_code == 409
    with transaction():
        session.execute(text("UPDATE channels SET code = 'moved'"))
    assert client.post("/v1/admin/channels", json=EUROPE, headers=headers).status_code == 201


def test_a_key_is_replayed_for_a_day_and_no_longer(client: FlaskClient) -> None:
    from datetime import timedelta

    member = make_staff(WRITE)
    headers = staff_headers(member=member)
    first = client.post("/v1/admin/channels", json=EUROPE, headers=headers)
    now = clock.now()
    with clock.held_at(now + timedelta(hours=23)):
        later = headers | {"Authorization": staff_headers(member=member)["Authorization"]}
        assert client.post("/v1/admin/channels", json=EUROPE, headers=later).data == first.data
    with clock.held_at(now + timedelta(hours=25)):
        much_later = headers | {"Authorization": staff_headers(member=member)["Authorization"]}
        assert client.post("/v1/admin/channels", json=EUROPE, headers=much_later).status_code == 409


def test_an_unsafe_request_needs_a_key(client: FlaskClient) -> None:
    headers = staff_headers(WRITE)
    del headers["Idempotency-Key"]
    refused = client.post("/v1/admin/channels", json=EUROPE, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "idempotency-key-missing")
    assert channels() == 0


def test_the_second_of_two_editors_is_told(client: FlaskClient) -> None:
    made = client.post("/v1/admin/channels", json=EUROPE, headers=staff_headers(WRITE))
    path = f"/v1/admin/channels/{made.get_json()['id']}"
    patch = {"Content-Type": "application/merge-patch+json"}

    def edit(name: str, if_match: str | None) -> int:
        headers = staff_headers(WRITE) | patch | ({"If-Match": if_match} if if_match else {})
        return client.patch(path, data=msgspec.json.encode({"name": name}), headers=headers).status_code

    assert edit("without looking", None) == 428
    assert edit("the first", made.headers["ETag"]) == 200
    assert edit("the second", made.headers["ETag"]) == 412
    shown = client.get(path, headers=staff_headers(Permission.CHANNELS_READ))
    assert shown.get_json()["name"] == "the first"
    fresh = staff_headers(Permission.CHANNELS_READ) | {"If-None-Match": shown.headers["ETag"]}
    assert client.get(path, headers=fresh).status_code == 304


def test_s41_a_change_by_staff_stands_in_the_audit_log(client: FlaskClient) -> None:
    member = make_staff(WRITE)
    client.post("/v1/admin/channels", json=EUROPE, headers=staff_headers(member=member))
    with reading():
        entry = session.scalars(audit.entries()).one()
        assert audit.broken_links() == []
    assert (entry.actor_id, entry.action, entry.target) == (member.id, "channels.open_channel", "/v1/admin/channels")
    assert entry.facts["code"] == "eu-test"


def test_s42_the_audit_log_refuses_changes_and_a_forced_one_is_found(client: FlaskClient) -> None:
    client.post("/v1/admin/channels", json=EUROPE, headers=staff_headers(WRITE))
    for statement in ("UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(DBAPIError, match="append-only"), transaction():
            session.execute(text(statement))
    with transaction():
        session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        session.execute(text("UPDATE audit_log SET action = 'nothing'"))
    with reading():
        assert len(audit.broken_links()) == 1


def test_s10_errors_tell_nothing_of_the_inside(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setattr("shopwright.kit.health.examine", lambda: 1 / 0)
    refused = client.get("/readyz")
    assert refused.status_code == 500
    assert "ZeroDivision" not in refused.text
    assert refused.get_json()["code"] == "internal-error"
    assert client.open("/livez", method="TRACE").status_code == 405


def test_s10_an_unknown_host_is_refused(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["shop.example"])
    assert client.get("/livez", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/livez", headers={"Host": "shop.example"}).status_code == 200


def test_s22_forwarded_addresses_are_believed_from_known_proxies_only() -> None:
    from shopwright.kit.web import TrustedProxies

    seen: list[str] = []

    def inner(environ: dict[str, str], _: object) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    guarded = TrustedProxies(inner, Settings(trusted_proxies=("10.0.0.0/8",)))
    for peer in ("10.1.2.3", "192.0.2.7"):
        guarded(
            {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "203.0.113.9", "wsgi.url_scheme": "http"}, lambda *_: None
        )
    assert seen == ["203.0.113.9", "192.0.2.7"]


def test_s35_answers_are_not_to_be_kept_and_tokens_are_refused_in_urls(client: FlaskClient) -> None:
    assert (
        client.get("/v1/admin/channels", headers=staff_headers(Permission.CHANNELS_READ)).headers["Cache-Control"]
        == "no-store"
    )
    token = staff_headers(Permission.CHANNELS_READ)["Authorization"].split()[1]
    assert client.get(f"/v1/admin/channels?access_token={token}").status_code == 401


def test_s43_without_the_database_nothing_is_answered_as_if_all_were_well(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = staff_headers(WRITE)
    pinned = db._pinned
    real = db._engine
    db.pin(None)
    monkeypatch.setattr(db, "_reader", db._reader)
    monkeypatch.setattr(db, "_engine", None)
    try:
        db.configure(msgspec.structs.replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))
        refused = client.post("/v1/carts", json={"channel": "eu"}, headers={"Idempotency-Key": str(uuid4())})
        assert refused.status_code == 503
        assert refused.headers["Retry-After"]
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 503
        assert client.get("/v1/admin/channels", headers=headers).status_code == 503
    finally:
        db._engine = real
        db.pin(pinned)
