import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from shopwright import app as shop
from shopwright.commerce.accounts import access_tokens, sign_ins, staff, tokens
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, ids
from shopwright.kit.errors import Unauthenticated
from shopwright.kit.principal import ANONYMOUS, Kind, Principal, acting_as
from shopwright.kit.transaction import transaction
from shopwright.settings import Settings
from tests import make

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def claims(settings: Settings) -> access_tokens.Claims:
    now = int(clock.now().timestamp())
    return access_tokens.Claims(
        iss="shopwright", aud="shopwright-api", sub=ids.new(), sid=ids.new(), kind="customer", iat=now, nbf=now,
        exp=now + settings.access_token_seconds,
    )  # fmt: skip


def signed(
    claims: access_tokens.Claims, settings: Settings, *, key: Any = None, alg: str = "HS256", **header: Any
) -> str:
    """A token as ours, but for what the test says."""
    ours, kid = access_tokens._key(settings.secret_key)
    said = {"alg": alg, "typ": "at+jwt", "kid": kid, **header}
    registry = jws.JWSRegistry(strict_check_header=False, algorithms=[alg])
    return jws.serialize_compact(said, msgspec.json.encode(claims), key or ours, registry=registry)


def is_refused(token: str) -> bool:
    with pytest.raises(Unauthenticated) as refused:
        tokens.authenticate(f"Bearer {token}")
    return refused.value.headers == {"WWW-Authenticate": 'Bearer realm="shopwright"'}


def test_without_a_token_nobody_asks() -> None:
    assert tokens.authenticate(None) is ANONYMOUS


def test_a_customer_is_known_by_the_token_alone(claims: access_tokens.Claims, settings: Settings) -> None:
    principal = tokens.authenticate(f"bearer {signed(claims, settings)}")
    assert principal == Principal(kind=Kind.CUSTOMER, id=claims.sub)


def test_staff_have_the_permissions_of_all_their_roles() -> None:
    headers = make.staff_headers(Permission.CHANNELS_READ, Permission.AUDIT_READ)
    assert tokens.authenticate(headers["Authorization"]).permissions == {"channels:read", "audit:read"}


def test_a_changed_role_counts_from_the_next_request_on() -> None:
    role = make.make_role(Permission.CHANNELS_READ)
    member = make.make_staff(role_ids=[role.id])
    headers = make.staff_headers(member=member)
    make.make_staff(Permission.STAFF_WRITE)
    with acting_as(Principal(kind=Kind.STAFF, permissions=frozenset(Permission))), transaction():
        staff.change_role(role.id, {"permissions": [Permission.TAXES_READ]})
    assert tokens.authenticate(headers["Authorization"]).permissions == {"taxes:read"}


def test_s30_a_disabled_member_of_staff_is_out_at_once() -> None:
    member = make.make_staff(Permission.CHANNELS_READ)
    make.make_staff(Permission.STAFF_WRITE)
    headers = make.staff_headers(member=member)
    with acting_as(Principal(kind=Kind.STAFF, permissions=frozenset(Permission))), transaction():
        staff.change_member(member.id, {"is_active": False})
    assert is_refused(headers["Authorization"].removeprefix("Bearer "))


def test_staff_who_signed_out_are_out_at_once() -> None:
    member = make.make_staff(Permission.CHANNELS_READ)
    with transaction():
        issued = sign_ins.begin("staff", member.id)
    assert tokens.authenticate(f"Bearer {issued.access_token}").id == member.id
    with transaction():
        sign_ins.sign_out(issued.refresh_token)
    assert is_refused(issued.access_token)


def test_s31_a_token_of_another_algorithm_is_refused(claims: access_tokens.Claims, settings: Settings) -> None:
    ours, _ = access_tokens._key(settings.secret_key)
    assert is_refused(signed(claims, settings, alg="HS512", key=ours))
    assert is_refused(signed(claims, settings, alg="RS256", key=RSAKey.generate_key(2048, auto_kid=False)))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None])
def test_s31_an_unsigned_token_is_refused(claims: access_tokens.Claims, settings: Settings, alg: str | None) -> None:
    _, body, signature = signed(claims, settings).split(".")
    header = _encoded({"alg": alg, "typ": "at+jwt", "kid": access_tokens._key(settings.secret_key)[1]})
    assert is_refused(f"{header}.{body}.")
    assert is_refused(f"{header}.{body}.{signature}")


