import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shopwright import settings as settings_module
from shopwright.commerce.accounts import auth_routes, passwords, queries, sign_ins, tokens
from shopwright.commerce.accounts.errors import WrongCredentials
from shopwright.commerce.accounts.models import Customer, RefreshToken, SignIn
from shopwright.kit import clock, web
from shopwright.kit.db import session
from shopwright.kit.edge import Edge
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading, transaction
from shopwright.settings import Settings
from tests import make

PASSWORD = make.PASSWORD


def register(client: FlaskClient, **more: Any) -> TestResponse:
    return client.post("/v1/auth/register", json={"email": "Ada@Example.com", "password": PASSWORD, **more})


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
    return client.post("/v1/auth/token", json={"email": email, "password": password, **more})


def refresh(client: FlaskClient, token: str) -> TestResponse:
    return client.post("/v1/auth/refresh", json={"refresh_token": token})


def test_a_customer_registers_signs_in_and_signs_out(client: FlaskClient) -> None:
    registered = register(client, name="Ada Lovelace", locale="en-GB")
    assert registered.status_code == 201
    said = registered.get_json()
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 900)
    me = client.get("/v1/me", headers={"Authorization": f"Bearer {said['access_token']}"}).get_json()
    assert (me["email"], me["name"], me["locale"], me["id"]) == (
        "Ada@Example.com", "Ada Lovelace", "en-GB", said["account_id"],
    )  # fmt: skip
    signed_in = sign_in(client, "ada@EXAMPLE.com").get_json()
    assert signed_in["account_id"] == said["account_id"]
    assert client.post("/v1/auth/revoke", json={"refresh_token": signed_in["refresh_token"]}).status_code == 204
    assert refresh(client, signed_in["refresh_token"]).get_json()["code"] == "refresh-token-not-valid"
    assert refresh(client, said["refresh_token"]).status_code == 200, "the other sign-in goes on"


def test_registering_is_announced(client: FlaskClient) -> None:
    account_id = register(client).get_json()["account_id"]
    with reading():
        entry = session.scalars(select(OutboxEntry)).one()
    assert (entry.name, entry.payload) == ("accounts.CustomerRegistered", {"customer_id": account_id})


def test_an_email_address_is_registered_once_whatever_its_case(client: FlaskClient) -> None:
    assert register(client).status_code == 201
    again = register(client, email="aDA@eXAMPLE.com")
    assert (again.status_code, again.get_json()["code"]) == (409, "email-taken")
    with reading():
        assert session.scalars(select(Customer.email)).all() == ["Ada@Example.com"]
        assert len(session.scalars(select(SignIn)).all()) == 1


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "ada@localhost", "a b@example.com", "a@b@c.de", "a\n@b.de"]
)
def test_what_is_no_email_address_is_refused(client: FlaskClient, email: str) -> None:
    refused = register(client, email=email)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/email"]


def test_s5_a_role_cannot_be_registered_along(client: FlaskClient) -> None:
    refused = register(client, kind="staff", is_active=True, permissions=["staff:write"], customer_id="1")
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.get_json()["errors"]} == {
        "/kind", "/is_active", "/permissions", "/customer_id",
    }  # fmt: skip
    with reading():
        assert session.scalars(select(Customer)).all() == []


def test_staff_and_customers_are_separate_accounts(client: FlaskClient) -> None:
    member = make.make_staff("channels:read", email="ada@example.com")
    assert sign_in(client, "ada@example.com").status_code == 401
    said = sign_in(client, "ADA@example.com", kind="staff").get_json()
    assert said["account_id"] == str(member.id)
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    assert client.get("/v1/admin/channels", headers=headers).status_code == 200
    assert client.get("/v1/me", headers=headers).status_code == 403


def test_s3_unknown_address_and_wrong_password_are_answered_alike(client: FlaskClient) -> None:
    make.make_customer(email="ada@example.com")
    unknown, wrong = sign_in(client, "nobody@example.com"), sign_in(client, "ada@example.com", "not the password")
    assert unknown.status_code == wrong.status_code == 401
    first, second = unknown.get_json(), wrong.get_json()
    del first["request_id"], second["request_id"]
    assert first == second
    assert set(unknown.headers.keys()) == set(wrong.headers.keys())


def test_s3_unknown_address_and_wrong_password_take_alike_long(client: FlaskClient) -> None:
    make.make_customer(email="ada@example.com")
    sign_in(client, "warm@example.com")

    def fastest(email: str) -> float:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            sign_in(client, email, "not the password")
            took.append(time.perf_counter() - began)
        return min(took)

    assert 0.6 < fastest("nobody@example.com") / fastest("ada@example.com") < 1.7


