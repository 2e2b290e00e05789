"""The section "Tax" of the guide to prices: its worked examples, and the rules between them."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel, ShippingTax, TaxDisplay, TaxRounding
from shopwright.commerce.pricing import service
from shopwright.commerce.pricing.quotes import Basket, BasketLine, Quote, StepKind
from shopwright.commerce.taxes import exemptions
from shopwright.kit import ids
from shopwright.kit.transaction import reading, transaction
from tests.auditor import audit
from tests.make import (
    make_channel,
    make_customer,
    make_priced_variant,
    make_shipping_method,
    make_shipping_zone,
    make_tax_zone,
    staff_headers,
)
from tests.shopping import ADDRESS, Buyer, make_shop

pytestmark = pytest.mark.usefixtures("app")

FRENCH, GERMAN, AUSTRIAN = "FR40303265045", "DE136695976", "ATU13585627"


def set_up(channel: Channel, **changes: Any) -> None:
    with transaction():
        channels.change_channel(channel.id, changes)


def quote(channel: Channel, *lines: tuple[UUID, int], **more: Any) -> Quote:
    wanted = tuple(BasketLine(line_id=ids.new(), variant_id=id_, quantity=count) for id_, count in lines)
    with reading():
        return service.quote(Basket(channel_id=channel.id, locale="en", lines=wanted, **more))


def taxes_of(quoted: Quote) -> list[int]:
    """Of the lines, by variant id."""
    return [line.tax.amount for line in sorted(quoted.lines, key=lambda line: line.variant_id)]


def test_a_new_channel_rounds_by_line_ships_at_its_own_rate_and_has_rates() -> None:
    channel = make_channel()
    assert (channel.tax_rounding, channel.shipping_tax, channel.tax_source) == ("line", "own", "rates")


@pytest.mark.parametrize(
    ("display", "price", "by_line", "by_order"),
    [(TaxDisplay.NET, 50, [10, 10, 10], [10, 10, 9]), (TaxDisplay.GROSS, 99, [16, 16, 16], [16, 16, 15])],
    ids=["tax example A: net", "tax example B: gross"],
)
def test_tax_examples_a_and_b(display: TaxDisplay, price: int, by_line: list[int], by_order: list[int]) -> None:
    channel = make_channel(tax_display=display)
    make_tax_zone("DE", standard=190_000)
    bought = [(make_priced_variant(channel, price), 1) for _ in range(3)]
    before = quote(channel, *reversed(bought))
    assert (taxes_of(before), before.tax.amount) == (by_line, sum(by_line))
    set_up(channel, tax_rounding=TaxRounding.ORDER)
    after = quote(channel, *reversed(bought))
    assert (taxes_of(after), after.tax.amount) == (by_order, sum(by_order))
    assert after.total.amount == 3 * price + (sum(by_order) if display == TaxDisplay.NET else 0)
    assert all(line.net + line.tax == line.gross for line in after.lines)


def test_by_order_each_rate_is_rounded_by_itself_and_shipping_with_its_own() -> None:
    channel = make_channel(tax_display=TaxDisplay.NET)
    make_tax_zone("DE", standard=190_000, reduced=70_000)
    mug, book = make_priced_variant(channel, 50), make_priced_variant(channel, 350, tax_class="reduced")
    method = make_shipping_method(make_shipping_zone(), channel, 50)
    set_up(channel, tax_rounding=TaxRounding.ORDER)
    found = quote(channel, (mug, 1), (book, 1), shipping_method_id=method.id)
    assert found.shipping is not None
    # 19 % of 1.00 are 0.19, one cent to be had by the line before shipping; 7 % of 3.50 are 0.245.
    assert (taxes_of(found), found.shipping.tax.amount) == ([10, 25], 9)
    assert [(entry.name, entry.tax.amount) for entry in found.taxes] == [("VAT 19 %", 19), ("VAT 7 %", 25)]


def test_tax_example_c_a_book_and_a_mug() -> None:
    channel = make_channel()
    make_tax_zone("DE", standard=190_000, reduced=70_000)
    book, mug = make_priced_variant(channel, 6000, tax_class="reduced"), make_priced_variant(channel, 1200)
    method = make_shipping_method(make_shipping_zone(), channel, 490)

    def shipping_tax(*lines: tuple[UUID, int]) -> tuple[int, str]:
        found = quote(channel, *lines, shipping_method_id=method.id).shipping
        assert found is not None
        return found.tax.amount, found.tax_name

    assert shipping_tax((book, 1), (mug, 1)) == (78, "VAT 19 %")
    set_up(channel, shipping_tax=ShippingTax.MAIN)
    assert shipping_tax((book, 1), (mug, 1)) == (32, "VAT 7 %")
    # Of equals the higher rate; and what counts is what all goods of a rate cost together.
    assert shipping_tax((book, 1), (mug, 5)) == (78, "VAT 19 %")
    assert shipping_tax((book, 1), (mug, 4)) == (32, "VAT 7 %")


def test_the_main_rate_may_be_none_and_gift_cards_do_not_count() -> None:
    shop = make_shop()
    channel = shop.channel
    set_up(channel, shipping_tax=ShippingTax.MAIN)
    free = make_priced_variant(channel, 5000, tax_class="untaxed")
    mug, card = shop.product(price=1000), shop.product(price=9000, is_gift_card=True)
    taxed = quote(channel, (mug, 1), (card, 1), shipping_method_id=shop.method_id)
    assert taxed.shipping is not None and taxed.shipping.tax.amount == 78
    untaxed = quote(channel, (mug, 1), (free, 1), shipping_method_id=shop.method_id)
    assert untaxed.shipping is not None
    assert (untaxed.shipping.tax.amount, untaxed.shipping.tax_name) == (0, "")


def test_tax_example_e_a_bar_in_lyon() -> None:
    channel = make_channel(countries=["DE", "FR", "AT", "CH"])
    make_tax_zone("DE", standard=200_000)
    make_tax_zone("FR", standard=200_000)
    glass = make_priced_variant(channel, 400)

    def paid(country: str | None, vat_id: str | None) -> tuple[int, int, bool]:
        found = quote(channel, (glass, 6), country=country, vat_id=vat_id)
        assert found.vat_id == vat_id
        return found.total.amount, found.tax.amount, found.reverse_charge

    assert paid("FR", FRENCH) == (2000, 0, True)
    assert paid("FR", AUSTRIAN) == (2000, 0, True)
    assert paid("FR", None) == (2400, 400, False)
    assert paid("FR", GERMAN) == (2400, 400, False)
    assert paid("DE", FRENCH) == (2400, 400, False)
    assert paid(None, FRENCH) == (2400, 400, False)
    assert paid("CH", FRENCH) == (2400, 0, False)
    assert paid("FR", "CHE107787577IVA") == (2400, 400, False)
    assert paid("FR", "XI980780684") == (2400, 400, False)


def test_a_shop_outside_the_eu_knows_no_reverse_charge() -> None:
    channel = make_channel(countries=["CH", "FR"])
    make_tax_zone("FR", standard=200_000)
    assert not quote(channel, (make_priced_variant(channel, 400), 1), country="FR", vat_id=AUSTRIAN).reverse_charge


def test_what_is_not_shipped_is_taxed_as_for_anybody() -> None:
    channel = make_channel(countries=["DE", "FR"])
    make_tax_zone("FR", standard=200_000)
    file = make_priced_variant(channel, 1200, requires_shipping=False)
    assert quote(channel, (file, 1), country="FR", vat_id=FRENCH).tax.amount == 200
    mug = make_priced_variant(channel, 1200)
    both = quote(channel, (file, 1), (mug, 1), country="FR", vat_id=FRENCH)
    assert (both.reverse_charge, both.total.amount) == (True, 2000)


def test_reverse_charge_is_in_the_trace_and_in_the_taxes() -> None:
    channel = make_channel(countries=["DE", "FR"], tax_display=TaxDisplay.NET)
    make_tax_zone("FR", standard=200_000)
    found = quote(channel, (make_priced_variant(channel, 1000), 1), country="FR", vat_id=FRENCH)
    (line,) = found.lines
    last = line.steps[-1]
    assert (last.kind, last.label, last.amount.amount) == (StepKind.TAX_REMOVED, "Reverse charge", 0)
    assert [(entry.rate_ppm, entry.name, entry.net.amount, entry.tax.amount) for entry in found.taxes] == [
        (0, "Reverse charge", 1000, 0)
    ]
    assert (found.total.amount, found.tax_removed and found.tax_removed.amount) == (1000, 0)


def test_staff_see_beforehand_what_a_vat_id_changes(client: FlaskClient) -> None:
    channel = make_channel(countries=["DE", "FR"])
    make_tax_zone("FR", standard=200_000)
    bought = {"channel": channel.code, "lines": [{"variant_id": str(make_priced_variant(channel, 1200))}]}

    def previewed(vat_id: str) -> Any:
        body = bought | {"country": "FR", "vat_id": vat_id}
        return client.post("/v1/admin/carts/preview", json=body, headers=staff_headers(Permission.PROMOTIONS_READ))

    seen = previewed("FR 40 303 265 045").json
    assert (seen["reverse_charge"], seen["total"]["amount"], seen["tax_removed"]["amount"]) == (True, 1000, 200)
    refused = previewed("FR41303265045")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/vat_id")


def test_an_exemption_goes_before_reverse_charge() -> None:
    channel, customer = make_channel(countries=["DE", "FR"]), make_customer()
    make_tax_zone("FR", standard=200_000)
    with transaction():
        exemptions.grant(customer.id, country="FR", region=None, certificate="F-1", reason="Seen.")
    found = quote(channel, (make_priced_variant(channel, 400), 1), country="FR", vat_id=FRENCH, customer_id=customer.id)
    assert (found.reverse_charge, found.exemption and found.exemption.certificate) == (False, "F-1")


@pytest.mark.parametrize("rounding", TaxRounding)
def test_a_reverse_charge_order_is_placed_paid_and_audited(client: FlaskClient, rounding: TaxRounding) -> None:
    shop = make_shop()
    set_up(shop.channel, tax_rounding=rounding)
    make_tax_zone("AT", standard=200_000)
    make_shipping_method(make_shipping_zone("AT"), shop.channel, 490)
    buyer = Buyer(client, shop)
    buyer.opens_a_cart()
    for price in (333, 1, 1999):
        buyer.takes(shop.product(price=price))
    vienna = ADDRESS | {"country_code": "AT", "postal_code": "1010", "city": "Wien"}
    path = f"/v1/carts/{buyer.cart['id']}"
    said = {"email": "a@example.com", "shipping_address": vienna, "vat_id": "ATU 13585627"}
    buyer.said(buyer.send("PATCH", path, said), 200)
    (offered,) = buyer.said(buyer.send("GET", f"{path}/shipping-methods"), 200)["items"]
    buyer._keep(buyer.said(buyer.send("PATCH", path, {"shipping_method_id": offered["method_id"]}), 200))
    assert buyer.cart["reverse_charge"]
    order = buyer.orders()
    assert (order["reverse_charge"], order["vat_id"], order["tax"]["amount"]) == (True, "ATU13585627", 0)
    # By line 0.555, 0.0017, 3.3317 and 0.8167 are in it; by order 4.705 of 28.23.
    removed = {TaxRounding.LINE: 56 + 0 + 333 + 82, TaxRounding.ORDER: 471}[rounding]
    assert (order["tax_removed"]["amount"], order["total"]["amount"]) == (removed, 2823 - removed)
    buyer.pays()
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
    audit()
