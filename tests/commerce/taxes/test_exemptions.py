from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels.models import Channel, TaxDisplay
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Exemption, Quote, Step, StepKind
from shopwright.commerce.taxes import exemptions
from shopwright.commerce.taxes.models import TaxExemption
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.auditor import audit
from tests.make import (
    customer_headers,
    make_channel,
    make_customer,
    make_priced_variant,
    make_staff,
    make_tax_zone,
    staff_headers,
)
from tests.shopping import Buyer, Shop

GRANTED = {"country": "DE", "certificate": "DE-77", "reason": "An embassy; the letter of 3 May."}


def grant(customer: Customer, country: str = "DE", region: str | None = None, **more: Any) -> TaxExemption:
    with transaction():
        said = {"certificate": f"{region or country}-1", "reason": "Seen."} | more
        return exemptions.grant(customer.id, country=country, region=region, **said)


def quote(channel: Channel, variant: UUID, customer: Customer | None, **place: Any) -> Quote:
    line = BasketLine(line_id=ids.new(), variant_id=variant, quantity=1)
    basket = Basket(
        channel_id=channel.id, locale="en", lines=(line,), customer_id=customer.id if customer else None, **place
    )
    with reading():
        return pricing.quote(basket)


def bears_tax(quoted: Quote) -> bool:
    return quoted.tax.amount > 0


@pytest.mark.usefixtures("app")
def test_the_customer_alone_is_exempt_there_alone_and_then_alone() -> None:
    channel, customer, another = make_channel(), make_customer(), make_customer()
    make_tax_zone("DE", standard=190_000)
    make_tax_zone("AT", standard=200_000)
    mug = make_priced_variant(channel, 1999)
    moment = clock.now() + timedelta(days=1)
    grant(customer, valid_from=moment, valid_until=moment + timedelta(days=10))

    def taxed(customer: Customer | None, country: str = "DE", *, after: timedelta = timedelta(0)) -> bool:
        return bears_tax(quote(channel, mug, customer, country=country, at=moment + after))

    assert not taxed(customer)
    assert taxed(another)
    assert taxed(None)
    assert taxed(customer, "AT")
    assert taxed(customer, after=timedelta(seconds=-1))
    assert not taxed(customer, after=timedelta(days=10, seconds=-1))
    assert taxed(customer, after=timedelta(days=10))


@pytest.mark.usefixtures("app")
def test_an_exemption_for_a_region_goes_before_that_for_the_country() -> None:
    channel, customer = make_channel(countries=["US"], tax_display=TaxDisplay.NET), make_customer()
    make_tax_zone("US", standard=50_000)
    mug = make_priced_variant(channel, 1000)
    of_texas = grant(customer, "US", "tx")

    def certificate(region: str | None) -> str | None:
        found = quote(channel, mug, customer, country="US", region=region)
        assert bears_tax(found) == (found.exemption is None)
        return found.exemption.certificate if found.exemption else None

    assert of_texas.region == "TX"
    assert [certificate(region) for region in ("TX", "tx", "CA", None)] == ["tx-1", "tx-1", None, None]
    of_all = grant(customer, "US", valid_from=clock.now() - timedelta(days=1))
    assert [certificate(region) for region in ("TX", "CA", None)] == ["tx-1", "US-1", "US-1"]
    later = grant(customer, "US", certificate="US-2", valid_from=of_all.valid_from + timedelta(hours=1))
    assert [certificate(region) for region in ("TX", "CA")] == ["tx-1", later.certificate]


@pytest.mark.usefixtures("app")
def test_the_trace_says_by_which_certificate_no_tax_is_due() -> None:
    gross, net, customer = make_channel(), make_channel(tax_display=TaxDisplay.NET), make_customer()
    make_tax_zone("DE", standard=190_000)
    granted = grant(customer)
    for channel, off, paid in ((gross, 319, 1680), (net, 0, 1999)):
        found = quote(channel, make_priced_variant(channel, 1999), customer)
        (line,) = found.lines
        assert line.steps[1:] == (
            Step(kind=StepKind.TAX_REMOVED, label="Tax exempt, certificate DE-1", amount=Money(-off, "EUR")),
        )
        assert (line.net.amount, line.tax.amount, line.gross.amount) == (paid, 0, paid)
        assert (line.tax_rate_ppm, line.tax_name) == (0, "Tax exempt")
        assert (found.exemption, found.reverse_charge) == (Exemption(granted.id, "DE-1"), False)
        assert found.tax_removed == Money(off, "EUR")


def reader() -> dict[str, str]:
    return staff_headers(Permission.TAXES_READ)


def writer() -> dict[str, str]:
    return staff_headers(Permission.TAXES_WRITE)


