"""The variants that are shown beside cards: at the price that is in our own index, which follows the shop as listings do, or
at the buyer's own."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shopwright.commerce.catalog.models import Media, Option, Variant
from shopwright.commerce.catalog.wording import address, said
from shopwright.commerce.pricing import shown as pricing
from shopwright.commerce.storefront.audiences import Buyer
from shopwright.commerce.storefront.queries import Market
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared
from shopwright.listeners.search.backends.postgres.models import SearchOffer
from shopwright.listeners.search.schemas import FittingVariant

_LABELS = (
    select(func.jsonb_agg(aggregate_order_by(Option.labels, Option.position)))
    .where(Option.product_id == Variant.product_id)
    .correlate(Variant)
    .scalar_subquery()
)
_SHOWN = Prepared(
    select(
        Variant.id, Variant.sku, Variant.option_values, _LABELS, Media.source, SearchOffer.price, SearchOffer.compare_at
    )
    .join(
        SearchOffer,
        and_(
            SearchOffer.product_id == Variant.product_id,
            SearchOffer.variant_id == Variant.id,
            SearchOffer.locale == bindparam("locale", type_=String),
            SearchOffer.channel_id == bindparam("channel_id", type_=Uuid()),
        ),
    )
    .outerjoin(Media, Media.id == Variant.media_id)
    .where(Variant.id == any_(bindparam("ids", type_=ARRAY(Uuid()))), Variant.archived_at.is_(None))
)


class _Row(NamedTuple):
    id: UUID
    sku: str
    option_values: list[str]
    labels: list[dict[str, Any]] | None
    source: str | None
    price: int
    compare_at: int | None


def variants(variant_ids: Collection[UUID], where: Market, buyer: Buyer | None) -> dict[UUID, FittingVariant]:
    """Those of the variants that are on sale there."""
    asked = {"ids": [*variant_ids], "locale": where.locale, "channel_id": where.channel.id}
    rows = [_Row(*row) for row in _SHOWN.all(asked)]
    own = {}
    if buyer:
        own = pricing.prices(where.channel.id, [row.id for row in rows], customer_id=buyer.customer_id)
    currency = where.channel.currency
    return {
        row.id: FittingVariant(
            id=row.id,
            sku=row.sku,
            title=_title(row, where.locale),
            image_url=address(row.source),
            price=own[row.id].price if row.id in own else Money(row.price, currency),
            compare_at_price=own[row.id].compare_at if row.id in own else _money(row.compare_at, currency),
        )
        for row in rows
    }


def _title(row: _Row, locale: str) -> str:
    values = zip(row.labels or (), row.option_values, strict=False)
    return " / ".join(said(labels, locale, "values", value) or value for labels, value in values)


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
