"""Writes checked products into the catalog, with their prices and first stock."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from msgspec import structs
from sqlalchemy import select

from shopwright.commerce.catalog import product_types
from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.catalog.drafts import ProductDraft
from shopwright.commerce.catalog.models import Product, Slug, Variant
from shopwright.commerce.catalog.wording import slugify
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Location, Reason
from shopwright.commerce.pricing import queries as prices
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.pricing.service import PriceTag
from shopwright.kit.db import session
from shopwright.kit.errors import Problem
from shopwright.surfaces.transfer.report import Fault, Report, Reporter
from shopwright.surfaces.transfer.shopify_products import Found, Offer

SOURCE = "shopify"
AT_ONCE = 100


class Desk(NamedTuple):
    """Where the prices and the stock of the files belong."""

    channel: Channel
    location: Location


class Refused(Exception):
    """A product that was checked is refused after all, by what is in the shop."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def write(file: Path, products: Sequence[Found], desk: Desk, done: Report, report: Reporter) -> None:
    """Raises `Refused`; the caller's transaction then takes back what was written before."""
    for start in range(0, len(products), AT_ONCE):
        batch = products[start : start + AT_ONCE]
        known = _known_variants(batch)
        written: dict[UUID, Offer] = {}
        for found in batch:
            written |= _upsert(file, found, done)
            report.advance(1)
        done.prices_set += _price(written, desk.channel)
        new = {variant_id: offer for variant_id, offer in written.items() if variant_id not in known}
        done.new_variants += len(new)
        _stock(file, new, desk.location)
        # What is written need not be kept in mind: files may be long.
        session.flush()
        session.expunge_all()


def _known_variants(batch: Sequence[Found]) -> set[UUID]:
    references = [f"{SOURCE}:{found.handle}" for found in batch]
    of_these = select(Variant.id).join(Product, Product.id == Variant.product_id)
    return set(session.scalars(of_these.where(Product.external_reference.in_(references))))


def _upsert(file: Path, found: Found, done: Report) -> dict[UUID, Offer]:
    try:
        product, outcome = catalog.upsert_product(SOURCE, found.handle, _complete(found))
    except Problem as refusal:
        said = "; ".join(f"{name} {value}" for name, value in refusal.facts.items())
        problem = f"“{found.handle}” is refused: {refusal.text} {said}".strip()
        raise Refused(Fault(file.name, found.line, "Handle", problem)) from refusal
    setattr(done, outcome, getattr(done, outcome) + 1)
    by_values = {tuple(variant.option_values): variant.id for variant in product.variants}
    return {by_values[tuple(offer.draft.option_values)]: offer for offer in found.offers}


def _complete(found: Found) -> ProductDraft:
    """The draft with its type, and with the handle as its slug where that is free."""
    type_id = product_types.product_type(found.type_name).id if found.type_name else None
    is_slug = found.handle == slugify(found.handle, len(found.handle)) and len(found.handle) <= 200
    is_free = is_slug and session.get(Slug, found.handle) is None
    return structs.replace(found.draft, product_type_id=type_id, slug=found.handle if is_free else None)


def _price(written: dict[UUID, Offer], channel: Channel) -> int:
    before = prices.prices(channel.id, channel.currency, written)
    return pricing.set_prices(
        [
            PriceTag(
                variant_id=variant_id, channel_id=channel.id, price=offer.price, compare_at=offer.compare_at,
                cost=offer.cost or (before[variant_id].cost if variant_id in before else None),
            )
            for variant_id, offer in written.items()
        ]
    )  # fmt: skip


def _stock(file: Path, new: dict[UUID, Offer], location: Location) -> None:
    counts = {(variant_id, location.id): offer.quantity for variant_id, offer in new.items()}
    if counts:
        stock.set_counts(counts, Reason.IMPORT, file.name[:200])