def test_staff_grant_list_and_end_an_exemption(client: FlaskClient) -> None:
    customer = make_customer()
    path = f"/v1/admin/customers/{customer.id}/tax-exemptions"
    with clock.held_at(datetime.fromisoformat("2026-06-01T00:00:00+00:00")):
        granted = client.post(path, json=GRANTED, headers=writer())
        assert granted.status_code == 201
        assert granted.json == GRANTED | {
            "id": granted.json["id"], "customer_id": str(customer.id), "region": None, "valid_until": None,
            "valid_from": "2026-06-01T00:00:00Z", "created_at": "2026-06-01T00:00:00Z",
        }  # fmt: skip
        clock.advance(timedelta(days=1))
        ended = client.post(f"{path}/{granted.json['id']}/end", headers=writer())
        assert ended.json == granted.json | {"valid_until": "2026-06-02T00:00:00Z"}
        clock.advance(timedelta(days=1))
        assert client.post(f"{path}/{granted.json['id']}/end", headers=writer()).json == ended.json
        another = client.post(path, json=GRANTED | {"region": "by", "certificate": " B-1 "}, headers=writer()).json
        assert (another["region"], another["certificate"]) == ("BY", "B-1")
        assert client.get(path, headers=reader()).json == {"items": [another, ended.json]}


def test_an_exemption_that_has_not_begun_never_will_once_it_is_ended(client: FlaskClient) -> None:
    customer = make_customer()
    path = f"/v1/admin/customers/{customer.id}/tax-exemptions"
    begins = (clock.now() + timedelta(days=5)).replace(microsecond=0)
    body = GRANTED | {"valid_from": begins.isoformat(), "valid_until": (begins + timedelta(days=5)).isoformat()}
    granted = client.post(path, json=body, headers=writer()).json
    ended = client.post(f"{path}/{granted['id']}/end", headers=writer()).json
    assert ended["valid_until"] == ended["valid_from"] == granted["valid_from"]
    channel = make_channel()
    make_tax_zone("DE", standard=190_000)
    assert bears_tax(quote(channel, make_priced_variant(channel, 1999), customer, at=begins))


def test_what_cannot_be_granted_or_ended_is_refused(client: FlaskClient) -> None:
    customer, another = make_customer(), make_customer()
    path = f"/v1/admin/customers/{customer.id}/tax-exemptions"
    backwards = GRANTED | {"valid_from": "2026-06-02T00:00:00Z", "valid_until": "2026-06-02T00:00:00Z"}
    refused = client.post(path, json=backwards, headers=writer())
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/valid_until")
    assert client.post(path, json=GRANTED | {"certificate": "  "}, headers=writer()).status_code == 422
    nobody = client.post(f"/v1/admin/customers/{uuid4()}/tax-exemptions", json=GRANTED, headers=writer())
    assert (nobody.status_code, nobody.json["type"].split("/")[-1]) == (404, "unknown-customer")
    assert client.get(path, headers=reader()).json == {"items": []}
    theirs = client.post(path, json=GRANTED, headers=writer()).json["id"]
    of_another = f"/v1/admin/customers/{another.id}/tax-exemptions/{theirs}/end"
    assert client.post(of_another, headers=writer()).status_code == 404
    assert client.get(path, headers=reader()).json["items"][0]["valid_until"] is None


def test_who_may_only_read_grants_nothing(client: FlaskClient) -> None:
    member = make_staff(Permission.TAXES_READ, Permission.CUSTOMERS_WRITE)
    path = f"/v1/admin/customers/{make_customer().id}/tax-exemptions"
    assert client.post(path, json=GRANTED, headers=staff_headers(member=member)).status_code == 403
    assert client.get(path, headers=reader()).json == {"items": []}


def test_an_exemption_that_ends_in_the_midst_of_a_checkout_is_told_with_the_new_total(
    client: FlaskClient, shop: Shop
) -> None:
    customer = make_customer()
    granted = grant(customer)
    buyer = Buyer(client, shop, signed_in={"Authorization": customer_headers(customer)["Authorization"]})
    buyer.fills_a_cart(shop.product(price=1999))
    with transaction():
        exemptions.end(customer.id, granted.id)
    refused = buyer.said(buyer.asks_to_order(), 409)
    assert (refused["type"].split("/")[-1], refused["total"]["amount"]) == ("price-changed", 2489)


def test_tax_example_d_a_reseller_and_the_order_keeps_it(client: FlaskClient, shop: Shop) -> None:
    customer = make_customer()
    granted = grant(customer)
    buyer = Buyer(client, shop, signed_in={"Authorization": customer_headers(customer)["Authorization"]})
    buyer.fills_a_cart(shop.product(price=1999))
    cart = buyer.cart
    assert [cart[name]["amount"] for name in ("subtotal", "shipping_total", "tax", "tax_removed", "total")] == [
        1999, 490, 0, 397, 2092,
    ]  # fmt: skip
    assert (cart["items"][0]["gross"]["amount"], cart["shipping"]["gross"]["amount"]) == (1680, 412)
    assert cart["taxes"] == [
        {
            "rate_ppm": 0,
            "name": "Tax exempt",
            "net": {"amount": 2092, "currency": "EUR"},
            "tax": {"amount": 0, "currency": "EUR"},
        }
    ]
    buyer.orders()
    with transaction():
        exemptions.end(customer.id, granted.id)
    buyer.pays()
    order = buyer.looks_at_the_order()
    assert (order["tax_exemption"], order["total"]["amount"], order["tax_removed"]["amount"]) == ("DE-1", 2092, 397)
    assert order["lines"][0]["steps"][-1]["label"] == "Tax exempt, certificate DE-1"
    assert order["shipping_steps"][-1]["amount"]["amount"] == -78
    assert order["payment_status"] == "paid"
    audit()
