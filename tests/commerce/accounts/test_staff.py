from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shopwright.commerce.accounts import service, tokens
from shopwright.commerce.accounts.errors import AdminExists, PasswordNotAcceptable
from shopwright.commerce.accounts.models import Role, StaffMember
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests import make

PASSWORD = "seven red foxes dance at dawn"
WRITE = (Permission.STAFF_READ, Permission.STAFF_WRITE)


def patch(client: FlaskClient, headers: dict[str, str], path: str, **changes: Any) -> TestResponse:
    """A change of what the caller just read."""
    etag = client.get(path, headers=headers).headers["ETag"]
    return client.patch(
        path, data=msgspec.json.encode(changes), headers=headers | {"If-Match": etag},
        content_type="application/merge-patch+json",
    )  # fmt: skip


def held_by(staff_id: UUID | str, client: FlaskClient) -> list[str]:
    shown = client.get(f"/v1/admin/staff/{staff_id}", headers=make.staff_headers(Permission.STAFF_READ)).get_json()
    return list(shown["role_ids"])


def sign_in(client: FlaskClient, email: str, password: str) -> TestResponse:
    return client.post("/v1/auth/token", json={"email": email, "password": password, "kind": "staff"})


@pytest.mark.usefixtures("app")
def test_the_first_admin_may_do_everything_and_is_made_once() -> None:
    with transaction():
        admin = service.create_first_admin("Root@example.com", PASSWORD)
    with pytest.raises(AdminExists), transaction():
        service.create_first_admin("other@example.com", PASSWORD)
    with reading():
        assert session.scalars(select(StaffMember.email)).all() == ["Root@example.com"]
        assert session.scalars(select(Role)).one().grants == frozenset(Permission)
    headers = make.staff_headers(member=admin)
    assert tokens.authenticate(headers["Authorization"]).permissions == frozenset(Permission)


@pytest.mark.usefixtures("app")
def test_the_first_admin_needs_a_good_password() -> None:
    with pytest.raises(PasswordNotAcceptable), transaction():
        service.create_first_admin("root@example.com", "administrator12")
    with reading():
        assert session.scalars(select(StaffMember)).all() == []


def test_a_member_of_staff_is_added_with_roles(client: FlaskClient) -> None:
    role = make.make_role(Permission.STAFF_READ)
    body = {"email": "grace@example.com", "name": "Grace", "password": PASSWORD, "role_ids": [str(role.id)]}
    added = client.post("/v1/admin/staff", json=body, headers=make.staff_headers(*WRITE))
    assert added.status_code == 201
    assert (added.get_json()["role_ids"], added.get_json()["is_active"]) == ([str(role.id)], True)
    assert "password" not in added.get_data(as_text=True)
    token = sign_in(client, "GRACE@example.com", PASSWORD).get_json()["access_token"]
    assert client.get("/v1/admin/staff", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    again = client.post(
        "/v1/admin/staff", json=body | {"email": "Grace@Example.com"}, headers=make.staff_headers(*WRITE)
    )
    assert (again.status_code, again.get_json()["code"]) == (409, "email-taken")


def test_nobody_grants_what_they_may_not_do(client: FlaskClient) -> None:
    role = make.make_role(Permission.ORDERS_REFUND, Permission.STAFF_READ)
    body = {"email": "grace@example.com", "password": PASSWORD, "role_ids": [str(role.id)]}
    refused = client.post("/v1/admin/staff", json=body, headers=make.staff_headers(*WRITE))
    assert (refused.status_code, refused.get_json()["permissions"]) == (403, ["orders:refund"])
    created = client.post(
        "/v1/admin/roles",
        json={"name": "refunds", "permissions": ["orders:refund"]},
        headers=make.staff_headers(*WRITE),
    )
    assert (created.status_code, created.get_json()["code"]) == (403, "permission-not-held")
    caller = make.make_staff(*WRITE)
    headers = make.staff_headers(member=caller)
    before = held_by(caller.id, client)
    assert patch(client, headers, f"/v1/admin/staff/{caller.id}", role_ids=[str(role.id)]).status_code == 403
    assert held_by(caller.id, client) == before
    own = make.make_role(*WRITE)
    raised = patch(client, make.staff_headers(*WRITE), f"/v1/admin/roles/{own.id}", permissions=["orders:refund"])
    assert raised.status_code == 403
    with reading():
        assert session.scalars(select(StaffMember).where(StaffMember.email_key == "grace@example.com")).all() == []
        assert session.get_one(Role, own.id).permissions == ["staff:read", "staff:write"]


def test_nobody_takes_over_who_may_do_more(client: FlaskClient) -> None:
    stronger = make.make_staff(*WRITE, Permission.ORDERS_REFUND, email="root@example.com")
    path = f"/v1/admin/staff/{stronger.id}"
    refusals: list[dict[str, Any]] = [{"password": PASSWORD}, {"is_active": False}, {"role_ids": []}]
    for changes in refusals:
        assert patch(client, make.staff_headers(*WRITE), path, **changes).status_code == 403
    assert sign_in(client, "root@example.com", make.PASSWORD).status_code == 200


def test_s30_disabling_ends_all_sign_ins(client: FlaskClient) -> None:
    member = make.make_staff(Permission.STAFF_READ, email="grace@example.com")
    said = sign_in(client, "grace@example.com", make.PASSWORD).get_json()
    headers = make.staff_headers(*WRITE)
    assert patch(client, headers, f"/v1/admin/staff/{member.id}", is_active=False).get_json()["is_active"] is False
    bearer = {"Authorization": f"Bearer {said['access_token']}"}
    assert client.get("/v1/admin/staff", headers=bearer).status_code == 401
    assert client.post("/v1/auth/refresh", json={"refresh_token": said["refresh_token"]}).status_code == 401
    refused = sign_in(client, "grace@example.com", make.PASSWORD)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "wrong-credentials")
    assert patch(client, make.staff_headers(*WRITE), f"/v1/admin/staff/{member.id}", is_active=True).status_code == 200
    assert client.get("/v1/admin/staff", headers=bearer).status_code == 401, "what has ended stays ended"
    assert sign_in(client, "grace@example.com", make.PASSWORD).status_code == 200


