from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import ids
from tests import make

GROUPS = "/v1/admin/customer-groups"


def headers() -> dict[str, str]:
    return make.staff_headers(Permission.CUSTOMERS_READ, Permission.CUSTOMERS_WRITE)


def create(client: FlaskClient, name: str) -> dict[str, Any]:
    created = client.post(GROUPS, json={"name": name}, headers=headers())
    assert created.status_code == 201, created.get_json()
    return dict(created.get_json())


def put_in(client: FlaskClient, customer_id: UUID, group_ids: list[str], *, etag: str | None = None) -> TestResponse:
    path = f"/v1/admin/customers/{customer_id}/groups"
    seen = etag or client.get(path, headers=headers()).headers["ETag"]
    return client.put(path, json={"group_ids": group_ids}, headers=headers() | {"If-Match": seen})


def test_a_group_is_created_renamed_and_deleted(client: FlaskClient) -> None:
    group = create(client, "Resellers")
    path = f"{GROUPS}/{group['id']}"
    etag = client.get(path, headers=headers()).headers["ETag"]
    renamed = client.patch(
        path,
        json={"name": "Partners"},
        headers=headers() | {"If-Match": etag},
        content_type="application/merge-patch+json",
    )
    assert (renamed.status_code, renamed.get_json()["name"]) == (200, "Partners")
    assert [each["name"] for each in client.get(GROUPS, headers=headers()).get_json()["items"]] == ["Partners"]
    gone = client.delete(path, headers=headers() | {"If-Match": renamed.headers["ETag"]})
    assert gone.status_code == 204
    assert client.get(path, headers=headers()).status_code == 404


def test_two_groups_cannot_have_one_name(client: FlaskClient) -> None:
    create(client, "Club")
    again = client.post(GROUPS, json={"name": "Club"}, headers=headers())
    assert (again.status_code, again.get_json()["type"].rsplit("/", 1)[-1]) == (409, "group-name-taken")


def test_a_customer_is_put_into_exactly_the_named_groups(client: FlaskClient) -> None:
    ada, club, trade = make.make_customer(), create(client, "Club"), create(client, "Trade")
    both = put_in(client, ada.id, [trade["id"], club["id"], club["id"]])
    assert [group["name"] for group in both.get_json()["items"]] == ["Club", "Trade"]
    one = put_in(client, ada.id, [trade["id"]])
    assert [group["name"] for group in one.get_json()["items"]] == ["Trade"]
    members = client.get(f"{GROUPS}/{trade['id']}/members", headers=headers()).get_json()["items"]
    assert [member["id"] for member in members] == [str(ada.id)]
    assert client.get(f"{GROUPS}/{club['id']}/members", headers=headers()).get_json()["items"] == []


def test_a_change_of_groups_that_somebody_overtook_is_refused(client: FlaskClient) -> None:
    ada, club = make.make_customer(), create(client, "Club")
    etag = client.get(f"/v1/admin/customers/{ada.id}/groups", headers=headers()).headers["ETag"]
    assert put_in(client, ada.id, [club["id"]]).status_code == 200
    assert put_in(client, ada.id, [], etag=etag).status_code == 412


def test_an_unknown_group_or_customer_changes_nothing(client: FlaskClient) -> None:
    ada, club = make.make_customer(), create(client, "Club")
    assert put_in(client, ada.id, [club["id"]]).status_code == 200
    assert put_in(client, ada.id, [club["id"], str(ids.new())]).status_code == 404
    held = client.get(f"/v1/admin/customers/{ada.id}/groups", headers=headers()).get_json()["items"]
    assert [group["name"] for group in held] == ["Club"]
    assert put_in(client, ids.new(), [club["id"]], etag="*").status_code == 404


def test_a_deleted_group_leaves_its_members(client: FlaskClient) -> None:
    ada, club = make.make_customer(), create(client, "Club")
    put_in(client, ada.id, [club["id"]])
    etag = client.get(f"{GROUPS}/{club['id']}", headers=headers()).headers["ETag"]
    assert client.delete(f"{GROUPS}/{club['id']}", headers=headers() | {"If-Match": etag}).status_code == 204
    held = client.get(f"/v1/admin/customers/{ada.id}/groups", headers=headers())
    assert (held.status_code, held.get_json()["items"]) == (200, [])
