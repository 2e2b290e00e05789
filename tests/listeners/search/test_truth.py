"""The index follows the shop, and an answer never says what is not true."""

from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select, text

from shopwright.commerce.catalog import brands, categories, variants
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import OptionDraft, VariantDraft
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import documents, engines, indexing, states
from shopwright.listeners.search.backend import Gone, Written
from shopwright.listeners.search.models import SearchState
from tests.listeners.search.conftest import Find, Shop, index, titles
from tests.make import make_product_on_sale
from tests.sent import statements


def test_a_price_a_text_and_stock_are_found_as_they_are_now(shop: Shop, find: Find) -> None:
    product_id, (variant_id,) = shop.sells("Mug", 1000)
    index()
    with transaction():
        catalog.change_product(product_id, {"title": "Beaker"})
        pricing.set_price(variant_id, shop.eu.id, Money(3000, "EUR"))
        stock.set_count(variant_id, shop.berlin, 0, Reason.COUNT)
    index()
    assert find("mug")["total"] == 0
    (item,) = find("beaker")["items"]
    assert (item["price"]["amount"], item["is_available"]) == (3000, False)
    assert find("beaker", available="true")["total"] == 0
    assert find("beaker", price_min=3000, price_max=3000)["total"] == 1


def test_what_is_taken_off_sale_is_gone_before_the_index_knows(shop: Shop, find: Find) -> None:
    product_id, _ = shop.sells("Mug")
    index()
    with transaction():
        catalog.unpublish(product_id)
    assert find("mug")["items"] == []
    index()
    assert find("mug")["total"] == 0
    with transaction():
        catalog.publish(product_id)
    index()
    assert titles(find("mug")) == ["Mug"]


def test_no_channel_sees_what_another_sells(client: FlaskClient, shop: Shop) -> None:
    make_product_on_sale({shop.us: 1000}, title="Mug of the States")
    index()
    for channel, count in ((shop.eu, 0), (shop.us, 1)):
        answer = client.get("/v1/search", query_string={"q": "mug", "channel": channel.code})
        assert answer.get_json()["total"] == count


def test_a_change_reaches_every_channel_and_language(client: FlaskClient, shop: Shop) -> None:
    product_id, _ = make_product_on_sale({shop.eu: 1000, shop.us: 1200}, title="Mug")
    index()
    with transaction():
        catalog.change_product(product_id, {"title": "Beaker"})
    index()
    for channel in (shop.eu, shop.us):
        for locale in channel.locales:
            asked = {"q": "beaker", "channel": channel.code, "locale": locale}
            assert client.get("/v1/search", query_string=asked).get_json()["total"] == 1, (channel.code, locale)


def test_a_language_that_a_channel_names_twice_is_spoken_once(shop: Shop, find: Find) -> None:
    with transaction():
        session.get_one(Channel, shop.eu.id).locales = ["en", "de", "en"]
    shop.sells("Mug")
    index()
    assert titles(find("mug")) == ["Mug"]
    with transaction():
        assert session.scalars(text("SELECT count(*) FROM search_offers GROUP BY locale")).all() == [1, 1]
        assert states.lag().waiting == 0


def test_a_renamed_brand_or_category_is_found_by_its_new_name(shop: Shop, find: Find) -> None:
    with transaction():
        category = categories.create_category(title="Crockery")
    shop.sells("Mug", brand="Old Kiln", category_ids=[category.id])
    index()
    assert titles(find("crockery old kiln")) == ["Mug"]
    with transaction():
        categories.change_category(category.id, {"title": "Tableware"})
        brands.change_brand(brands.brand("Old Kiln").id, {"name": "New Kiln"})
    index()
    assert titles(find("tableware new kiln")) == ["Mug"]
    assert find("crockery", category="crockery")["total"] == 0


