"""What shoppers see, put together from the rooms below: products, collections, categories, and lists of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import select

from shopwright.commerce.catalog import pages as catalog_pages
from shopwright.commerce.catalog import product_page
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.errors import UnknownProduct
from shopwright.commerce.catalog.product_page import WholeProduct
from shopwright.commerce.catalog.views import Card, CategoryNode, CategoryView, CollectionView, VariantView
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.queries import KnownChannel
from shopwright.commerce.pricing import shown as pricing
from shopwright.commerce.pricing.history import ShownPrice
from shopwright.commerce.pricing.unit_prices import unit_price
from shopwright.commerce.storefront import matching, queries
from shopwright.commerce.storefront.audiences import Buyer
from shopwright.commerce.storefront.matching import Listed
from shopwright.commerce.storefront.models import ANYBODY
from shopwright.commerce.storefront.queries import Market, Offer
from shopwright.commerce.storefront.schemas import (
    CategoryBranch,
    CategoryTree,
    CollectionList,
    ListCollections,
    ListProducts,
    ProductCard,
    ProductList,
    ProductPage,
    Reduction,
    VariantOffer,
    WhichMarket,
)
from shopwright.kit import paging
from shopwright.kit.db import as_object
from shopwright.kit.money import Money
from shopwright.kit.prepared import Prepared


class _Found(Struct, frozen=True):
    channel: KnownChannel | None
    product: WholeProduct | None


_PRODUCT = Prepared(select(as_object(channel=channels.CHOSEN, product=product_page.WHOLE)))
_decoder = msgspec.json.Decoder(_Found)


def product(slug: str, wanted: WhichMarket, buyer: Buyer | None = None) -> tuple[ProductPage, datetime | None]:
    """The product that has or had this slug, at the buyer's prices or anybody's; and when the clock changes them next.

    Raises `UnknownChannel`, and `UnknownProduct` if it has no price there.
    """
    row = _PRODUCT.first({"slug": slug, "channel": wanted.channel})
    found = _decoder.decode(row[0]) if row else _Found(None, None)
    channel, locale = queries.market_in(found.channel, wanted.locale)
    if found.product is None:
        raise UnknownProduct()
    view = product_page.view_of(found.product, locale)
    customer_id = buyer.customer_id if buyer else None
    showing = pricing.showing(channel.id, [variant.id for variant in view.variants], customer_id=customer_id)
    offers = queries.offered(showing.prices, showing.available)
    if not offers:
        raise UnknownProduct()
    lowest = queries.cheapest(offers.values())
    shown = asdict(view)
    del shown["variants"]
    page = ProductPage(
        **shown,
        channel=channel.code,
        locale=locale,
        variants=[_variant(variant, offers[variant.id]) for variant in view.variants if variant.id in offers],
        price=lowest.price,
        compare_at_price=lowest.compare_at,
        reduction=Reduction.of(lowest.price, lowest.lowest_30_days),
        highest_price=queries.dearest(offers.values()).price,
        is_available=any(offer.is_available for offer in offers.values()),
    )
    return page, showing.until


def _variant(variant: VariantView, offer: Offer) -> VariantOffer:
    return VariantOffer(
        **asdict(variant), price=offer.price, compare_at_price=offer.compare_at, is_available=offer.is_available,
        reduction=Reduction.of(offer.price, offer.lowest_30_days), unit_price=unit_price(offer.price, variant.measure),
    )  # fmt: skip


def products(wanted: ListProducts, buyer: Buyer | None = None) -> ProductList:
    """A page of the products that match, at the buyer's prices or anybody's.

    Raises `UnknownChannel` and `InvalidCursor`.
    """
    where = queries.market(wanted.channel, wanted.locale)
    # A cursor is good for the same filters and order, whatever the size of the page.
    purpose = f"products {replace(wanted, cursor=None, limit=1)}"
    found = matching.listed(wanted, where, buyer.group_id if buyer else ANYBODY, purpose)
    page, following = paging.cut(found, purpose=purpose, limit=wanted.limit, values=lambda row: row.keys)
    cards = catalog.cards([row.product_id for row in page], where.locale)
    # One that was just taken off sale may still stand in the listings.
    shown = [_card(cards[row.product_id], row) for row in page if row.product_id in cards]
    return ProductList(items=_at_own_prices(shown, where.channel, buyer) if buyer else shown, next_cursor=following)


def cards(product_ids: Collection[UUID], where: Market, buyer: Buyer | None = None) -> dict[UUID, ProductCard]:
    """Those of these products that are on offer there now, at the buyer's prices or anybody's."""
    shown = [_card(card, row) for card, row in matching.cards(product_ids, where)]
    return {card.id: card for card in (_at_own_prices(shown, where.channel, buyer) if buyer else shown)}


def _at_own_prices(shown: list[ProductCard], channel: KnownChannel, buyer: Buyer) -> list[ProductCard]:
    """What lists are sorted by may be another group's price, or one of a moment ago; what a card says is the buyer's own."""
    variants = catalog.variants_on_offer([card.id for card in shown])
    every = [variant_id for of_product in variants.values() for variant_id in of_product]
    prices = pricing.prices(channel.id, every, customer_id=buyer.customer_id)
    own = {id_: [prices[one] for one in of_product if one in prices] for id_, of_product in variants.items()}
    return [_repriced(card, own[card.id]) if own.get(card.id) else card for card in shown]


def _repriced(card: ProductCard, prices: list[ShownPrice]) -> ProductCard:
    lowest = queries.cheapest(prices)
    return replace(
        card, price=lowest.price, compare_at_price=lowest.compare_at, highest_price=queries.dearest(prices).price,
        reduction=Reduction.of(lowest.price, lowest.lowest_30_days),
    )  # fmt: skip


def _card(card: Card, row: Listed) -> ProductCard:
    price, compare_at, before = Money(row.lowest_amount, row.currency), row.compare_at_amount, row.lowest_before_amount
    return ProductCard(
        id=card.product_id,
        slug=card.slug,
        title=card.title,
        brand=card.brand,
        image_url=card.image_url,
        image_alt=card.image_alt,
        price=price,
        compare_at_price=None if compare_at is None else Money(compare_at, row.currency),
        reduction=Reduction.of(price, None if before is None else Money(before, row.currency)),
        highest_price=Money(row.highest_amount, row.currency),
        is_available=row.is_available,
    )


def categories(wanted: WhichMarket) -> CategoryTree:
    """All categories. Raises `UnknownChannel`."""
    channel, locale = queries.market(wanted.channel, wanted.locale)
    counts = queries.products_by_category(channel.id)
    return CategoryTree(items=[_branch(node, counts) for node in catalog_pages.category_tree(locale)])


def _branch(node: CategoryNode, counts: Mapping[UUID, int]) -> CategoryBranch:
    return CategoryBranch(
        id=node.id,
        slug=node.slug,
        title=node.title,
        product_count=counts.get(node.id, 0),
        children=[_branch(child, counts) for child in node.children],
    )


def category(slug: str, wanted: WhichMarket) -> CategoryView:
    """Raises `UnknownCategory` and `UnknownChannel`."""
    return catalog_pages.category_by_slug(slug, queries.market(wanted.channel, wanted.locale).locale)


def collections(wanted: ListCollections) -> CollectionList:
    """A page of the published collections, the newest first. Raises `UnknownChannel` and `InvalidCursor`."""
    locale = queries.market(wanted.channel, wanted.locale).locale
    after = None if wanted.cursor is None else paging.decode(wanted.cursor, "collections", 1)[0]
    found = catalog_pages.newest_collections(cast("UUID | None", after), wanted.limit + 1, locale)
    page, following = paging.cut(found, purpose="collections", limit=wanted.limit, values=lambda each: [each.id])
    return CollectionList(items=page, next_cursor=following)


def collection(slug: str, wanted: WhichMarket) -> CollectionView:
    """Raises `UnknownCollection` and `UnknownChannel`."""
    return catalog_pages.collection_by_slug(slug, queries.market(wanted.channel, wanted.locale).locale)