def test_s30_a_password_set_by_staff_ends_all_sign_ins(client: FlaskClient) -> None:
    member = make.make_staff(Permission.STAFF_READ, email="grace@example.com")
    said = sign_in(client, "grace@example.com", make.PASSWORD).get_json()
    changed = patch(client, make.staff_headers(*WRITE), f"/v1/admin/staff/{member.id}", password=PASSWORD)
    assert changed.status_code == 200
    assert client.post("/v1/auth/refresh", json={"refresh_token": said["refresh_token"]}).status_code == 401
    assert sign_in(client, "grace@example.com", make.PASSWORD).status_code == 401
    assert sign_in(client, "grace@example.com", PASSWORD).status_code == 200


def test_a_change_of_roles_is_a_new_version_of_the_member(client: FlaskClient) -> None:
    member, role = make.make_staff(), make.make_role(Permission.STAFF_READ)
    path, headers = f"/v1/admin/staff/{member.id}", make.staff_headers(*WRITE)
    etag = client.get(path, headers=headers).headers["ETag"]
    assert patch(client, headers, path, role_ids=[str(role.id)]).status_code == 200
    stale = client.patch(
        path, data=b'{"role_ids": []}', headers=make.staff_headers(*WRITE) | {"If-Match": etag},
        content_type="application/merge-patch+json",
    )  # fmt: skip
    assert stale.status_code == 412
    assert held_by(member.id, client) == [str(role.id)]
    missing = client.patch(
        path, data=b"{}", headers=make.staff_headers(*WRITE), content_type="application/merge-patch+json"
    )
    assert missing.status_code == 428


def test_somebody_stays_in_charge(client: FlaskClient) -> None:
    role = make.make_role(*WRITE)
    last = make.make_staff(role_ids=[role.id])
    path = f"/v1/admin/staff/{last.id}"
    refusals: list[dict[str, Any]] = [{"is_active": False}, {"role_ids": []}]
    for changes in refusals:
        refused = patch(client, make.staff_headers(member=last), path, **changes)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "nobody-in-charge")
    refused = patch(client, make.staff_headers(member=last), f"/v1/admin/roles/{role.id}", permissions=["staff:read"])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "nobody-in-charge")
    with reading():
        assert session.get_one(StaffMember, last.id).is_active
        assert session.get_one(Role, role.id).permissions == ["staff:read", "staff:write"]
    assert held_by(last.id, client) == [str(role.id)]


