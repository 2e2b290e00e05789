"""Facts that may change what a listing says, or only what a page shows. What is true now is read from the rows."""

from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.events import (
    BrandChanged,
    CategoryChanged,
    CollectionChanged,
    ProductChanged,
    ProductTypeChanged,
)
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels.events import ChannelChanged
from shopwright.commerce.inventory.events import LocationChanged, StockChanged
from shopwright.commerce.inventory.models import StockLevel
from shopwright.commerce.pricing.events import PriceChanged, PriceListChanged
from shopwright.commerce.promotions.events import PromotionChanged
from shopwright.commerce.storefront import service, walks
from shopwright.commerce.storefront.models import ShelvedListing
from shopwright.kit.db import session
from shopwright.kit.events import subscriber


@subscriber(ProductChanged)
def relist_product(fact: ProductChanged) -> None:
    service.relist([fact.product_id])


@subscriber(PriceChanged)
def relist_priced(fact: PriceChanged) -> None:
    service.relist(catalog.products_of([fact.variant_id]).values())


@subscriber(StockChanged)
def relist_stocked(fact: StockChanged) -> None:
    service.relist(catalog.products_of([fact.variant_id]).values())


@subscriber(CategoryChanged)
def relist_category(fact: CategoryChanged) -> None:
    listed = select(ShelvedListing.product_id).where(ShelvedListing.category_id == fact.category_id)
    service.relist({*_ids(catalog.products_in_category(fact.category_id)), *_ids(listed)})


@subscriber(ProductTypeChanged)
def relist_product_type(fact: ProductTypeChanged) -> None:
    service.relist(_ids(select(Product.id).where(Product.product_type_id == fact.product_type_id)))


@subscriber(LocationChanged)
def relist_location(fact: LocationChanged) -> None:
    stocked = select(Variant.product_id).join(StockLevel, StockLevel.variant_id == Variant.id)
    service.relist(_ids(stocked.where(StockLevel.location_id == fact.location_id).distinct()))


@subscriber(ChannelChanged)
def relist_channel(fact: ChannelChanged) -> None:
    # What it sells in which language from where: any product may be in it now, and another channel be the first.
    service.relist(_ids(select(Product.id)))


@subscriber(PromotionChanged)
def relist_promoted(fact: PromotionChanged) -> None:
    if fact.is_catalog:
        walks.begin()


@subscriber(PriceListChanged)
def relist_listed(fact: PriceListChanged) -> None:
    if fact.is_listed:
        walks.begin()


@subscriber(BrandChanged)
def show_brand(fact: BrandChanged) -> None:
    service.outdate()


@subscriber(CollectionChanged)
def show_collection(fact: CollectionChanged) -> None:
    service.outdate()


def _ids(found: Select[UUID]) -> list[UUID]:
    return list(session.scalars(found))
