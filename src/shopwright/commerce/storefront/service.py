"""The listings: made from what the rooms below say now and from nothing else, so it may be repeated at will."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Attribute
from shopwright.commerce.catalog.wording import spelled
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.storefront import queries
from shopwright.commerce.storefront.models import Listing
from shopwright.kit import cache
from shopwright.kit.db import after_commit, session

CHUNK = 200
#: A text is no facet when nobody would pick it from a list.
LONGEST_FACET = 400
NAMESPACE = "storefront"
TURNS = 64

Row = dict[str, Any]

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_TURN = bindparam("turns", type_=ARRAY(Integer))
_PAIRS = func.unnest(bindparam("products", type_=ARRAY(Uuid())), bindparam("channels", type_=ARRAY(Uuid())))

# The second number tells these locks from those of others; one order for all, so that nobody deadlocks.
_TAKE_TURNS = select(func.pg_advisory_xact_lock(func.hashtext("listings"), func.unnest(_TURN)))
_FACETABLE = select(Attribute.product_type_id, Attribute.code).where(Attribute.is_facetable)
_NEXT = select(Product.id).where(Product.id > bindparam("after", type_=Uuid())).order_by(Product.id).limit(CHUNK)
_DELIST = delete(Listing).where(
    Listing.product_id == any_(_IDS),
    tuple_(Listing.product_id, Listing.channel_id).not_in(
        select(_PAIRS.table_valued("product_id", "channel_id").render_derived())
    ),
)
_LIST = insert(Listing)
_CHANGED = {column.name: _LIST.excluded[column.name] for column in Listing.__table__.columns if not column.primary_key}
_RELIST = _LIST.on_conflict_do_update(
    index_elements=[Listing.product_id, Listing.channel_id],
    set_=_CHANGED,
    # Most facts change nothing here, and what is not written costs no vacuum.
    where=tuple_(*(Listing.__table__.c[name] for name in _CHANGED)).is_distinct_from(tuple_(*_CHANGED.values())),
)


def relist(product_ids: Collection[UUID]) -> None:
    """Make the listings of these products true, in every channel; what is no longer on offer is taken out.

    What was kept for shoppers is outdated with the commit.
    """
    ordered = sorted(set(product_ids))
    _take_turns(ordered)
    active = session.scalars(channels.active()).all()
    for start in range(0, len(ordered), CHUNK):
        _relist(ordered[start : start + CHUNK], active)
    outdate()


def relist_next(after: UUID) -> UUID | None:
    """Relist the products that follow this id; answers the last of them, or None when there were none."""
    product_ids = session.scalars(_NEXT, {"after": after}).all()
    relist(product_ids)
    return product_ids[-1] if product_ids else None


def outdate() -> None:
    """Have shoppers see no page that was made before the running transaction's commit."""
    after_commit(lambda: cache.bump(NAMESPACE))


def _take_turns(product_ids: Collection[UUID]) -> None:
    # Two that read at once could write in the wrong order, and the older truth would stay.
    turns = sorted({product_id.int % TURNS for product_id in product_ids})
    session.execute(_TAKE_TURNS, {"turns": turns})


def _relist(product_ids: list[UUID], active: Collection[Channel]) -> None:
    products = session.execute(catalog.published_products(product_ids)).all()
    facetable = {(row.product_type_id, row.code) for row in session.execute(_FACETABLE)}
    titles = {
        locale: catalog.cards([product.id for product in products], locale)
        for locale in {locale for channel in active for locale in channel.locales}
    }
    rows: list[Row] = []
    for channel in active:
        for product, offered in _offered(products, channel):
            keys = {locale: title_key(titles[locale][product.id].title) for locale in channel.locales}
            rows.append(_row(product, channel, offered) | {"title_keys": keys, "facets": _facets(product, facetable)})
    kept = {"products": [row["product_id"] for row in rows], "channels": [row["channel_id"] for row in rows]}
    session.execute(_DELIST, {"ids": product_ids, **kept}, execution_options={"synchronize_session": False})
    if rows:
        session.execute(_RELIST, rows, execution_options={"synchronize_session": False})


def _offered(products: Collection[Any], channel: Channel) -> Iterator[tuple[Any, list[queries.Offer]]]:
    """Those of the products that have a price in the channel, and at what."""
    every = [variant_id for product in products for variant_id in product.variant_ids or ()]
    # Also what lists and promotions make of it by their dates comes by here, and is written down.
    offers = queries.offers(channel, pricing.announce(channel.id, every))
    for product in products:
        offered = [offers[variant_id] for variant_id in product.variant_ids or () if variant_id in offers]
        if offered:
            yield product, offered


def _row(product: Any, channel: Channel, offered: list[queries.Offer]) -> Row:
    lowest = queries.cheapest(offered)
    return {
        "product_id": product.id,
        "channel_id": channel.id,
        "currency": channel.currency,
        "lowest_amount": lowest.price.amount,
        "compare_at_amount": lowest.compare_at.amount if lowest.compare_at else None,
        "lowest_before_amount": lowest.lowest_30_days.amount if lowest.lowest_30_days else None,
        "highest_amount": queries.dearest(offered).price.amount,
        "is_available": any(offer.is_available for offer in offered),
        "published_at": product.published_at,
        "brand_id": product.brand_id,
        "category_ids": sorted(product.category_ids),
    }


def _facets(product: Any, facetable: Collection[tuple[UUID, str]]) -> list[str]:
    found = (
        f"{code}:{spelled(value)}"
        for code, value in product.attributes.items()
        if (product.product_type_id, code) in facetable
    )
    return sorted(facet for facet in found if len(facet) <= LONGEST_FACET)


def title_key(title: str) -> str:
    """`Äpfel` beside `apfel`: without accents and case, so that comparing bytes gives a reader's order."""
    plain = unicodedata.normalize("NFKD", title)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
