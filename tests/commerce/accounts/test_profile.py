import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.models import Customer
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from tests import make


def change(
    client: FlaskClient, customer: Customer, changes: dict[str, object], etag: str | None = None
) -> TestResponse:
    headers = make.customer_headers(customer) | ({"If-Match": etag} if etag else {})
    return client.patch(
        "/v1/me", data=msgspec.json.encode(changes), headers=headers, content_type="application/merge-patch+json"
    )


def test_a_customer_changes_the_profile(client: FlaskClient) -> None:
    customer = make.make_customer(name="Ada")
    changed = change(client, customer, {"phone": "+44 20 7946 0000", "locale": "en-GB"}).get_json()
    assert (changed["name"], changed["phone"], changed["locale"]) == ("Ada", "+44 20 7946 0000", "en-GB")
    emptied = change(client, customer, {"locale": None}).get_json()
    assert (emptied["locale"], emptied["phone"]) == (None, "+44 20 7946 0000")


def test_a_stale_edit_is_refused(client: FlaskClient) -> None:
    customer = make.make_customer(name="Ada")
    etag = client.get("/v1/me", headers=make.customer_headers(customer)).headers["ETag"]
    assert change(client, customer, {"name": "Ada Byron"}, etag).status_code == 200
    assert change(client, customer, {"name": "Ada King"}, etag).status_code == 412
    assert client.get("/v1/me", headers=make.customer_headers(customer)).get_json()["name"] == "Ada Byron"


@pytest.mark.parametrize(
    "field", ["id", "email", "password", "password_hash", "registered_at", "version", "role", "permissions"]
)
def test_s5_only_the_profile_can_be_changed(client: FlaskClient, field: str) -> None:
    customer = make.make_customer()
    before = client.get("/v1/me", headers=make.customer_headers(customer)).get_json()
    refused = change(client, customer, {field: "1"})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert client.get("/v1/me", headers=make.customer_headers(customer)).get_json() == before


def test_s4_a_profile_shows_no_secret(client: FlaskClient) -> None:
    shown = client.get("/v1/me", headers=make.customer_headers())
    assert set(shown.get_json()) == {"id", "email", "name", "phone", "locale", "registered_at", "version"}
    assert shown.headers["Cache-Control"] == "no-store"


def test_a_token_outlives_its_account_without_harm(client: FlaskClient) -> None:
    customer = make.make_customer()
    headers = make.customer_headers(customer)
    with transaction():
        session.execute(delete(Customer).where(Customer.id == customer.id))
    assert client.get("/v1/me", headers=headers).status_code == 404


def test_guests_have_no_profile(client: FlaskClient) -> None:
    refused = client.get("/v1/me")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="shopwright"')
