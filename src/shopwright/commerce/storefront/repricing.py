"""The prices of listings, and whether what has one can be had: what walks make true, since lists and promotions change nothing
else."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, Uuid, and_, any_, bindparam, cast, column, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.storefront import keeping, queries, service
from shopwright.commerce.storefront.models import Listing
from shopwright.commerce.storefront.shelving import shelved
from shopwright.kit.db import session, table_of
from shopwright.kit.prepared import Prepared

CHUNK = 500

_listings = table_of(Listing)
_KEY = ("product_id", "channel_id", "group_id")
_PRICED = ("lowest_amount", "compare_at_amount", "lowest_before_amount", "highest_amount", "is_available")
_sent = select(
    func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
    .table_valued(*(column(name, _listings.c[name].type) for name in _KEY + _PRICED), name="row")
    .render_derived(with_types=True)
).cte("sent")
_repriced = (
    _listings.update()
    .where(
        *(_listings.c[name] == _sent.c[name] for name in _KEY),
        tuple_(*(_listings.c[name] for name in _PRICED)).is_distinct_from(tuple_(*(_sent.c[name] for name in _PRICED))),
    )
    .values({name: _sent.c[name] for name in _PRICED})
    .cte("repriced")
)
_SHELVED = ("lowest_amount", "is_available")
_reshelved = (
    shelved.update()
    .where(
        *(shelved.c[name] == _sent.c[name] for name in _KEY),
        tuple_(*(shelved.c[name] for name in _SHELVED)).is_distinct_from(tuple_(*(_sent.c[name] for name in _SHELVED))),
    )
    .values({name: _sent.c[name] for name in _SHELVED})
    .cte("reshelved")
)
_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_listed = select(*(_listings.c[name] for name in _KEY)).where(_listings.c.product_id == any_(_IDS)).subquery("listed")
_REPRICE = Prepared(
    select(func.coalesce(_sent.c.product_id, _listed.c.product_id))
    .join_from(_sent, _listed, and_(*(_sent.c[name] == _listed.c[name] for name in _KEY)), full=True)
    .where(or_(_sent.c.product_id.is_(None), _listed.c.product_id.is_(None)))
    .add_cte(_repriced, _reshelved)
)


def reprice_next(after: UUID) -> UUID | None:
    """Have the products that follow this id listed at their prices of now; answers the last, or None if there were none.

    One that is listed and should not be, or should be and is not, is relisted.
    """
    product_ids = service.products_after(after, CHUNK)
    if not product_ids:
        return None
    service.take_turns(product_ids)
    on_offer = catalog.variants_on_offer(product_ids)
    rows = [row for channel in session.scalars(channels.active()).all() for row in _rows(on_offer, channel)]
    astray = {id_ for (id_,) in _REPRICE.all({"rows": msgspec.json.encode(rows).decode(), "ids": product_ids})}
    if astray:
        service.relist(astray)
    keeping.outdate()
    return product_ids[-1]


def _rows(on_offer: dict[UUID, list[UUID]], channel: Channel) -> Iterator[dict[str, Any]]:
    """As in the listings, of those products that have a price in the channel."""
    every = [id_ for variant_ids in on_offer.values() for id_ in variant_ids]
    for group_id, shown in service.shown_by_group(channel, every):
        offers = queries.offers(channel.id, shown)
        for product_id, variant_ids in on_offer.items():
            if offered := [offers[id_] for id_ in variant_ids if id_ in offers]:
                key = {"product_id": product_id, "channel_id": channel.id, "group_id": group_id}
                yield key | queries.amounts(offered)
