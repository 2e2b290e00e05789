"""Facts after which a product may be found by something else, or for another price. What is true now is read later."""

from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.events import BrandChanged, CategoryChanged, ProductChanged, ProductTypeChanged
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels.events import ChannelChanged
from shopwright.commerce.inventory.events import LocationChanged, StockChanged
from shopwright.commerce.inventory.models import StockLevel
from shopwright.commerce.pricing.events import PriceChanged, PriceListChanged
from shopwright.commerce.promotions.events import PromotionChanged
from shopwright.kit.batches import batched
from shopwright.kit.db import session
from shopwright.kit.events import subscriber
from shopwright.listeners.search import states

CHUNK = 5_000


@subscriber(ProductChanged)
def index_product(fact: ProductChanged) -> None:
    states.touch([fact.product_id])


@subscriber(PriceChanged)
def index_priced(fact: PriceChanged) -> None:
    states.touch(catalog.products_of([fact.variant_id]).values())


@subscriber(StockChanged)
def index_stocked(fact: StockChanged) -> None:
    states.touch(catalog.products_of([fact.variant_id]).values())


@subscriber(CategoryChanged)
def index_category(fact: CategoryChanged) -> None:
    _touch(catalog.products_in_category(fact.category_id))


@subscriber(BrandChanged)
def index_brand(fact: BrandChanged) -> None:
    _touch(select(Product.id).where(Product.brand_id == fact.brand_id))


@subscriber(ProductTypeChanged)
def index_product_type(fact: ProductTypeChanged) -> None:
    _touch(select(Product.id).where(Product.product_type_id == fact.product_type_id))


@subscriber(LocationChanged)
def index_location(fact: LocationChanged) -> None:
    stocked = select(Variant.product_id).join(StockLevel, StockLevel.variant_id == Variant.id)
    _touch(stocked.where(StockLevel.location_id == fact.location_id).distinct())


@subscriber(ChannelChanged)
def index_channel(_: ChannelChanged) -> None:
    states.touch_all()


@subscriber(PromotionChanged)
def index_promoted(fact: PromotionChanged) -> None:
    if fact.is_catalog:
        states.touch_all()


@subscriber(PriceListChanged)
def index_listed(fact: PriceListChanged) -> None:
    if fact.is_listed:
        states.touch_all()


def _touch(found: Select[UUID]) -> None:
    # In one order over all chunks, too: who touches many holds them all until its end.
    for chunk in batched(sorted(session.scalars(found)), CHUNK):
        states.touch(chunk)
