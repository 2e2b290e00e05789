"""What is copied is what the services would have written of the same products."""

from uuid import UUID

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import OptionDraft, OptionLabels, ProductDraft, TranslationDraft, VariantDraft
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.service import PriceTag
from shopwright.kit import outbox
from shopwright.kit.money import Money
from shopwright.kit.principal import SYSTEM, acting_as
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.golden import frame as frames
from shopwright.listeners.search.golden import loader, texts
from shopwright.listeners.search.golden.frame import Frame
from shopwright.listeners.search.golden.things import Offer, Thing, things
from shopwright.settings import Settings
from tests.empty_shops import empty_shop
from tests.scale.test_generator import said

PRODUCTS = 36


def test_every_row_says_what_the_services_write_of_the_same_products(settings: Settings) -> None:
    with empty_shop(settings) as (_, database):
        loader.load(database, PRODUCTS)
        # By which the set is known again; products that staff make have none.
        database.execute("UPDATE products SET external_reference = NULL WHERE external_reference LIKE 'golden:%'")
        copied = said(database)
    with empty_shop(settings) as (_, database):
        frame = frames.make(things(PRODUCTS))
        outbox.drain()
        for thing in things(PRODUCTS):
            make_by_services(frame, thing)
        outbox.drain()
        served = said(database)
    for table, rows in copied.items():
        assert rows == served[table], table


def make_by_services(frame: Frame, thing: Thing) -> None:
    with acting_as(SYSTEM), transaction():
        made = catalog.create_product(draft(frame, thing))
        pairs = [*zip(made.variants, thing.offers, strict=True)]
        pricing.set_prices([tag(frame, row.id, offer) for row, offer in pairs])
        stock.set_counts({(row.id, frame.location_id): offer.stock for row, offer in pairs}, Reason.RECEIPT)


def tag(frame: Frame, variant_id: UUID, offer: Offer) -> PriceTag:
    before = None if offer.compare_at is None else Money(offer.compare_at, "EUR")
    return PriceTag(
        variant_id=variant_id,
        channel_id=frame.channel_id,
        compare_at=before,
        price=Money(offer.amount, "EUR"),
        cost=None,
    )


def draft(frame: Frame, thing: Thing) -> ProductDraft:
    named = {"colour": "Farbe", "size": "Größe"}
    said = {each["en"]: each["de"] for each in (thing.shelf.colours[colour].texts for colour in thing.colours)}
    options = []
    if thing.colours:
        options.append(OptionDraft(name="Colour", labels={"de": OptionLabels(name=named["colour"], values=said)}))
    if thing.sizes:
        options.append(OptionDraft(name="Size", labels={"de": OptionLabels(name=named["size"])}))
    german = TranslationDraft(title=texts.title(thing, "de"), description=texts.description(thing, "de"))
    return ProductDraft(
        title=texts.title(thing, "en"), slug=thing.model.lower(), description=texts.description(thing, "en"),
        brand=texts.brand(thing), product_type_id=frame.types[thing.shelf.code], category_ids=[frame.shelves[thing.kind]],
        attributes=texts.answers_shown(thing), options=options, translations={"de": german} if thing.is_translated else {},
        variants=[
            VariantDraft(
                sku=offer.sku, barcode=offer.barcode, weight_grams=500,
                option_values=[
                    *([thing.shelf.colours[offer.colour].texts["en"]] if offer.colour else []),
                    *([offer.size] if offer.size else []),
                ],
            )
            for offer in thing.offers
        ],
        is_published=True,
    )  # fmt: skip
