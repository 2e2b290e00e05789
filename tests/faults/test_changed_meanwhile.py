"""F24, F25: what a shopper saw is not what is true any more when they order. Nothing is charged that was not shown."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.taxes import service as taxes
from shopwright.commerce.taxes.rates import Rate
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.faults.running import RunningShop
from tests.shopping import SHIPPING_PRICE, Buyer

Change = Callable[[RunningShop, UUID], None]


def other_tab(buyer: Buyer) -> Buyer:
    return Buyer(buyer.client, buyer.shop, cart=dict(buyer.cart))


def nothing_was_ordered(shop: RunningShop, buyer: Buyer, mug: UUID) -> None:
    assert shop.count("orders WHERE cart_id = %s", buyer.cart["id"]) == 0
    assert shop.sql("SELECT state FROM carts WHERE id = %s", buyer.cart["id"]) == [("open",)]
    assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(0,)]


def charged(shop: RunningShop, buyer: Buyer) -> int:
    buyer.pays()
    paid = buyer.looks_at_the_order()
    assert paid["payment_status"] == "paid"
    [(captured,)] = shop.sql("SELECT sum(captured_amount)::int FROM payments WHERE order_id = %s", buyer.order["id"])
    return int(captured)


def test_a_cart_edited_in_another_tab_is_shown_again_before_it_is_charged(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(price=1900), shop.buyer()
    buyer.fills_a_cart(mug)
    assert buyer.cart["total"]["amount"] == 1900 + SHIPPING_PRICE
    other_tab(buyer).takes(mug, quantity=2)
    refused = buyer.asks_to_order()
    shown = refused.get_json()
    assert (refused.status_code, shown["code"]) == (409, "price-changed")
    assert shown["total"]["amount"] == 3 * 1900 + SHIPPING_PRICE
    nothing_was_ordered(shop, buyer, mug)
    buyer.cart["total"] = shown["total"]
    assert buyer.orders()["total"] == shown["total"]
    assert charged(shop, buyer) == shown["total"]["amount"]


def test_a_cart_edited_in_another_tab_between_order_and_payment_changes_nothing(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(price=1900), shop.buyer()
    buyer.fills_a_cart(mug)
    other = other_tab(buyer)
    ordered = buyer.orders()
    edit = other.send("POST", f"/v1/carts/{buyer.cart['id']}/items", {"variant_id": str(mug), "quantity": 5})
    assert (edit.status_code, edit.get_json()["code"]) == (409, "cart-closed")
    assert charged(shop, buyer) == ordered["total"]["amount"] == 1900 + SHIPPING_PRICE


def dearer(shop: RunningShop, mug: UUID) -> None:
    pricing.set_price(mug, shop.market.channel.id, Money(2100, "EUR"))


def unpriced(shop: RunningShop, mug: UUID) -> None:
    pricing.remove_price(mug, shop.market.channel.id)


def unpublished(shop: RunningShop, mug: UUID) -> None:
    catalog.unpublish(product_of(shop, mug))


def archived(shop: RunningShop, mug: UUID) -> None:
    catalog.archive(product_of(shop, mug))


def product_of(shop: RunningShop, mug: UUID) -> UUID:
    [(product_id,)] = shop.sql("SELECT product_id FROM variants WHERE id = %s", mug)
    assert isinstance(product_id, UUID)
    return product_id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (dearer, "price-changed"),
        (unpriced, "items-unavailable"),
        (unpublished, "items-unavailable"),
        (archived, "items-unavailable"),
    ],
)
def test_what_changed_in_the_midst_of_a_checkout_is_refused_with_a_word(
    shop: RunningShop, change: Change, code: str
) -> None:
    mug, buyer = shop.market.product(price=1900), shop.buyer()
    buyer.fills_a_cart(mug)
    with transaction():
        change(shop, mug)
    refused = buyer.asks_to_order()
    said: dict[str, Any] = refused.get_json()
    assert (refused.status_code, said["code"]) == (409, code)
    assert (
        said["total"]["amount"] == 2100 + SHIPPING_PRICE if code == "price-changed" else said["variants"] == [str(mug)]
    )
    nothing_was_ordered(shop, buyer, mug)


def test_a_tax_that_changed_in_the_midst_of_a_checkout_never_changes_what_is_charged_unseen(shop: RunningShop) -> None:
    mug, buyer = shop.market.product(price=1900), shop.buyer()
    buyer.fills_a_cart(mug)
    [(zone_id,)] = shop.sql("SELECT id FROM tax_zones WHERE name = 'Germany'")
    with transaction():
        taxes.change_zone(zone_id, rates={"standard": Rate(70_000, "VAT 7 %")})
    try:
        ordered = buyer.orders()
        # The prices of this channel are gross, so the total is what was seen; what of it is tax follows the new rate.
        assert ordered["total"]["amount"] == buyer.cart["total"]["amount"]
        assert ordered["tax"]["amount"] == round(1900 * 7 / 107) + round(SHIPPING_PRICE * 7 / 107)
        assert charged(shop, buyer) == ordered["total"]["amount"]
    finally:
        with transaction():
            taxes.change_zone(zone_id, rates={"standard": Rate(190_000, "VAT 19 %")})
