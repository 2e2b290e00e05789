from tests.make import customer_headers, make_customer
from tests.shopping import Buyer, Shop


def signed_in(buyer: Buyer, customer: object = None) -> Buyer:
    headers = customer_headers(customer or make_customer())
    return Buyer(buyer.client, buyer.shop, signed_in={"Authorization": headers["Authorization"]})


def test_a_customer_registers_and_buys_through_http_only(buyer: Buyer, shop: Shop) -> None:
    account = {"email": "grace@example.com", "password": "seven tall ships at anchor", "name": "Grace"}
    registered = buyer.client.post("/v1/auth/register", json=account)
    assert registered.status_code == 201, registered.text
    got = buyer.client.post("/v1/auth/token", json={k: account[k] for k in ("email", "password")}).get_json()
    grace = Buyer(buyer.client, shop, signed_in={"Authorization": f"Bearer {got['access_token']}"})
    grace.fills_a_cart(shop.product())
    assert grace.cart["token"] is None
    placed = grace.orders()
    assert placed["token"] is None
    grace.pays()
    (listed,) = grace.said(grace.send("GET", "/v1/me/orders"), 200)["items"]
    assert (listed["id"], listed["payment_status"]) == (placed["id"], "paid")


def test_a_customer_finds_their_cart_on_another_device(buyer: Buyer, shop: Shop) -> None:
    customer = make_customer()
    phone, laptop = signed_in(buyer, customer), signed_in(buyer, customer)
    phone.opens_a_cart()
    phone.takes(shop.product(), 3)
    laptop.opens_a_cart()
    assert laptop.cart["id"] == phone.cart["id"]
    assert laptop.cart["items"][0]["quantity"] == 3


def test_a_guests_cart_is_merged_into_the_customers_and_its_token_ends(buyer: Buyer, shop: Shop) -> None:
    mug, cup = shop.product(), shop.product()
    ada = signed_in(buyer)
    ada.opens_a_cart()
    ada.takes(mug, 1)
    buyer.fills_a_cart(mug, 2)
    buyer.takes(cup, 1)
    claim = f"/v1/carts/{buyer.cart['id']}/claim"
    token = {"Cart_Token": buyer.cart["token"]}
    assert ada.send("POST", claim).status_code == 404
    assert buyer.send("POST", claim).status_code == 401
    merged = ada.said(ada.send("POST", claim, **token), 200)
    assert merged["id"] == ada.cart["id"]
    assert {item["variant_id"]: item["quantity"] for item in merged["items"]} == {str(mug): 3, str(cup): 1}
    assert merged["email"] == "ada@example.com"
    assert buyer.send("GET", f"/v1/carts/{buyer.cart['id']}").status_code == 404
    again = ada.said(ada.send("POST", claim), 200)
    assert (again["id"], again["items"]) == (merged["id"], merged["items"])


def test_s1_another_customers_cart_and_order_are_not_there(buyer: Buyer, shop: Shop) -> None:
    ada, eve = signed_in(buyer), signed_in(buyer)
    ada.fills_a_cart(shop.product())
    ada.orders()
    for method, path, body in (
        ("GET", f"/v1/carts/{ada.cart['id']}", None),
        ("PATCH", f"/v1/carts/{ada.cart['id']}", {"email": "eve@example.com"}),
        ("GET", f"/v1/orders/{ada.order['id']}", None),
        ("POST", f"/v1/orders/{ada.order['id']}/cancel", None),
        ("GET", f"/v1/orders/{ada.order['id']}/payments", None),
        ("GET", f"/v1/orders/{ada.order['id']}/shipments", None),
        ("POST", f"/v1/orders/{ada.order['id']}/payments", {"provider": "development", "token": "tok_success"}),
    ):
        assert eve.send(method, path, body).status_code == 404, path
    assert eve.send("GET", "/v1/me/orders").get_json()["items"] == []


def test_my_orders_are_paged_newest_first(buyer: Buyer, shop: Shop) -> None:
    ada = signed_in(buyer)
    mug = shop.product(stock_of=10)
    placed = []
    for _ in range(5):
        ada.fills_a_cart(mug)
        placed.append(ada.orders()["id"])
    seen, path = [], "/v1/me/orders?limit=2"
    while path:
        answer = ada.send("GET", path)
        seen += [order["id"] for order in answer.get_json()["items"]]
        link = answer.headers.get("Link", "")
        path = link[link.find("/v1") : link.find(">")] if link else ""
    assert seen == placed[::-1]