def test_s3_attempts_on_one_account_are_limited(client: FlaskClient, settings: Settings) -> None:
    make.make_customer(email="ada@example.com")
    settings_module.use(msgspec.structs.replace(settings, sign_ins_per_minute=3))
    try:
        answers = [sign_in(client, "ada@example.com", "not the password").status_code for _ in range(3)]
        refused = sign_in(client, "ADA@example.com")
        unknown = [sign_in(client, "nobody@example.com").status_code for _ in range(4)]
    finally:
        settings_module.use(settings)
    assert answers == [401, 401, 401]
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert unknown == [401, 401, 401, 429], "an unknown account is limited in the same way"


def test_s3_refreshing_is_limited_per_account(client: FlaskClient, settings: Settings) -> None:
    token = register(client).get_json()["refresh_token"]
    settings_module.use(msgspec.structs.replace(settings, sign_ins_per_minute=2))
    try:
        for _ in range(2):
            token = refresh(client, token).get_json()["refresh_token"]
        refused = refresh(client, token)
    finally:
        settings_module.use(settings)
    assert refused.status_code == 429
    assert refresh(client, token).status_code == 200, "a token that was refused for haste is not used up"


@pytest.mark.parametrize("path", ["register", "token", "refresh", "revoke"])
def test_s3_attempts_from_one_address_are_limited(app: Flask, settings: Settings, path: str) -> None:
    slow = Flask("slow")
    limited = msgspec.structs.replace(settings, sign_ins_per_minute=1)
    web.surround(slow, limited)
    Edge(slow, limited, tokens.authenticate).mount(auth_routes.routes)
    with slow.test_client() as client:
        answers = [client.post(f"/v1/auth/{path}", json={}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["Retry-After"]


def test_s27_an_outdated_hash_is_renewed_on_sign_in(client: FlaskClient) -> None:
    customer = make.make_customer(email="ada@example.com")
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with transaction():
        session.get_one(Customer, customer.id).password_hash = weak
    assert sign_in(client, "ada@example.com", "not the password").status_code == 401
    assert stored(customer) == weak
    assert sign_in(client, "ada@example.com").status_code == 200
    assert stored(customer).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert sign_in(client, "ada@example.com").status_code == 200


def test_s33_a_refresh_token_is_exchanged_for_the_next(client: FlaskClient) -> None:
    first = register(client).get_json()
    second = refresh(client, first["refresh_token"])
    assert second.status_code == 200
    assert second.get_json()["refresh_token"] != first["refresh_token"]
    assert second.get_json()["refresh_expires_at"] == first["refresh_expires_at"], "an absolute lifetime"
    third = refresh(client, second.get_json()["refresh_token"]).get_json()
    assert client.get("/v1/me", headers={"Authorization": f"Bearer {third['access_token']}"}).status_code == 200


def test_s33_a_token_used_again_at_once_is_refused_and_nothing_happens(client: FlaskClient, settings: Settings) -> None:
    first = register(client).get_json()["refresh_token"]
    with clock.held_at(clock.now()):
        second = refresh(client, first).get_json()["refresh_token"]
        clock.advance(timedelta(seconds=settings.refresh_grace_seconds))
        before = token_count()
        again = refresh(client, first)
        assert (again.status_code, again.get_json()["code"]) == (409, "refresh-token-used")
        assert token_count() == before
        assert refresh(client, second).status_code == 200, "the family is alive"


def test_s33_a_token_used_again_later_ends_the_family(client: FlaskClient, settings: Settings) -> None:
    first = register(client).get_json()["refresh_token"]
    with clock.held_at(clock.now()):
        second = refresh(client, first).get_json()["refresh_token"]
        other = sign_in(client, "ada@example.com").get_json()["refresh_token"]
        clock.advance(timedelta(seconds=settings.refresh_grace_seconds + 1))
        stolen = refresh(client, first)
        assert (stolen.status_code, stolen.get_json()["code"]) == (401, "refresh-token-reused")
        assert refresh(client, second).get_json()["code"] == "refresh-token-not-valid"
        assert refresh(client, other).status_code == 200, "another sign-in is another family"


def test_s33_a_family_ends_with_its_absolute_lifetime(client: FlaskClient, settings: Settings) -> None:
    with clock.held_at(clock.now()):
        token = register(client).get_json()["refresh_token"]
        for _ in range(settings.refresh_token_days - 1):
            clock.advance(timedelta(days=1))
            token = refresh(client, token).get_json()["refresh_token"]
        clock.advance(timedelta(days=1))
        assert refresh(client, token).get_json()["code"] == "refresh-token-not-valid"


def test_an_expired_sign_in_is_swept_with_its_tokens(client: FlaskClient, settings: Settings) -> None:
    with clock.held_at(clock.now()):
        register(client)
        clock.advance(timedelta(days=settings.refresh_token_days))
        alive = sign_in(client, "ada@example.com").get_json()["refresh_token"]
        with transaction():
            assert sign_ins.sweep() == 1
        assert token_count() == 1
        assert refresh(client, alive).status_code == 200


def test_refresh_tokens_are_stored_hashed(client: FlaskClient) -> None:
    token = register(client).get_json()["refresh_token"]
    with reading():
        kept = session.scalars(select(RefreshToken.token_hash)).one()
    assert len(kept) == 32
    assert token.encode() not in kept


def test_an_unknown_refresh_token_is_refused_and_signing_out_with_it_tells_nothing(client: FlaskClient) -> None:
    refused = refresh(client, "nonsense")
    assert (refused.status_code, refused.get_json()["code"]) == (401, "refresh-token-not-valid")
    assert client.post("/v1/auth/revoke", json={"refresh_token": "nonsense"}).status_code == 204


def test_s30_a_new_password_ends_all_other_sign_ins(client: FlaskClient) -> None:
    first, second = register(client).get_json(), sign_in(client, "ada@example.com").get_json()
    headers = {"Authorization": f"Bearer {first['access_token']}"}
    body = {"current_password": "not the password", "new_password": "seven red foxes dance at dawn"}
    assert client.post("/v1/auth/password", json=body, headers=headers).status_code == 401
    assert sign_in(client, "ada@example.com").status_code == 200, "nothing was changed"
    body["current_password"] = PASSWORD
    changed = client.post("/v1/auth/password", json=body, headers=headers)
    assert changed.status_code == 200
    assert refresh(client, first["refresh_token"]).status_code == 401
    assert refresh(client, second["refresh_token"]).status_code == 401
    assert refresh(client, changed.get_json()["refresh_token"]).status_code == 200
    assert sign_in(client, "ada@example.com").status_code == 401
    assert sign_in(client, "ada@example.com", "seven red foxes dance at dawn").status_code == 200


def test_a_weak_new_password_is_refused_and_the_old_one_stays(client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {register(client).get_json()['access_token']}"}
    body = {"current_password": PASSWORD, "new_password": "passwordpassword"}
    refused = client.post("/v1/auth/password", json=body, headers=headers)
    assert refused.get_json()["errors"][0]["pointer"] == "/new_password"
    assert sign_in(client, "ada@example.com").status_code == 200


def test_a_sign_in_is_void_when_the_password_was_changed_meanwhile(client: FlaskClient) -> None:
    customer = make.make_customer(email="ada@example.com")
    with reading():
        known = queries.credentials("customer", "ada@example.com")
    with transaction():
        session.get_one(Customer, customer.id).password_hash = passwords.hash_of("seven red foxes dance at dawn")
    with pytest.raises(WrongCredentials), transaction():
        sign_ins.sign_in(known)
    with reading():
        assert session.scalars(select(SignIn)).all() == []


def test_s35_answers_with_tokens_are_never_stored(client: FlaskClient) -> None:
    answered = register(client)
    assert answered.headers["Cache-Control"] == "no-store"
    assert refresh(client, answered.get_json()["refresh_token"]).headers["Cache-Control"] == "no-store"
    assert not any(endpoint.is_idempotent or "<" in endpoint.path for endpoint in auth_routes.routes.endpoints)


def test_s41_successes_and_failures_are_in_the_security_log_without_secrets(
    client: FlaskClient, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    registered = register(client).get_json()
    sign_in(client, "Ada@example.com", "not the password\n{}")
    sign_in(client, "nobody@example.com")
    sign_in(client, "ada@example.com")
    refresh(client, registered["refresh_token"])
    refresh(client, registered["refresh_token"])
    client.post("/v1/auth/revoke", json={"refresh_token": registered["refresh_token"]})
    client.get("/v1/me", headers={"Authorization": "Bearer nonsense"})
    written = capfdbinary.readouterr().out.decode()
    entries = [entry for line in written.splitlines() if (entry := msgspec.json.decode(line)).get("log") == "security"]
    told = [entry["event"] for entry in entries]
    for event in ("auth.registered", "auth.sign_in_failed", "auth.signed_in", "auth.refreshed", "auth.signed_out",
                  "auth.token_refused"):  # fmt: skip
        assert event in told
    assert all(entry["request_id"] and entry["at"] for entry in entries)
    for secret in (
        "example.com",
        PASSWORD,
        "not the password",
        registered["refresh_token"],
        registered["access_token"],
    ):
        assert secret not in written


def stored(customer: Customer) -> str:
    with reading():
        return session.scalars(select(Customer.password_hash).where(Customer.id == customer.id)).one()


def token_count() -> int:
    with reading():
        return len(session.scalars(select(RefreshToken.token_hash)).all())