def test_the_variant_that_fits_is_shown_with_its_own_price(shop: Shop, find: Find) -> None:
    options = [OptionDraft(name="Colour"), OptionDraft(name="Size")]
    made = [["Red", "S"], ["Red", "M"], ["Blue", "M"]]
    _, ids = shop.sells("Shirt", options=options, variants=[VariantDraft(option_values=values) for values in made])
    with transaction():
        for variant_id, amount in zip(ids, (1000, 1500, 1200), strict=True):
            pricing.set_price(variant_id, shop.eu.id, Money(amount, "EUR"))
    index()
    (item,) = find("shirt", option=["colour:Red", "size:M"])["items"]
    assert (item["variant"]["id"], item["variant"]["title"]) == (str(ids[1]), "Red / M")
    assert item["variant"]["price"]["amount"] == 1500
    # No variant is blue and small, though one is blue and one is small.
    assert find("shirt", option=["colour:Blue", "size:S"])["total"] == 0
    assert find("shirt", option=["colour:Red", "size:M"], price_max=1200)["total"] == 0


def test_a_variant_that_can_be_had_is_shown_before_one_that_cannot(shop: Shop, find: Find) -> None:
    _, ids = shop.sells(
        "Shirt", options=[OptionDraft(name="Size")],
        variants=[VariantDraft(option_values=["S"]), VariantDraft(option_values=["M"])],
    )  # fmt: skip
    with transaction():
        stock.set_count(ids[0], shop.berlin, 0, Reason.COUNT)
    index()
    (item,) = find("shirt")["items"]
    assert item["variant"]["id"] == str(ids[1])


def test_an_older_version_never_overwrites_a_newer_one(shop: Shop) -> None:
    product_id, _ = shop.sells("Mug")
    with reading():
        (built,) = documents.build({product_id: 7})["en"].documents
    with transaction():
        assert [each.written for each in engines.postgres.write("en", [built])] == [Written.DONE]
        (older,) = engines.postgres.delete("en", [Gone(product_id, 6)])
        assert older.written is Written.STALE
        assert engines.postgres.versions("en", None, 10) == [(product_id, 7)]
        assert [each.written for each in engines.postgres.delete("en", [Gone(product_id, 8)])] == [Written.DONE]
        # A late write does not bring it back.
        assert [each.written for each in engines.postgres.write("en", [built])] == [Written.STALE]
        assert engines.postgres.versions("en", None, 10) == []


def test_a_change_while_it_is_indexed_waits_for_the_next_round(shop: Shop) -> None:
    product_id, _ = shop.sells("Mug")
    outbox.drain()
    with transaction():
        claimed = states.claim(10)
        states.touch([product_id])
    with transaction():
        states.settle(claimed)
        again = states.claim(10)
        assert [*again] == [product_id]
        assert again[product_id] > claimed[product_id]


def test_whoever_claims_products_has_them_alone(shop: Shop) -> None:
    shop.sells("Mug")
    outbox.drain()
    with transaction():
        assert len(states.claim(10)) == 1
        assert states.claim(10) == {}


def test_documents_of_many_products_take_as_many_statements_as_of_one(shop: Shop) -> None:
    one = [shop.sells("Mug")[0]]
    many = one + [shop.sells(f"Mug {number}")[0] for number in range(10)]

    def asked(product_ids: list[UUID]) -> int:
        with reading(), statements() as sent:
            documents.build(dict.fromkeys(product_ids, 1))
        return len(sent)

    assert asked(many) == asked(one)


def test_an_archived_variant_is_found_by_its_number_no_more(shop: Shop, find: Find) -> None:
    product_id, ids = shop.sells(
        "Shirt", options=[OptionDraft(name="Size")],
        variants=[VariantDraft(option_values=["S"], sku="SHIRT-001"), VariantDraft(option_values=["M"], sku="SHIRT-002")],
    )  # fmt: skip
    index()
    assert find("shirt-001")["query"]["level"] == "code"
    with transaction():
        variants.archive_variant(product_id, ids[0])
    index()
    assert find("shirt-001")["query"]["level"] != "code"


def test_the_index_is_made_anew_from_nothing(shop: Shop, find: Find) -> None:
    shop.sells("Mug")
    index()
    with transaction():
        session.execute(text("DELETE FROM search_documents"))
        session.execute(text("DELETE FROM search_states"))
    assert find("mug")["total"] == 0
    with transaction():
        states.touch_all()
    assert indexing.run() == 1
    assert titles(find("mug")) == ["Mug"]
    with transaction():
        assert session.scalars(select(SearchState.dirty_at)).all() == [None]