def test_roles_are_created_changed_and_deleted(client: FlaskClient) -> None:
    may = (*WRITE, Permission.ORDERS_READ, Permission.ORDERS_FULFILL)
    body = {"name": "Warehouse", "permissions": ["orders:read", "orders:fulfill", "orders:read"]}
    created = client.post("/v1/admin/roles", json=body, headers=make.staff_headers(*may))
    assert (created.status_code, created.get_json()["permissions"]) == (201, ["orders:fulfill", "orders:read"])
    taken = client.post("/v1/admin/roles", json=body, headers=make.staff_headers(*may))
    assert (taken.status_code, taken.get_json()["code"]) == (409, "role-name-taken")
    path = f"/v1/admin/roles/{created.get_json()['id']}"
    changed = patch(client, make.staff_headers(*may), path, permissions=["orders:read"])
    assert changed.get_json()["permissions"] == ["orders:read"]
    listed = client.get("/v1/admin/roles", headers=make.staff_headers(Permission.STAFF_READ)).get_json()["items"]
    assert changed.get_json() in listed
    gone = client.delete(path, headers=make.staff_headers(*may) | {"If-Match": changed.headers["ETag"]})
    assert gone.status_code == 204
    assert client.get(path, headers=make.staff_headers(Permission.STAFF_READ)).status_code == 404


def test_a_role_that_somebody_holds_is_not_deleted(client: FlaskClient) -> None:
    role = make.make_role(Permission.STAFF_READ)
    member = make.make_staff(role_ids=[role.id])
    refused = client.delete(f"/v1/admin/roles/{role.id}", headers=make.staff_headers(*WRITE) | {"If-Match": "*"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "role-in-use")
    assert held_by(member.id, client) == [str(role.id)]


def test_unknown_permissions_and_roles_are_refused(client: FlaskClient) -> None:
    body: dict[str, Any] = {"name": "x", "permissions": ["*", "orders:everything"]}
    refused = client.post("/v1/admin/roles", json=body, headers=make.staff_headers(*WRITE))
    assert [e["pointer"] for e in refused.get_json()["errors"]] == ["/permissions/0", "/permissions/1"]
    body = {"email": "grace@example.com", "password": PASSWORD, "role_ids": ["0199b1f0-a3c5-7d3e-8c1a-5f0d2b4e6a78"]}
    assert client.post("/v1/admin/staff", json=body, headers=make.staff_headers(*WRITE)).status_code == 404


def test_staff_are_listed_in_pages(client: FlaskClient) -> None:
    made = [str(make.make_staff(Permission.TAXES_READ).id) for _ in range(3)]
    headers = make.staff_headers(Permission.STAFF_READ)
    first = client.get("/v1/admin/staff?limit=2", headers=headers)
    second = client.get(first.headers["Link"].split(">")[0][1:], headers=headers).get_json()
    ids = [member["id"] for member in first.get_json()["items"] + second["items"]]
    assert ids[1:] == made[::-1]
    assert second["next_cursor"] is None


def test_customers_are_found_by_the_beginning_of_their_address(client: FlaskClient) -> None:
    ada, _ = make.make_customer(email="Ada_L@example.com"), make.make_customer(email="adaxl@example.com")
    headers = make.staff_headers(Permission.CUSTOMERS_READ)
    found = client.get("/v1/admin/customers", query_string={"email": "ADA_"}, headers=headers).get_json()["items"]
    assert [customer["email"] for customer in found] == ["Ada_L@example.com"]
    assert len(client.get("/v1/admin/customers", headers=headers).get_json()["items"]) == 2
    assert client.get(f"/v1/admin/customers/{ada.id}", headers=headers).get_json() == found[0]


def test_what_staff_do_is_in_the_audit_log_without_passwords(client: FlaskClient) -> None:
    caller = make.make_staff(*WRITE)
    body = {"email": "grace@example.com", "password": PASSWORD, "role_ids": []}
    client.post("/v1/admin/staff", json=body, headers=make.staff_headers(member=caller))
    headers = make.staff_headers(Permission.AUDIT_READ)
    entries = client.get(f"/v1/admin/audit-log?actor_id={caller.id}", headers=headers).get_json()["items"]
    assert [(entry["action"], entry["actor_kind"]) for entry in entries] == [("accounts.add_member", "staff")]
    assert entries[0]["facts"] == {"email": "grace@example.com", "password": "[redacted]", "role_ids": []}
