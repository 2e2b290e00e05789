"""Facts that may change what a listing says, or only what a page shows. What is true now is read from the rows."""

from collections.abc import Callable, Iterable
from functools import wraps
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import DBAPIError

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
from shopwright.commerce.storefront import keeping, service, walks
from shopwright.commerce.storefront.models import ShelvedListing
from shopwright.kit import cache, principal
from shopwright.kit.db import after_commit, session
from shopwright.kit.errors import Problem
from shopwright.kit.events import E, Hear, at_once, still_to_make, subscriber
from shopwright.kit.logging import get
from shopwright.kit.transaction import transaction

AT_ONCE = 5

log = get("storefront")


def _outdating(event: type[E], *, is_seen_by_staff: bool = False) -> Callable[[Hear[E]], Hear[E]]:
    """As `subscriber`; what is kept is outdated by such a fact at once, and when it is heard.

    Where it `is_seen_by_staff`, who changed something finds lists changed, too, when they are answered.
    """

    def register(hear: Hear[E]) -> Hear[E]:
        @wraps(hear)
        def heard(fact: E) -> None:
            # Who announced it may have died before, or Redis was away. If it is now, the fact is heard again later.
            cache.bump_now(keeping.NAMESPACE)
            hear(fact)

        def noted(fact: E) -> None:
            keeping.outdate()
            if is_seen_by_staff and principal.current().is_staff:
                _soon(lambda: hear(fact))

        at_once(event)(noted)
        return subscriber(event)(heard)

    return register


def _soon(hear: Callable[[], None]) -> None:
    """After the commit, in the same process. Of many facts only the first few: the rest is the worker's, as are all again."""
    number = session.info.get("relisted at once", 0)
    session.info["relisted at once"] = number + 1
    if number < AT_ONCE:
        after_commit(lambda: _try(hear))


def _try(hear: Callable[[], None]) -> None:
    try:
        with transaction():
            hear()
    except (Problem, DBAPIError) as fault:
        log.warning("lists follow later", reason=type(fault).__name__)


@_outdating(ProductChanged, is_seen_by_staff=True)
def relist_product(fact: ProductChanged) -> None:
    _relist([fact.product_id])


@_outdating(PriceChanged, is_seen_by_staff=True)
def relist_priced(fact: PriceChanged) -> None:
    _relist(catalog.products_of([fact.variant_id]).values())


@_outdating(StockChanged, is_seen_by_staff=True)
def relist_stocked(fact: StockChanged) -> None:
    _relist(catalog.products_of([fact.variant_id]).values())


@_outdating(CategoryChanged)
def relist_category(fact: CategoryChanged) -> None:
    listed = select(ShelvedListing.product_id).where(ShelvedListing.category_id == fact.category_id)
    service.relist({*_ids(catalog.products_in_category(fact.category_id)), *_ids(listed)})


@_outdating(ProductTypeChanged)
def relist_product_type(fact: ProductTypeChanged) -> None:
    service.relist(_ids(select(Product.id).where(Product.product_type_id == fact.product_type_id)))


@_outdating(LocationChanged)
def relist_location(fact: LocationChanged) -> None:
    stocked = select(Variant.product_id).join(StockLevel, StockLevel.variant_id == Variant.id)
    service.relist(_ids(stocked.where(StockLevel.location_id == fact.location_id).distinct()))


@_outdating(ChannelChanged)
def relist_channel(fact: ChannelChanged) -> None:
    # What it sells in which language from where: any product may be in it now, and another channel be the first.
    service.relist(_ids(select(Product.id)))


@_outdating(PromotionChanged)
def relist_promoted(fact: PromotionChanged) -> None:
    if fact.is_catalog:
        walks.begin()


@_outdating(PriceListChanged)
def relist_listed(fact: PriceListChanged) -> None:
    if fact.is_listed:
        walks.begin()


@_outdating(BrandChanged)
def show_brand(fact: BrandChanged) -> None:
    """No listing says it."""


@_outdating(CollectionChanged)
def show_collection(fact: CollectionChanged) -> None:
    """No listing says it."""


def _relist(product_ids: Iterable[UUID]) -> None:
    """Once for all facts of a batch: an import tells some ten of each product."""
    if left := still_to_make(product_ids):
        service.relist(left)


def _ids(found: Select[UUID]) -> list[UUID]:
    return list(session.scalars(found))
