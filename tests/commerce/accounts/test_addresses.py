from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from shopwright.commerce.accounts import service
from shopwright.commerce.accounts.addresses import Address, checked
from shopwright.commerce.accounts.errors import AddressNotValid
from shopwright.commerce.accounts.models import Customer, CustomerAddress
from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from tests import make

BERLIN = {
    "name": "Ada Lovelace",
    "street_address": "Unter den Linden 1",
    "postal_code": "10117",
    "city": "Berlin",
    "country_code": "DE",
}


def add(client: FlaskClient, customer: Customer, *, address: dict[str, str] | None = None, **more: Any) -> TestResponse:
    body = {"address": address or BERLIN, **more}
    return client.post("/v1/me/addresses", json=body, headers=make.customer_headers(customer))


def change(
    client: FlaskClient, customer: Customer, address_id: str, etag: str | None = None, **changes: Any
) -> TestResponse:
    headers = make.customer_headers(customer) | ({"If-Match": etag} if etag else {})
    return client.patch(
        f"/v1/me/addresses/{address_id}", data=msgspec.json.encode(changes), headers=headers,
        content_type="application/merge-patch+json",
    )  # fmt: skip


def kept(client: FlaskClient, customer: Customer) -> list[dict[str, Any]]:
    listed = client.get("/v1/me/addresses", headers=make.customer_headers(customer)).get_json()["items"]
    assert isinstance(listed, list)
    return listed


def faults(**fields: str) -> dict[str, str]:
    with pytest.raises(AddressNotValid) as refused:
        checked(msgspec.convert({**BERLIN, **fields}, Address))
    return {error["pointer"]: error["detail"] for error in refused.value.facts["errors"]}


def test_an_address_is_written_as_in_its_country() -> None:
    sent = Address(
        name="  Grace \t Hopper ", street_address="1 Infinite  Loop\r\n\r\n Apt 2", city="Cupertino",
        country_area="California", postal_code="95014", country_code="US",
    )  # fmt: skip
    assert checked(sent) == Address(
        name="Grace Hopper", street_address="1 Infinite Loop\nApt 2", city="CUPERTINO", country_area="CA",
        postal_code="95014", country_code="US",
    )  # fmt: skip


def test_a_checked_address_is_checked_already() -> None:
    once = checked(msgspec.convert(BERLIN, Address))
    assert checked(once) == once


def test_all_faults_of_an_address_are_named() -> None:
    assert set(faults(postal_code="1011", city="", street_address=" ")) == {"/postal_code", "/city", "/street_address"}
    assert set(faults(country_code="US", country_area="Bavaria", postal_code="10117")) == {"/country_area"}
    assert set(faults(country_code="JP", postal_code="abc")) >= {"/country_area", "/postal_code"}
    assert set(faults(name="   ")) == {"/name"}


@pytest.mark.parametrize("country", ["ZZ", "XX", "EU"])
def test_an_unknown_country_is_refused(country: str) -> None:
    assert set(faults(country_code=country)) == {"/country_code"}


def test_a_country_without_postal_codes_needs_none() -> None:
    sent = Address(
        name="Ada", street_address="1 Queen's Road", city="", country_area="Hong Kong Island", country_code="HK"
    )
    with pytest.raises(AddressNotValid):
        checked(msgspec.structs.replace(sent, country_area="Berlin"))
    dublin = Address(name="Ada", street_address="1 Main Street", city="Doha", postal_code="12345", country_code="QA")
    assert checked(dublin).postal_code == "", "Qatar has none, so none is kept"


def test_a_customer_keeps_addresses(client: FlaskClient) -> None:
    customer = make.make_customer()
    added = add(client, customer, is_default_shipping=True)
    assert added.status_code == 201
    said = added.get_json()
    assert said["address"]["street_address"] == "Unter den Linden 1"
    assert (said["is_default_shipping"], said["is_default_billing"]) == (True, False)
    shown = client.get(f"/v1/me/addresses/{said['id']}", headers=make.customer_headers(customer))
    assert shown.get_json() == said
    assert kept(client, customer) == [said]
    gone = client.delete(f"/v1/me/addresses/{said['id']}", headers=make.customer_headers(customer))
    assert gone.status_code == 204
    assert kept(client, customer) == []


def test_a_wrong_address_is_not_kept(client: FlaskClient) -> None:
    customer = make.make_customer()
    refused = add(client, customer, address={**BERLIN, "postal_code": "1"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "address-not-valid")
    assert [error["pointer"] for error in refused.get_json()["errors"]] == ["/address/postal_code"]
    assert kept(client, customer) == []


def test_one_address_is_the_default_for_each_purpose(client: FlaskClient) -> None:
    customer = make.make_customer()
    first = add(client, customer, is_default_shipping=True, is_default_billing=True).get_json()
    second = add(client, customer, is_default_shipping=True).get_json()
    flags = {a["id"]: (a["is_default_shipping"], a["is_default_billing"]) for a in kept(client, customer)}
    assert flags == {first["id"]: (False, True), second["id"]: (True, False)}
    assert change(client, customer, second["id"], is_default_billing=True).status_code == 200
    assert change(client, customer, second["id"], is_default_billing=True).status_code == 200
    flags = {a["id"]: (a["is_default_shipping"], a["is_default_billing"]) for a in kept(client, customer)}
    assert flags == {first["id"]: (False, False), second["id"]: (True, True)}


def test_an_address_is_replaced_as_a_whole(client: FlaskClient) -> None:
    customer = make.make_customer()
    added = add(client, customer, address={**BERLIN, "company_name": "Analytical Engines"})
    etag = added.headers["ETag"]
    changed = change(
        client, customer, added.get_json()["id"], etag, address={**BERLIN, "street_address": "Torstraße 2"}
    )
    assert changed.get_json()["address"]["company_name"] == ""
    stale = change(client, customer, added.get_json()["id"], etag, address=BERLIN)
    assert stale.status_code == 412
    assert kept(client, customer)[0]["address"]["street_address"] == "Torstraße 2"


def test_a_strangers_address_is_not_there(client: FlaskClient) -> None:
    customer, stranger = make.make_customer(), make.make_customer()
    address_id = add(client, customer).get_json()["id"]
    path = f"/v1/me/addresses/{address_id}"
    assert client.get(path, headers=make.customer_headers(stranger)).status_code == 404
    assert client.delete(path, headers=make.customer_headers(stranger)).status_code == 404
    assert change(client, stranger, address_id, address=BERLIN).status_code == 404
    assert kept(client, stranger) == []
    assert [a["id"] for a in kept(client, customer)] == [address_id]


def test_the_number_of_addresses_is_limited(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ADDRESSES", 2)
    customer = make.make_customer()
    assert [add(client, customer).status_code for _ in range(3)] == [201, 201, 409]
    with reading():
        assert len(session.scalars(select(CustomerAddress.id)).all()) == 2


def test_s5_an_address_cannot_be_given_to_another_customer(client: FlaskClient) -> None:
    customer, stranger = make.make_customer(), make.make_customer()
    refused = add(client, customer, customer_id=str(stranger.id))
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/customer_id")
    assert kept(client, stranger) == kept(client, customer) == []
