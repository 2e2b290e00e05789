"""Which products a list holds, and in which order: a statement for each shape of a question, put together once."""

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, String, Uuid, and_, bindparam, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Brand, Category, Collection, CollectionItem
from shopwright.commerce.catalog.views import Card
from shopwright.commerce.catalog.wording import fallbacks
from shopwright.commerce.storefront.models import ANYBODY, Listing, ShelvedListing, TitledListing
from shopwright.commerce.storefront.queries import Market
from shopwright.commerce.storefront.schemas import ListProducts, Sort
from shopwright.kit import paging
from shopwright.kit.paging import Key, Value
from shopwright.kit.prepared import Prepared

SHAPES = 512
KEY = ("product_id", "channel_id", "group_id")
#: Where a list begins to look: what is of a category stands on its shelf in the order that is asked for.
Place = type[Listing] | type[ShelvedListing]


class Listed(NamedTuple):
    """What a card says of prices; after it stand the keys of the order."""

    product_id: UUID
    currency: str
    lowest_amount: int
    compare_at_amount: int | None
    lowest_before_amount: int | None
    highest_amount: int
    is_available: bool
    keys: tuple[Value, ...]


class _Shape(NamedTuple):
    """All that changes the text of the statement; the rest are parameters."""

    sort: Sort | None
    has_category: bool
    has_collection: bool
    has_brand: bool
    has_price_min: bool
    has_price_max: bool
    available: bool | None
    facets: int
    # After which row: for each key whether it is known, since NULL is compared in another way.
    after: tuple[bool, ...] | None


_LISTED = tuple(getattr(Listing, name) for name in Listed._fields[:-1])
_CARDS = Prepared(
    catalog.CARDS.add_columns(*_LISTED)
    .join(Listing, Listing.product_id == Product.id)
    .where(
        Listing.channel_id == bindparam("channel_id", type_=Uuid()),
        Listing.group_id == bindparam("group_id", type_=Uuid()),
    )
)


def cards(product_ids: Several[UUID], where: Market) -> list[tuple[Card, Listed]]:
    """Of those of these products that are offered there to anybody."""
    asked = {
        "ids": [*product_ids], "tongues": fallbacks(where.locale), "channel_id": where.channel.id, "group_id": ANYBODY,
    }  # fmt: skip
    return [
        (catalog.to_card(row[: -len(_LISTED)], where.locale), Listed._make((*row[-len(_LISTED) :], ())))
        for row in _CARDS.all(asked)
    ]


def listed(wanted: ListProducts, where: Market, group_id: UUID, purpose: str) -> list[Listed]:
    """The listings that were asked for, in order, one more than a page has. What does not exist matches nothing.

    Raises `InvalidCursor`.
    """
    sort = Sort.NEWEST if wanted.sort is None and wanted.collection is None else wanted.sort
    after = None if wanted.cursor is None else paging.decode(wanted.cursor, purpose, 2)
    facets = _by_code(wanted.attribute)
    shape = _Shape(
        sort, wanted.category is not None, wanted.collection is not None, wanted.brand is not None,
        wanted.price_min is not None, wanted.price_max is not None, wanted.available, len(facets),
        None if after is None else tuple(value is not None for value in after),
    )  # fmt: skip
    parameters = {
        "channel_id": where.channel.id, "group_id": group_id, "locale": where.locale, "category": wanted.category,
        "collection": wanted.collection, "brand": wanted.brand, "price_min": wanted.price_min,
        "price_max": wanted.price_max, "most": wanted.limit + 1,
        **{f"facet_{number}": values for number, values in enumerate(facets)},
        **{f"after_{number}": value for number, value in enumerate(after or ())},
    }  # fmt: skip
    return [Listed._make((*row[:7], row[7:])) for row in _statement(shape).all(parameters)]


@lru_cache(SHAPES)
def _statement(shape: _Shape) -> Prepared:
    place: Place = ShelvedListing if shape.has_category else Listing
    keys = _order(shape, place)
    columns: list[Any] = [column.label(f"key_{number}") for number, (column, _) in enumerate(keys)]
    found = select(*_LISTED, *columns).where(
        place.channel_id == bindparam("channel_id", type_=Uuid()),
        place.group_id == bindparam("group_id", type_=Uuid()),
        *_filters(shape, place),
    )
    if shape.has_category:
        found = found.join(place, and_(*(getattr(place, name) == getattr(Listing, name) for name in KEY)))
    if _is_read_by_title(shape):
        named = (TitledListing.channel_id == Listing.channel_id, TitledListing.locale == _text("locale"))
        found = found.join(TitledListing, and_(TitledListing.product_id == Listing.product_id, *named))
    if shape.has_collection:
        # By its id, so that the items are met in their order.
        picked = select(Collection.id).where(Collection.slug == _text("collection"), Collection.is_published)
        found = found.join(CollectionItem, CollectionItem.product_id == Listing.product_id).where(
            CollectionItem.collection_id == picked.scalar_subquery()
        )
    after = None if shape.after is None else _after(keys, shape.after)
    most = bindparam("most", type_=Integer)
    # Passing: there are thousands of shapes, and what is best for a full category is bad for an empty one.
    return Prepared(paging.rows_after(found, keys, after).limit(most), is_passing=True)


def _is_read_by_title(shape: _Shape) -> bool:
    """Most categories are small: what lies in one is sorted, rather than looked for among all titles."""
    return shape.sort is Sort.TITLE and not shape.has_category


def _after(keys: Sequence[Key], known: Sequence[bool]) -> list[Any]:
    return [
        bindparam(f"after_{number}", type_=column.type) if is_known else None
        for number, ((column, _), is_known) in enumerate(zip(keys, known, strict=True))
    ]


def _order(shape: _Shape, place: Place) -> Sequence[Key]:
    if shape.sort is None:
        return ((CollectionItem.position, True), (CollectionItem.product_id, True))
    if _is_read_by_title(shape):
        return ((TitledListing.title_key, True), (TitledListing.product_id, True))
    if shape.sort is Sort.TITLE:
        return ((Listing.title_keys[_text("locale")].astext.collate("C"), True), (Listing.product_id, True))
    column = place.published_at if shape.sort is Sort.NEWEST else place.lowest_amount
    rises = shape.sort is Sort.CHEAPEST
    # Both rise or both fall, so that one index gives the order.
    return ((column, rises), (place.product_id, rises))


def _filters(shape: _Shape, place: Place) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if shape.has_category:
        named = select(Category.id).where(Category.slug == _text("category")).scalar_subquery()
        filters.append(ShelvedListing.category_id == named)
    if shape.has_brand:
        filters.append(place.brand_id == select(Brand.id).where(Brand.slug == _text("brand")).scalar_subquery())
    if shape.has_price_min:
        filters.append(place.lowest_amount >= bindparam("price_min", type_=Listing.lowest_amount.type))
    if shape.has_price_max:
        filters.append(place.lowest_amount <= bindparam("price_max", type_=Listing.lowest_amount.type))
    if shape.available is not None:
        filters.append(place.is_available.is_(shape.available))
    facets = (bindparam(f"facet_{number}", type_=ARRAY(String)) for number in range(shape.facets))
    filters.extend(place.facets.overlap(values) for values in facets)
    return filters


def _text(name: str) -> Any:
    return bindparam(name, type_=String)


def _by_code(facets: Sequence[str]) -> list[list[str]]:
    grouped: Mapping[str, list[str]] = {facet.partition(":")[0]: [] for facet in facets}
    for facet in facets:
        grouped[facet.partition(":")[0]].append(facet)
    return [*grouped.values()]
