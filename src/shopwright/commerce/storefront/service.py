"""The listings: made from what the rooms below say now and from nothing else, so it may be repeated at will."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.models import Product
from shopwright.commerce.catalog.taxonomy import Attribute
from shopwright.commerce.catalog.wording import spelled
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.pricing import audiences
from shopwright.commerce.pricing import shown as pricing
from shopwright.commerce.pricing.history import ShownPrice
from shopwright.commerce.storefront import keeping, queries, shelving
from shopwright.commerce.storefront.models import ANYBODY, Listing
from shopwright.kit.db import session, table_of
from shopwright.kit.prepared import Prepared

CHUNK = 200
#: A text is no facet when nobody would pick it from a list.
LONGEST_FACET = 400
TURNS = 64

Row = dict[str, Any]

_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_TURN = bindparam("turns", type_=ARRAY(Integer))
_KEPT = func.unnest(*(bindparam(name, type_=ARRAY(Uuid())) for name in ("products", "channels", "groups")))

# The second number tells these locks from those of others; one order for all, so that nobody deadlocks.
_TAKE_TURNS = Prepared(
    select(func.pg_advisory_xact_lock(func.hashtext(literal_column("'listings'")), func.unnest(_TURN)))
)
_FACETABLE = Prepared(select(Attribute.product_type_id, Attribute.code).where(Attribute.is_facetable))
_NEXT = select(Product.id).where(Product.id > bindparam("after", type_=Uuid())).order_by(Product.id)
_listings = table_of(Listing)
_DELIST = Prepared(
    delete(_listings).where(
        _listings.c.product_id == any_(_IDS),
        tuple_(_listings.c.product_id, _listings.c.channel_id, _listings.c.group_id).not_in(
            select(_KEPT.table_valued("product_id", "channel_id", "group_id").render_derived())
        ),
    )
)
# All rows as one JSON text: as parameters of their own they would take most of a walk's time.
_SENT = (
    func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
    .table_valued(*(column(each.name, each.type) for each in _listings.columns), name="sent")
    .render_derived(with_types=True)
)
_LIST = insert(_listings).from_select(_listings.columns.keys(), select(_SENT), include_defaults=False)
_CHANGED = {each.name: _LIST.excluded[each.name] for each in _listings.columns if not each.primary_key}
_RELIST = Prepared(
    _LIST.on_conflict_do_update(
        index_elements=[_listings.c.product_id, _listings.c.channel_id, _listings.c.group_id],
        set_=_CHANGED,
        # Most facts change nothing here, and what is not written costs no vacuum.
        where=tuple_(*(_listings.c[name] for name in _CHANGED)).is_distinct_from(tuple_(*_CHANGED.values())),
    )
)


def relist(product_ids: Collection[UUID]) -> None:
    """Make the listings of these products true, in every channel; what is no longer on offer is taken out.

    What was kept for shoppers is outdated with the commit.
    """
    ordered = sorted(set(product_ids))
    take_turns(ordered)
    active = session.scalars(channels.active()).all()
    for start in range(0, len(ordered), CHUNK):
        _relist(ordered[start : start + CHUNK], active)
    keeping.outdate()


def relist_next(after: UUID) -> UUID | None:
    """Relist the products that follow this id; answers the last of them, or None when there were none."""
    product_ids = products_after(after, CHUNK)
    relist(product_ids)
    return product_ids[-1] if product_ids else None


def products_after(after: UUID, count: int) -> list[UUID]:
    """So many of all products, in the order of their ids."""
    return list(session.scalars(_NEXT.limit(count), {"after": after}))


def take_turns(product_ids: Collection[UUID]) -> None:
    """Have who relists one of these products wait until the running transaction ends."""
    # Two that read at once could write in the wrong order, and the older truth would stay.
    turns = sorted({product_id.int % TURNS for product_id in product_ids})
    _TAKE_TURNS.run({"turns": turns})


def _relist(product_ids: list[UUID], active: Collection[Channel]) -> None:
    products = session.execute(catalog.published_products(product_ids)).all()
    facetable = {(type_id, code) for type_id, code in _FACETABLE.all({})}
    spoken = {locale for channel in active for locale in channel.locales}
    keys = {locale: _title_keys(products, locale) for locale in spoken}
    rows: list[Row] = []
    for channel in active:
        for product, group_id, offered in _offered(products, product_ids, channel):
            of_channel = {locale: keys[locale][product.id] for locale in channel.locales}
            facets = _facets(product, facetable)
            row = _row(product, channel, offered) | {"title_keys": of_channel, "facets": facets}
            rows.append(row | {"group_id": group_id})
    kept = {f"{name}s": [row[f"{name}_id"] for row in rows] for name in ("product", "channel", "group")}
    _DELIST.run({"ids": product_ids, **kept})
    if rows:
        _RELIST.run({"rows": msgspec.json.encode(rows).decode()})
    shelving.shelve(product_ids)


def _title_keys(products: Collection[Any], locale: str) -> dict[UUID, str]:
    cards = catalog.cards([product.id for product in products], locale)
    return {product_id: title_key(card.title) for product_id, card in cards.items()}


def _offered(
    products: Collection[Any], product_ids: Collection[UUID], channel: Channel
) -> Iterator[tuple[Any, UUID, list[queries.Offer]]]:
    """Those of the products that have a price in the channel, for whom, and at what."""
    # Also what is not on sale any more, which is shown no more.
    every = catalog.variants_of(product_ids)
    for group_id, shown in shown_by_group(channel, every):
        offers = queries.offers(channel.id, shown)
        for product in products:
            offered = [offers[variant_id] for variant_id in product.variant_ids or () if variant_id in offers]
            if offered:
                yield product, group_id, offered


def shown_by_group(channel: Channel, variant_ids: Collection[UUID]) -> Iterator[tuple[UUID, dict[UUID, ShownPrice]]]:
    """What anybody is shown, and the members of each group that has prices of its own.

    Also what lists and promotions make of it by their dates comes by here, and is written down.
    """
    for group_id in sorted(audiences.groups(channel.id)):
        yield group_id, pricing.prices(channel.id, variant_ids, group_id=group_id)
    # Last, since who changes one of these prices meanwhile has to wait from here on.
    yield ANYBODY, pricing.announce(channel.id, variant_ids)


def _row(product: Any, channel: Channel, offered: list[queries.Offer]) -> Row:
    return queries.amounts(offered) | {
        "product_id": product.id,
        "channel_id": channel.id,
        "currency": channel.currency,
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
    if title.isascii():
        return title.casefold()
    plain = unicodedata.normalize("NFKD", title)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