def test_s31_a_key_that_the_token_brings_along_is_ignored(claims: access_tokens.Claims, settings: Settings) -> None:
    theirs = OctKey.generate_key(256)
    there = "https://evil.example/keys"
    assert is_refused(signed(claims, settings, key=theirs, jwk=theirs.as_dict(), jku=there, x5u=there))


def test_s31_a_token_of_an_unknown_key_is_refused(claims: access_tokens.Claims, settings: Settings) -> None:
    assert is_refused(signed(claims, settings, kid="0123456789abcdef"))
    assert is_refused(access_tokens.sign(claims, "another-secret-of-at-least-32-characters"))


@pytest.mark.parametrize("typ", ["JWT", "rt+jwt", "id+jwt", ""])
def test_s32_a_token_of_another_type_is_refused(claims: access_tokens.Claims, settings: Settings, typ: str) -> None:
    assert is_refused(signed(claims, settings, typ=typ))


def test_s32_a_refresh_token_is_no_access_token() -> None:
    customer_id = make.make_customer().id
    with transaction():
        issued = sign_ins.begin("customer", customer_id)
    assert is_refused(issued.refresh_token)


def test_s32_issuer_and_audience_are_checked(claims: access_tokens.Claims, settings: Settings) -> None:
    assert is_refused(signed(msgspec.structs.replace(claims, iss="https://evil.example"), settings))
    assert is_refused(signed(msgspec.structs.replace(claims, aud="another-service"), settings))


def test_s32_a_token_holds_only_in_its_time(claims: access_tokens.Claims, settings: Settings) -> None:
    token = signed(claims, settings)
    with clock.held_at(clock.now()):
        clock.advance(timedelta(seconds=settings.access_token_seconds))
        assert tokens.authenticate(f"Bearer {token}").id == claims.sub  # clocks differ by a few seconds
        clock.advance(timedelta(seconds=6))
        assert is_refused(token)
    later = msgspec.structs.replace(claims, nbf=claims.nbf + 60)
    assert is_refused(signed(later, settings))


def test_s32_an_access_token_lives_for_15_minutes_at_most(claims: access_tokens.Claims, settings: Settings) -> None:
    token = access_tokens.issue("customer", ids.new(), ids.new(), clock.now(), settings)
    said = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    assert 0 < said["exp"] - said["iat"] <= 900
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"access_token_seconds": 901}, Settings)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "kind", "iat", "nbf", "exp"])
def test_s32_a_token_without_one_of_its_claims_is_refused(
    claims: access_tokens.Claims, settings: Settings, missing: str
) -> None:
    said = msgspec.to_builtins(claims)
    del said[missing]
    assert is_refused(signed(said, settings))


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YWRhOnNlY3JldA==", "Bearer a.b", "Bearer a.b.c", "Bearer ....",
     "Bearer \u00fc.\u00fc.\u00fc",
     "Bearer " + "x" * 100_000, "Bearer W10.W10.W10", "Bearer e30.e30."],
)  # fmt: skip
def test_nonsense_is_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.authenticate(header)


def test_a_token_that_was_changed_is_refused(claims: access_tokens.Claims, settings: Settings) -> None:
    header, _, signature = signed(claims, settings).split(".")
    other = msgspec.to_builtins(msgspec.structs.replace(claims, sub=ids.new(), kind="staff"))
    assert is_refused(f"{header}.{_encoded(other)}.{signature}")


def test_s7_staff_routes_refuse_strangers_and_customers(app: Flask, client: FlaskClient, settings: Settings) -> None:
    customer = make.make_customer()
    of_staff = [e for routes in shop.ROOMS for e in routes.endpoints if e.path.startswith("/v1/admin")]
    assert of_staff
    for endpoint in of_staff:
        assert endpoint.is_for_staff, f"{endpoint.name} is open"
        path = app.url_map.bind("localhost").build(
            f"{endpoint.method} {endpoint.path}",
            {name: ids.new() if "uuid:" in endpoint.path else "1" for name in _parameters(endpoint.path)},
        )
        assert client.open(path, method=endpoint.method).status_code == 401, endpoint.name
        refused = client.open(path, method=endpoint.method, headers=make.customer_headers(customer))
        assert refused.status_code == 403, endpoint.name


def test_s7_staff_without_roles_may_do_nothing(client: FlaskClient) -> None:
    refused = client.get("/v1/admin/staff", headers=make.staff_headers())
    assert refused.status_code == 403
    assert refused.get_json()["permission"] == "staff:read"


def _parameters(path: str) -> list[str]:
    return [part.strip("<>").rsplit(":", 1)[-1] for part in path.split("/") if part.startswith("<")]


def _encoded(said: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
