"""A customer keeps a means of payment at the provider, and pays with it."""

from uuid import uuid4

import pytest

from tests.make import customer_headers, make_customer
from tests.shopping import Buyer, Shop, development

SAVE = "/v1/me/payment-methods"


@pytest.fixture
def ada(buyer: Buyer) -> Buyer:
    headers = customer_headers(make_customer())
    return Buyer(buyer.client, buyer.shop, signed_in={"Authorization": headers["Authorization"]})


def saves(customer: Buyer, token: str = "tok_success") -> dict[str, object]:
    return customer.said(customer.send("POST", SAVE, {"provider": "development", "token": token}), 201)


def orders(customer: Buyer, shop: Shop) -> None:
    customer.fills_a_cart(shop.product())
    customer.orders()


def pays_with(customer: Buyer, method_id: object) -> dict[str, object]:
    body = {"provider": "development", "payment_method_id": method_id}
    return customer.said(customer.send("POST", f"/v1/orders/{customer.order['id']}/payments", body), 201)


def test_a_saved_method_is_shown_without_its_secrets_and_pays(ada: Buyer, shop: Shop) -> None:
    saved = saves(ada)
    assert saved["is_saved"] is True
    (shown,) = ada.said(ada.send("GET", SAVE), 200)["items"]
    assert shown == saved
    assert set(shown) == {
        "id", "provider", "is_saved", "kind", "brand", "last4", "expires_month", "expires_year", "action_url",
        "client_secret",
    }  # fmt: skip
    assert len(str(shown["last4"])) == 4
    orders(ada, shop)
    paid = pays_with(ada, saved["id"])
    assert (paid["state"], paid["payment_method_id"]) == ("captured", saved["id"])


def test_a_method_can_be_saved_while_paying(ada: Buyer, shop: Shop) -> None:
    orders(ada, shop)
    paid = ada.pays(save_method=True)
    (kept,) = ada.said(ada.send("GET", SAVE), 200)["items"]
    assert kept["id"] == paid["payment_method_id"]
    orders(ada, shop)
    assert pays_with(ada, kept["id"])["state"] == "captured"


def test_a_method_whose_second_step_waits_is_not_shown_until_it_is_taken(ada: Buyer) -> None:
    waiting = saves(ada, "tok_3ds")
    assert (waiting["is_saved"], ada.said(ada.send("GET", SAVE), 200)["items"]) == (False, [])
    confirm = f"{SAVE}/{waiting['id']}/confirm"
    assert ada.said(ada.send("POST", confirm), 200)["is_saved"] is False
    development().takes_the_second_step(str(waiting["action_url"]))
    assert ada.said(ada.send("POST", confirm), 200)["is_saved"] is True
    assert len(ada.said(ada.send("GET", SAVE), 200)["items"]) == 1


def test_a_method_that_the_provider_declines_is_not_saved(ada: Buyer) -> None:
    refused = ada.send("POST", SAVE, {"provider": "development", "token": "tok_decline"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "method-declined")
    assert ada.said(ada.send("GET", SAVE), 200)["items"] == []


def test_a_removed_method_pays_no_more(ada: Buyer, shop: Shop) -> None:
    saved = saves(ada)
    assert ada.send("DELETE", f"{SAVE}/{saved['id']}").status_code == 204
    orders(ada, shop)
    body = {"provider": "development", "payment_method_id": saved["id"]}
    refused = ada.send("POST", f"/v1/orders/{ada.order['id']}/payments", body)
    assert (refused.status_code, refused.get_json()["code"]) == (404, "payment-method-not-found")


def test_s1_nobody_pays_with_what_another_customer_has_saved(ada: Buyer, shop: Shop) -> None:
    saved = saves(ada)
    headers = customer_headers(make_customer())
    eve = Buyer(ada.client, shop, signed_in={"Authorization": headers["Authorization"]})
    orders(eve, shop)
    body = {"provider": "development", "payment_method_id": saved["id"]}
    assert eve.send("POST", f"/v1/orders/{eve.order['id']}/payments", body).status_code == 404
    assert eve.looks_at_the_payments() == []


@pytest.mark.parametrize("means", [{}, {"token": "tok_success", "payment_method_id": str(uuid4())}])
def test_either_a_token_or_a_saved_method_is_named(ada: Buyer, shop: Shop, means: dict[str, str]) -> None:
    orders(ada, shop)
    refused = ada.send("POST", f"/v1/orders/{ada.order['id']}/payments", {"provider": "development", **means})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "means-ambiguous")


def test_a_guest_saves_nothing(buyer: Buyer, shop: Shop) -> None:
    orders(buyer, shop)
    refused = buyer.asks_to_pay(save_method=True)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "means-ambiguous")
    assert buyer.send("POST", SAVE, {"provider": "development", "token": "tok_success"}).status_code == 401
