from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from msgspec.structs import asdict

from shopwright.commerce.catalog.errors import UnknownCategory, UnknownCollection, UnknownProduct
from shopwright.commerce.catalog.views import CategoryView, CollectionView
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.storefront import audiences, pages, queries
from shopwright.commerce.storefront.audiences import Buyer
from shopwright.commerce.storefront.keeping import BY_WHO, Page, kept
from shopwright.commerce.storefront.schemas import (
    CategoryTree,
    CollectionList,
    ListCollections,
    ListProducts,
    ProductList,
    ProductPage,
    WhichMarket,
)
from shopwright.kit import principal
from shopwright.kit.access import Anyone
from shopwright.kit.http import Answered, Encoded, Routes, encode
from shopwright.kit.paging import InvalidCursor, PageQuery

PUBLIC = "public, s-maxage=1"

routes = Routes("storefront")


@routes.query("/categories", access=Anyone, cache_control=PUBLIC, errors=(UnknownChannel,))
def list_categories(query: WhichMarket) -> Answered[Encoded[CategoryTree]]:
    """List the categories as a tree, with the number of products of the channel in each."""
    return kept("categories", query, lambda: Page(pages.categories(query)))


@routes.query("/categories/<slug>", access=Anyone, cache_control=PUBLIC, errors=(UnknownCategory, UnknownChannel))
def show_category(slug: str, query: WhichMarket) -> Answered[Encoded[CategoryView]]:
    """Show a category. What lies in it is listed by `GET /v1/products?category=`."""
    return kept(f"category {slug}", query, lambda: Page(pages.category(slug, query)))


@routes.query("/collections", access=Anyone, cache_control=PUBLIC, errors=(UnknownChannel, InvalidCursor))
def list_collections(query: ListCollections) -> Answered[Encoded[CollectionList]]:
    """List the collections, the newest first."""
    return kept("collections", query, lambda: _paged("/v1/collections", query, pages.collections(query)))


@routes.query(
    "/collections/<slug>", access=Anyone, cache_control=PUBLIC, errors=(UnknownCollection, UnknownChannel)
)  # fmt: skip
def show_collection(slug: str, query: WhichMarket) -> Answered[Encoded[CollectionView]]:
    """Show a collection. What is in it is listed by `GET /v1/products?collection=`."""
    return kept(f"collection {slug}", query, lambda: Page(pages.collection(slug, query)))


@routes.query("/products", access=Anyone, cache_control=PUBLIC, errors=(UnknownChannel, InvalidCursor))
def list_products(query: ListProducts) -> Answered[Encoded[ProductList]]:
    """List products.

    All filters must hold. Prices are compared as the channel shows them, by the cheapest variant of each product.
    Without `sort` a collection is in its own order, and anything else has the newest first. A customer who is signed in
    and has prices of their own sees those.
    """
    return _priced("products", query, lambda buyer: _paged("/v1/products", query, pages.products(query, buyer)))


@routes.query("/products/<slug>", access=Anyone, cache_control=PUBLIC, errors=(UnknownProduct, UnknownChannel))
def show_product(slug: str, query: WhichMarket) -> Answered[Encoded[ProductPage]]:
    """Show a product.

    A slug that it had before, or has in another language, leads to it as well: `slug` and the `Link` with
    `rel="canonical"` name the one that it has now. A customer who is signed in and has prices of their own sees those.
    """
    return _priced(f"product {slug}", query, lambda buyer: _canonical(*pages.product(slug, query, buyer)))


def _priced(
    page: str, query: WhichMarket | ListProducts, make: Callable[[Buyer | None], Page]
) -> Answered[Encoded[Any]]:
    """A page with prices: made for a buyer who has prices of their own, else the one that is kept for anybody."""
    buyer = None
    if principal.current().customer_id is not None and audiences.are_any(query.channel):
        buyer = audiences.buyer(queries.market(query.channel, query.locale).channel)
    if buyer is None:
        return kept(page, query, lambda: make(None), BY_WHO)
    value, link, _ = make(buyer)
    own = {**BY_WHO, "Cache-Control": "private, no-cache"}
    return Answered(Encoded(encode(value)), {**own, "Link": link} if link else own)


def _paged(path: str, query: PageQuery, page: ProductList | CollectionList) -> Page:
    if page.next_cursor is None:
        return Page(page)
    asked = asdict(query) | {"cursor": page.next_cursor}
    spelled = {name: encode(value).decode() if isinstance(value, bool) else value for name, value in asked.items()}
    # Relative, since what is kept is shown under every name of the host.
    text = urlencode({name: value for name, value in spelled.items() if value is not None}, doseq=True)
    return Page(page, f'<{path}?{text}>; rel="next"')


def _canonical(page: ProductPage, until: datetime | None) -> Page:
    return Page(page, f'</v1/products/{quote(page.slug, safe="")}>; rel="canonical"', until)
