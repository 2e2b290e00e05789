"""S36: the number of a payment card never comes in, and so is never stored or logged."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import db
from shopwright.kit.errors import CardNumberRefused
from shopwright.kit.validation import refuse_card_numbers
from tests.make import PASSWORD, customer_headers, staff_headers
from tests.shopping import ADDRESS, Buyer, Shop, make_shop

VISA, SHORT_VISA, AMEX, LONG_MAESTRO = "4111111111111111", "4222222222222", "378282246310005", "6304000000000000000"
CARDS = [VISA, SHORT_VISA, AMEX, LONG_MAESTRO, "4111 1111 1111 1111", "5555-5555-5555-4444", f"my card is {VISA}."]


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return make_shop()


@pytest.fixture
def buyer(client: FlaskClient, shop: Shop) -> Buyer:
    buyer = Buyer(client, shop)
    buyer.fills_a_cart(shop.product())
    return buyer


def everything_stored() -> Iterator[str]:
    """Every row of every table of the shop, as a text."""
    with db.engine().connect() as connection:
        pinned = db._pinned or connection
        for table in db.Base.metadata.sorted_tables:
            yield from pinned.scalars(text(f'SELECT t::text FROM "{table.name}" AS t'))


def nowhere(number: str) -> None:
    assert [row for row in everything_stored() if number in row] == []


def refused(answer: Any) -> None:
    assert answer.status_code in (400, 422), answer.text
    assert VISA not in answer.text


def test_a_card_number_instead_of_a_payment_token(buyer: Buyer, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    buyer.orders()
    for card in CARDS:
        refused(buyer.asks_to_pay(card))
    assert buyer.asks_to_pay(VISA).get_json()["code"] == "card-number-refused"
    assert buyer.said(buyer.send("GET", f"/v1/orders/{buyer.order['id']}/payments"), 200)["items"] == []
    nowhere(VISA)
    logged = capfdbinary.readouterr().out
    assert b"card-number" not in logged
    assert VISA.encode() not in logged


@pytest.mark.parametrize("field", ["name", "street_address", "city", "postal_code"])
@pytest.mark.parametrize("kind", ["shipping_address", "billing_address"])
def test_a_card_number_in_an_address_of_a_cart(buyer: Buyer, kind: str, field: str) -> None:
    refused(buyer.send("PATCH", f"/v1/carts/{buyer.cart['id']}", {kind: ADDRESS | {field: VISA}}))
    nowhere(VISA)


def test_a_card_number_in_the_email_of_a_cart(buyer: Buyer) -> None:
    refused(buyer.send("PATCH", f"/v1/carts/{buyer.cart['id']}", {"email": f"{VISA}@example.com"}))
    nowhere(VISA)


def test_a_card_number_in_what_an_account_holds(client: FlaskClient, shop: Shop) -> None:
    headers = customer_headers()
    ada = Buyer(client, shop, signed_in={"Authorization": headers["Authorization"]})
    refused(ada.send("POST", "/v1/me/addresses", {"address": ADDRESS | {"name": VISA}}))
    refused(ada.send("PATCH", "/v1/me", {"name": VISA}))
    account = {"email": "eve@example.com", "password": PASSWORD, "name": "Eve"}
    for field in account:
        refused(client.post("/v1/auth/register", json=account | {field: f"{VISA}@example.com"}))
    nowhere(VISA)


@pytest.mark.parametrize("card", CARDS)
def test_however_it_is_written_it_is_seen(card: str) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in card)
    for body in (f'{{"name":"{card}"}}', f'{{"{card}":1}}', f'{{"deep":[{{"name":"{escaped}"}}]}}'):
        with pytest.raises(CardNumberRefused):
            refuse_card_numbers(body.encode())


@pytest.mark.parametrize(
    "harmless",
    [
        "4111111111111112",  # its last digit is wrong
        "+49 151 23456785", "+4915123456785", "0049 151 23456785",
        "41111111111111111111",  # too long
        "411111111111",  # too short
        str(UUID("41111111-1111-4111-8111-111111111111")),
    ],
)  # fmt: skip
def test_what_only_looks_a_little_like_a_card_number_passes(harmless: str) -> None:
    refuse_card_numbers(f'{{"name":"{harmless}"}}'.encode())


def test_ids_are_never_taken_for_card_numbers() -> None:
    for _ in range(2_000):
        refuse_card_numbers(f'{{"id":"{uuid4()}"}}'.encode())
        refuse_card_numbers(
            f'{{"email":"{uuid4()}@example.com","note":"see /carts/{uuid4().hex}?from={uuid4()}"}}'.encode()
        )


def test_a_card_number_beside_an_id_is_seen() -> None:
    for note in (f"{uuid4()} {VISA}", f"{VISA} {uuid4().hex}", f"{uuid4()}:{VISA}:{uuid4()}"):
        with pytest.raises(CardNumberRefused):
            refuse_card_numbers(f'{{"note":"{note}"}}'.encode())


def test_staff_may_write_a_gtin_that_looks_like_one(client: FlaskClient) -> None:
    headers = staff_headers(Permission.CATALOG_WRITE)
    body = {"title": "A thing", "description": f"Its number is {SHORT_VISA}."}
    assert client.post("/v1/admin/products", json=body, headers=headers).status_code == 201
