"""A channel whose taxes an external service works out, which is a process of its own here."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from shopwright import settings
from shopwright.commerce.accounts import tokens
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.cart.routes import routes
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, TaxDisplay, TaxSource
from shopwright.commerce.orders.models import Order
from shopwright.commerce.promotions.rules import Limits, Percentage
from shopwright.commerce.taxes import exemptions
from shopwright.commerce.taxes.models import KeptAnswer
from shopwright.commerce.taxes.tasks import sweep_tax_answers
from shopwright.embedded.process import Server
from shopwright.kit import clock, web
from shopwright.kit.db import session
from shopwright.kit.edge import Edge
from shopwright.kit.transaction import reading, transaction
from tests import sent, tax_service
from tests.make import (
    customer_headers,
    make_customer,
    make_promotion,
    make_shipping_method,
    make_shipping_zone,
    staff_headers,
)
from tests.shopping import Buyer, Shop

AUSTIN = {
    "name": "Ada Lovelace", "street_address": "1100 Congress Ave", "city": "Austin", "country_area": "TX",
    "postal_code": "78701", "country_code": "US",
}  # fmt: skip
#: Shorter than the service's slowness, longer than it takes to answer.
PATIENCE = 0.5

Behave = Callable[[str], None]


@pytest.fixture
def behaves(service: Server) -> Iterator[Behave]:
    """From here on the service answers in this way; what it was asked before is forgotten."""
    before = settings.current()

    def behave(way: str) -> None:
        # An address of its own for each test, so that none meets what another made of the circuit breaker.
        url = f"{service.url}/{way}?{uuid4()}"
        settings.use(
            msgspec.structs.replace(
                before, tax_service_url=url, tax_service_secret=tax_service.SECRET, tax_service_seconds=PATIENCE
            )
        )
        tax_service.asked(service.url)

    behave("fair")
    yield behave
    settings.use(before)


def let_the_service_tax(shop: Shop, display: TaxDisplay = TaxDisplay.NET) -> None:
    changes = {"tax_source": TaxSource.SERVICE, "tax_display": display, "countries": ["US", "DE"]}
    with transaction():
        channels.change_channel(shop.channel.id, changes)
    make_shipping_method(make_shipping_zone("US"), shop.channel, 500)


@pytest.fixture
def goods(shop: Shop, behaves: Behave) -> Shop:
    let_the_service_tax(shop)
    return shop


def fills_a_cart(buyer: Buyer, price: int = 1000, quantity: int = 2) -> None:
    """In Austin: mugs, and shipping for 5.00."""
    buyer.opens_a_cart()
    buyer.takes(buyer.shop.product(price=price), quantity)
    path = f"/v1/carts/{buyer.cart['id']}"
    buyer._keep(buyer.said(buyer.send("PATCH", path, {"email": "a@example.com", "shipping_address": AUSTIN}), 200))
    (offered,) = buyer.said(buyer.send("GET", f"{path}/shipping-methods"), 200)["items"]
    buyer._keep(buyer.said(buyer.send("PATCH", path, {"shipping_method_id": offered["method_id"]}), 200))


def asks(buyer: Buyer, **more: Any) -> Any:
    return buyer.send("POST", f"/v1/carts/{buyer.cart['id']}/taxes", **more)


def has_taxes_worked_out(buyer: Buyer) -> dict[str, Any]:
    buyer._keep(buyer.said(asks(buyer), 200))
    return buyer.cart


def sums(cart: dict[str, Any]) -> tuple[bool, int, int]:
    return cart["taxes_needed"], cart["tax"]["amount"], cart["total"]["amount"]


def how_many_answers() -> int:
    with reading():
        return session.scalar(select(func.count()).select_from(KeptAnswer)) or 0


def test_tax_example_f_the_service_is_asked_once_and_the_order_placed_with_what_it_said(
    buyer: Buyer, goods: Shop, service: Server
) -> None:
    fills_a_cart(buyer)
    assert sums(buyer.cart) == (True, 0, 2500)
    cart = has_taxes_worked_out(buyer)
    assert sums(cart) == (False, 165, 2665)
    assert [(tax["rate_ppm"], tax["name"], tax["tax"]["amount"]) for tax in cart["taxes"]] == [
        (82_500, "Texas sales tax", 165)
    ]
    step = cart["items"][0]["steps"][-1]
    assert (step["kind"], step["label"], step["amount"]["amount"]) == ("tax_added", "Texas sales tax", 165)
    (question,) = tax_service.asked(service.url)
    line = cart["items"][0]
    assert question == {
        "channel_id": str(goods.channel.id), "currency": "EUR", "prices_include_tax": False, "home": "US",
        "country": "US", "region": "TX", "city": "AUSTIN", "postal_code": "78701", "vat_id": None, "certificate": None,
        "lines": [
            {"id": line["line_id"], "sku": line["sku"], "tax_class": "standard", "quantity": 2, "amount": 2000}
        ],
        "shipping": {"code": cart["shipping"]["code"], "tax_class": "standard", "amount": 500},
    }  # fmt: skip
    order = buyer.orders()
    assert (order["tax"]["amount"], order["total"]["amount"]) == (165, 2665)
    assert has_asked_nothing(service)


def has_asked_nothing(service: Server) -> bool:
    return tax_service.asked(service.url) == []


def test_an_order_asks_postgres_once_more_than_one_with_rates(buyer: Buyer, goods: Shop) -> None:
    fills_a_cart(buyer)
    has_taxes_worked_out(buyer)
    with sent.statements() as seen:
        buyer.orders()
    words = [text.split()[0].upper() for text in seen]
    assert len([word for word in words if word not in ("SAVEPOINT", "RELEASE")]) == 13
    assert len([text for text in seen if "tax_answers" in text]) == 1


def test_in_a_gross_channel_its_tax_is_in_the_price(buyer: Buyer, shop: Shop, behaves: Behave) -> None:
    let_the_service_tax(shop, TaxDisplay.GROSS)
    fills_a_cart(buyer)
    assert sums(buyer.cart) == (True, 0, 2500)
    assert sums(has_taxes_worked_out(buyer)) == (False, 152, 2500)
    assert buyer.orders()["tax"]["amount"] == 152


def test_an_order_without_taxes_is_refused_and_changes_nothing(buyer: Buyer, goods: Shop, service: Server) -> None:
    fills_a_cart(buyer)
    refused = buyer.said(buyer.asks_to_order(), 409)
    assert refused["type"].endswith("/tax-needed")
    assert "POST /v1/carts/{id}/taxes" in refused["detail"]
    with reading():
        assert session.scalar(select(func.count()).select_from(Order)) == 0
    assert has_asked_nothing(service)
    has_taxes_worked_out(buyer)
    assert buyer.orders()["state"] == "open"


@pytest.mark.parametrize("change", ["more", "elsewhere", "vat_id", "code"])
def test_a_changed_basket_needs_another_answer(buyer: Buyer, goods: Shop, change: str) -> None:
    make_promotion(Percentage(ppm=100_000), name="Ten off")
    fills_a_cart(buyer)
    has_taxes_worked_out(buyer)
    path = f"/v1/carts/{buyer.cart['id']}"
    if change == "more":
        buyer.takes(goods.product(price=100))
    elif change == "code":
        make_promotion(Percentage(ppm=500_000), name="Half off")
        buyer._keep(buyer.said(buyer.send("GET", path), 200))
    else:
        changes = {"vat_id": "CHE-107.787.577 IVA"} if change == "vat_id" else {
            "shipping_address": AUSTIN | {"city": "Dallas", "postal_code": "75201"}
        }  # fmt: skip
        buyer._keep(buyer.said(buyer.send("PATCH", path, changes), 200))
    assert buyer.cart["taxes_needed"]
    assert buyer.said(buyer.asks_to_order(), 409)["type"].endswith("/tax-needed")
    assert not has_taxes_worked_out(buyer)["taxes_needed"]
    assert buyer.orders()["total"] == buyer.cart["total"]


def test_an_answer_does_not_hold_for_ever(buyer: Buyer, goods: Shop, service: Server) -> None:
    with clock.held_at(clock.now()):
        fills_a_cart(buyer)
        has_taxes_worked_out(buyer)
        clock.advance(timedelta(minutes=60, seconds=-1))
        assert not buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)["taxes_needed"]
        clock.advance(timedelta(seconds=1))
        assert buyer.said(buyer.asks_to_order(), 409)["type"].endswith("/tax-needed")
        has_taxes_worked_out(buyer)
        assert len(tax_service.asked(service.url)) == 2
        assert how_many_answers() == 1
        buyer.orders()


def test_old_answers_are_swept(buyer: Buyer, goods: Shop) -> None:
    with clock.held_at(clock.now()):
        fills_a_cart(buyer)
        has_taxes_worked_out(buyer)
        clock.advance(timedelta(minutes=30))
        buyer.takes(goods.product(price=100))
        has_taxes_worked_out(buyer)
        clock.advance(timedelta(minutes=30))
        sweep_tax_answers()
        assert how_many_answers() == 1
        assert not buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)["taxes_needed"]


def test_asked_again_it_is_answered_from_what_is_known(buyer: Buyer, goods: Shop, service: Server) -> None:
    fills_a_cart(buyer)
    first, again = (buyer.said(asks(buyer, key="the same key for both"), 200) for _ in range(2))
    other = buyer.said(asks(buyer), 200)
    assert first == again == other
    assert len(tax_service.asked(service.url)) == 1


@pytest.mark.parametrize(
    ("way", "status", "kind", "seconds"),
    [
        ("slow", 503, "tax-service-unavailable", "10"),
        ("down", 503, "tax-service-unavailable", "10"),
        ("busy", 503, "tax-service-unavailable", "10"),
        ("drip", 503, "tax-service-unavailable", "10"),
        ("endless", 502, "tax-service-not-understood", "60"),
        ("nonsense", 502, "tax-service-not-understood", "60"),
        ("short", 502, "tax-service-not-understood", "60"),
        ("greedy", 502, "tax-service-not-understood", "60"),
        ("negative", 502, "tax-service-not-understood", "60"),
        ("foreign", 502, "tax-service-not-understood", "60"),
    ],
)
def test_a_service_that_does_not_answer_well_is_said_and_nothing_is_kept(
    buyer: Buyer, goods: Shop, behaves: Behave, way: str, status: int, kind: str, seconds: str
) -> None:
    fills_a_cart(buyer)
    behaves(way)
    refused = asks(buyer, key="the same key for both")
    assert buyer.said(refused, status)["type"].endswith(f"/{kind}")
    assert refused.headers["Retry-After"] == seconds
    assert how_many_answers() == 0
    assert sums(buyer.said(buyer.send("GET", f"/v1/carts/{buyer.cart['id']}"), 200)) == (True, 0, 2500)
    behaves("fair")
    # A refusal is judged anew, with the same key too.
    assert sums(buyer.said(asks(buyer, key="the same key for both"), 200)) == (False, 165, 2665)


def test_nobody_has_the_service_asked_without_end(app: Flask, behaves: Behave) -> None:
    """Each question may cost the shop money."""
    slow = Flask("slow")
    limited = msgspec.structs.replace(settings.current(), tax_questions_per_minute=2)
    web.surround(slow, limited)
    Edge(slow, limited, tokens.authenticate).mount(routes)
    with slow.test_client() as client:
        tries = [
            client.post(f"/v1/carts/{uuid4()}/taxes", headers={"Idempotency-Key": str(uuid4())}).status_code
            for _ in range(4)
        ]
    assert tries == [404, 404, 429, 429]


def test_a_wrong_secret_is_ours_to_put_right(buyer: Buyer, goods: Shop) -> None:
    fills_a_cart(buyer)
    settings.use(msgspec.structs.replace(settings.current(), tax_service_secret="another"))
    assert buyer.said(asks(buyer), 502)["type"].endswith("/tax-service-not-understood")


def test_a_service_that_is_away_is_left_alone_for_a_while(
    buyer: Buyer, goods: Shop, behaves: Behave, service: Server
) -> None:
    fills_a_cart(buyer)
    behaves("down")
    for _ in range(7):
        buyer.said(asks(buyer), 503)
    assert len(tax_service.asked(service.url)) == 5


def test_nobody_waits_for_the_service_with_a_transaction_open(buyer: Buyer, goods: Shop, service: Server) -> None:
    fills_a_cart(buyer)
    with sent.statements() as seen:
        has_taxes_worked_out(buyer)
    kept = next(at for at, text in enumerate(seen) if "INSERT INTO tax_answers" in text)
    # A test's transactions are savepoints of one connection: those before have ended when the answer is kept.
    before = [text.split()[0].upper() for text in seen[:kept] if "SAVEPOINT" in text.upper()]
    assert before.count("SAVEPOINT") == before.count("RELEASE") + before.count("ROLLBACK") + 1


def test_the_buyer_who_is_exempt_pays_without_what_the_service_finds_in_the_price(
    client: FlaskClient, shop: Shop, behaves: Behave, service: Server
) -> None:
    let_the_service_tax(shop, TaxDisplay.GROSS)
    customer = make_customer()
    with transaction():
        exemptions.grant(customer.id, country="US", region="TX", certificate="TX-01-339", reason="Reseller")
    buyer = Buyer(client, shop, signed_in={"Authorization": customer_headers(customer)["Authorization"]})
    fills_a_cart(buyer)
    assert sums(buyer.cart) == (True, 0, 2500)
    cart = has_taxes_worked_out(buyer)
    assert (sums(cart), cart["tax_removed"]["amount"]) == ((False, 0, 2348), 152)
    assert tax_service.asked(service.url)[0]["certificate"] == "TX-01-339"
    assert buyer.orders()["tax_exemption"] == "TX-01-339"


def test_of_an_exempt_buyer_in_a_net_channel_nobody_is_asked(client: FlaskClient, goods: Shop, service: Server) -> None:
    customer = make_customer()
    with transaction():
        exemptions.grant(customer.id, country="US", region=None, certificate="US-1", reason="Charity")
    buyer = Buyer(client, goods, signed_in={"Authorization": customer_headers(customer)["Authorization"]})
    fills_a_cart(buyer)
    assert sums(buyer.cart) == (False, 0, 2500)
    assert sums(has_taxes_worked_out(buyer)) == (False, 0, 2500)
    assert buyer.orders()["total"]["amount"] == 2500
    assert has_asked_nothing(service)


def test_gift_cards_and_empty_carts_are_not_asked_about(buyer: Buyer, goods: Shop, service: Server) -> None:
    buyer.opens_a_cart()
    assert sums(has_taxes_worked_out(buyer)) == (False, 0, 0)
    buyer.takes(goods.product(price=5000, is_gift_card=True))
    assert sums(has_taxes_worked_out(buyer)) == (False, 0, 5000)
    assert has_asked_nothing(service)


def test_when_a_promotion_runs_out_at_the_last_moment_the_taxes_are_asked_anew(buyer: Buyer, goods: Shop) -> None:
    make_promotion(Percentage(ppm=100_000), name="The first one", limits=Limits(total=1))
    fills_a_cart(buyer)
    has_taxes_worked_out(buyer)
    rival = Buyer(buyer.client, goods)
    fills_a_cart(rival)
    has_taxes_worked_out(rival)
    rival.orders()
    assert buyer.said(buyer.asks_to_order(), 409)["type"].endswith("/tax-needed")
    assert sums(has_taxes_worked_out(buyer)) == (False, 165, 2665)
    assert buyer.orders()["total"]["amount"] == 2665


def test_a_cart_that_was_ordered_is_asked_about_no_more(buyer: Buyer, goods: Shop) -> None:
    fills_a_cart(buyer)
    has_taxes_worked_out(buyer)
    buyer.orders()
    assert buyer.said(asks(buyer), 409)["type"].endswith("/cart-closed")
    stranger = Buyer(buyer.client, goods, cart={"id": buyer.cart["id"]})
    assert stranger.said(asks(stranger), 404)["type"].endswith("/cart-not-found")


def test_in_a_channel_with_rates_the_route_changes_nothing(
    buyer: Buyer, shop: Shop, behaves: Behave, service: Server
) -> None:
    buyer.fills_a_cart(shop.product())
    before = {**buyer.cart}
    assert has_taxes_worked_out(buyer) == before
    assert has_asked_nothing(service)


def test_staff_choose_a_service_only_where_there_is_one(client: FlaskClient, shop: Shop, behaves: Behave) -> None:
    path = f"/v1/admin/channels/{shop.channel.id}"

    def change(**changes: str) -> Any:
        headers = staff_headers(Permission.CHANNELS_WRITE) | {"If-Match": "*"}
        return client.patch(path, json=changes, headers=headers, content_type="application/merge-patch+json")

    changed = change(tax_source="service", tax_rounding="order", shipping_tax="main")
    assert changed.status_code == 200
    assert [changed.json[name] for name in ("tax_source", "tax_rounding", "shipping_tax")] == [
        "service", "order", "main",
    ]  # fmt: skip
    assert change(tax_source="rates").json["tax_source"] == "rates"
    settings.use(msgspec.structs.replace(settings.current(), tax_service_url=""))
    refused = change(tax_source="service")
    assert (refused.status_code, refused.json["type"].split("/")[-1]) == (409, "no-tax-service")
    with reading():
        assert session.get_one(Channel, shop.channel.id).tax_source == TaxSource.RATES
