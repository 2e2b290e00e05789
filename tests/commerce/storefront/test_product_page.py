from typing import Any

from flask.testing import FlaskClient

from shopwright.commerce.catalog import categories
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import (
    MediaDraft,
    OptionDraft,
    OptionLabels,
    TranslationDraft,
    VariantDraft,
)
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.kit import outbox
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.commerce.storefront.conftest import Shop
from tests.make import make_product_on_sale

EUR = "EUR"
SIZES = {
    "options": [OptionDraft(name="Size", values=["S", "L"], labels={"de": OptionLabels(name="Größe")})],
    "variants": [VariantDraft(option_values=["S"], sku="MUG-S"), VariantDraft(option_values=["L"], sku="MUG-L")],
}


def page(client: FlaskClient, shop: Shop, slug: str, **asked: str) -> dict[str, Any]:
    answer = client.get(f"/v1/products/{slug}", query_string={"channel": shop.eu.code} | asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def test_a_product_page_has_all_that_is_needed_to_choose(client: FlaskClient, shop: Shop) -> None:
    with transaction():
        mugs = categories.category("Kitchen", "Mugs")
    product_id, (small, large) = make_product_on_sale(
        {shop.eu: 1000}, title="Mug", brand="Delft", description="<p>Blue.</p>", tags=["blue"],
        category_ids=[mugs.id], media=[MediaDraft(source="https://pictures.example/mug.jpg", alt="A mug")], **SIZES,
    )  # fmt: skip
    with transaction():
        pricing.set_price(large, shop.eu.id, Money(1500, EUR), compare_at=Money(1800, EUR), cost=Money(431, EUR))
        stock.set_count(large, shop.berlin, 2, Reason.RECEIPT)
    shown = page(client, shop, "mug")
    assert (shown["id"], shown["title"], shown["brand"]["name"]) == (str(product_id), "Mug", "Delft")
    assert (shown["channel"], shown["locale"]) == (shop.eu.code, "en")
    assert (shown["description"], shown["tags"]) == ("<p>Blue.</p>", ["blue"])
    assert [option["label"] for option in shown["options"]] == ["Size"]
    assert [crumb["title"] for crumb in shown["breadcrumb"]] == ["Kitchen", "Mugs"]
    assert [(media["url"], media["alt"]) for media in shown["media"]] == [("https://pictures.example/mug.jpg", "A mug")]
    keys = ("id", "sku", "price", "compare_at_price", "is_available")
    assert [tuple(variant[key] for key in keys) for variant in shown["variants"]] == [
        (str(small), "MUG-S", {"amount": 1000, "currency": EUR}, None, False),
        (str(large), "MUG-L", {"amount": 1500, "currency": EUR}, {"amount": 1800, "currency": EUR}, True),
    ]
    assert (shown["price"]["amount"], shown["highest_price"]["amount"], shown["compare_at_price"]) == (1000, 1500, None)
    assert shown["is_available"] is True


def test_it_speaks_the_shoppers_language(client: FlaskClient, shop: Shop) -> None:
    german = TranslationDraft(title="Becher", slug="becher", description="<p>Blau.</p>")
    make_product_on_sale({shop.eu: 1000}, title="Mug", translations={"de": german}, **SIZES)
    shown = page(client, shop, "mug", locale="de")
    assert (shown["title"], shown["slug"], shown["description"]) == ("Becher", "becher", "<p>Blau.</p>")
    assert (shown["locale"], shown["options"][0]["label"]) == ("de", "Größe")
    assert page(client, shop, "becher")["title"] == "Mug"
    assert page(client, shop, "mug", locale="de-CH")["title"] == "Becher"


def test_an_old_slug_leads_to_the_product_and_names_the_new_one(client: FlaskClient, shop: Shop) -> None:
    product_id, _ = make_product_on_sale({shop.eu: 1000}, title="Mug")
    with transaction():
        catalog.change_product(product_id, {"slug": "beaker"})
    for slug in ("mug", "beaker"):
        answer = client.get(f"/v1/products/{slug}", query_string={"channel": shop.eu.code})
        assert answer.json["slug"] == "beaker"  # type: ignore[index]
        assert answer.headers["Link"] == '</v1/products/beaker>; rel="canonical"'


def test_each_channel_has_its_own_page(client: FlaskClient, shop: Shop) -> None:
    _, (small, large) = make_product_on_sale({shop.us: 1000}, title="Mug", **SIZES)
    assert client.get("/v1/products/mug", query_string={"channel": shop.eu.code}).status_code == 404
    with transaction():
        pricing.set_price(large, shop.eu.id, Money(900, EUR))
    # What has no price in a channel is not sold there.
    assert [variant["id"] for variant in page(client, shop, "mug")["variants"]] == [str(large)]
    overseas = page(client, shop, "mug", channel=shop.us.code)
    assert [(v["id"], v["price"]) for v in overseas["variants"]] == [
        (str(small), {"amount": 1000, "currency": "USD"}),
        (str(large), {"amount": 1000, "currency": "USD"}),
    ]


def test_what_is_not_published_is_not_there(client: FlaskClient, shop: Shop) -> None:
    product_id, _ = make_product_on_sale({shop.eu: 1000}, title="Draft", is_published=False)
    asked = {"channel": shop.eu.code}

    def seen() -> tuple[int, int]:
        outbox.drain()
        listed = client.get("/v1/products", query_string=asked).json["items"]  # type: ignore[index]
        return client.get("/v1/products/draft", query_string=asked).status_code, len(listed)

    assert seen() == (404, 0)
    with transaction():
        catalog.publish(product_id)
    assert seen() == (200, 1)
    with transaction():
        catalog.unpublish(product_id)
    # Also before the listing has heard of it.
    assert client.get("/v1/products", query_string=asked).json["items"] == []  # type: ignore[index]
    assert seen() == (404, 0)
    with transaction():
        catalog.publish(product_id)
        catalog.archive(product_id)
    assert seen() == (404, 0)


def test_s4_what_something_costs_the_shop_is_never_shown(client: FlaskClient, shop: Shop) -> None:
    _, (variant_id,) = make_product_on_sale({shop.eu: 1000}, on_hand={shop.berlin: 7_654_321}, title="Mug")
    with transaction():
        pricing.set_price(variant_id, shop.eu.id, Money(1000, EUR), cost=Money(431_337, EUR))
    outbox.drain()
    for path in ("/v1/products", "/v1/products/mug", "/v1/categories", "/v1/collections"):
        answer = client.get(path, query_string={"channel": shop.eu.code})
        assert answer.status_code == 200
        for secret in ("431337", "cost", "7654321", "on_hand", "external_reference"):
            assert secret not in answer.text


def test_a_copy_that_is_still_good_is_not_sent_again(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.eu: 1000}, title="Mug")
    asked = {"channel": shop.eu.code}
    first = client.get("/v1/products/mug", query_string=asked)
    assert first.headers["Cache-Control"] == "public, s-maxage=1"
    again = client.get("/v1/products/mug", query_string=asked, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
