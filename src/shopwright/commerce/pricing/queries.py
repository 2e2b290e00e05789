from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.errors import UnknownProduct, UnknownVariant
from shopwright.commerce.catalog.models import Product, Variant
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.pricing.models import Price
from shopwright.kit.db import session


def prices(channel_id: UUID, currency: str, variant_ids: Collection[UUID]) -> dict[UUID, Price]:
    """What these variants cost there; one without a price is absent."""
    found = session.scalars(
        select(Price).where(
            Price.channel_id == channel_id, Price.currency == currency, Price.variant_id.in_(variant_ids)
        )
    )
    return {price.variant_id: price for price in found}


def price_in(channel_id: UUID, variant_id: UUID) -> Price | None:
    """What the variant costs in the channel's currency, if it is set. Raises `UnknownChannel`, `UnknownVariant`."""
    price = session.get(Price, (variant_id, channel_id, channels.get(channel_id).currency))
    if price is None and not catalog.products_of([variant_id]):
        raise UnknownVariant()
    return price


def of_product(product_id: UUID, channel_id: UUID | None = None) -> Select[Price]:
    """The prices of all its variants, in all channels or in one. Raises `UnknownProduct`."""
    if session.get(Product, product_id) is None:
        raise UnknownProduct()
    found = select(Price).join(Variant, Variant.id == Price.variant_id).where(Variant.product_id == product_id)
    return found if channel_id is None else found.where(Price.channel_id == channel_id)
