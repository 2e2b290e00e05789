from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from msgspec.structs import asdict

from shopwright.commerce.catalog.errors import UnknownCategory, UnknownCollection, UnknownProduct
from shopwright.commerce.catalog.views import CategoryView, CollectionView
from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.storefront import audiences, pages, queries
from shopwright.commerce.storefront.audiences import Buyer
from shopwright.commerce.storefront.schemas import (
    CategoryTree,
    CollectionList,
    ListCollections,
    ListProducts,
    ProductList,
    ProductPage,
    WhichMarket,
)
from shopwright.commerce.storefront.service import NAMESPACE
from shopwright.kit import cache, conditional, principal
from shopwright.kit.access import Anyone
from shopwright.kit.http import Answered, Encoded, Routes, encode
from shopwright.kit.paging import InvalidCursor, PageQuery

PUBLIC = "public, s-maxage=1"
#: A cache between us and the shopper must not show anybody's prices to who has others.
BY_WHO = {"Vary": "Authorization"}
#: Facts outdate what is kept; this bounds how long a lost one is felt.
SECONDS = 60.0

routes = Routes("storefront")


@routes.query("/categories", access=Anyone, cache_control=PUBLIC, errors=(UnknownChannel,))
def list_categories(query: WhichMarket) -> Answered[Encoded[CategoryTree]]:
    """List the categories as a tree, with the number of products of the channel in each."""
    return _kept("categories", query, lambda: (pages.categories(query), ""))


@routes.query("/categories/<slug>", access=Anyone, cache_control=PUBLIC, errors=(UnknownCategory, UnknownChannel))
def show_category(slug: str, query: WhichMarket) -> Answered[Encoded[CategoryView]]:
    """Show a category. What lies in it is listed by `GET /v1/products?category=`."""
    return _kept(f"category {slug}", query, lambda: (pages.category(slug, query), ""))


@routes.query("/collections", access=Anyone, cache_control=PUBLIC, errors=(UnknownChannel, InvalidCursor))
def list_collections(query: ListCollections) -> Answered[Encoded[CollectionList]]:
    """List the collections, the newest first."""
    return _kept("collections", query, lambda: _paged("/v1/collections", query, pages.collections(query)))


@routes.query(
    "/collections/<slug>", access=Anyone, cache_control=PUBLIC, errors=(UnknownCollection, UnknownChannel)
)  # fmt: skip
def show_collection(slug: str, query: WhichMarket) -> Answered[Encoded[CollectionView]]:
    """Show a collection. What is in it is listed by `GET /v1/products?collection=`."""
    return _kept(f"collection {slug}", query, lambda: (pages.collection(slug, query), ""))


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
    return _priced(f"product {slug}", query, lambda buyer: _canonical(pages.product(slug, query, buyer)))


def _priced(
    page: str, query: WhichMarket | ListProducts, make: Callable[[Buyer | None], tuple[Any, str]]
) -> Answered[Encoded[Any]]:
    """A page with prices: made for a buyer who has prices of their own, else the one that is kept for anybody."""
    buyer = None
    if principal.current().customer_id is not None:
        buyer = audiences.buyer(queries.market(query.channel, query.locale).channel)
    if buyer is None:
        kept = _kept(page, query, lambda: make(None))
        return Answered(kept.value, {**kept.headers, **BY_WHO})
    value, link = make(buyer)
    own = {**BY_WHO, "Cache-Control": "private, no-cache"}
    return Answered(Encoded(encode(value)), {**own, "Link": link} if link else own)


def _kept(page: str, query: WhichMarket | PageQuery, make: Callable[[], tuple[Any, str]]) -> Answered[Encoded[Any]]:
    """The page from the cache, or made: its value and its `Link` header, which are kept as one."""

    def fill() -> bytes:
        value, link = make()
        return link.encode() + b"\n" + encode(value)

    kept = cache.fetch(NAMESPACE, page + encode(query).decode(), SECONDS, fill, fresh=conditional.wants_newest())
    link, _, body = kept.partition(b"\n")
    return Answered(Encoded(body), {"Link": link.decode()} if link else {})


def _paged(path: str, query: PageQuery, page: ProductList | CollectionList) -> tuple[Any, str]:
    if page.next_cursor is None:
        return page, ""
    asked = asdict(query) | {"cursor": page.next_cursor}
    spelled = {name: encode(value).decode() if isinstance(value, bool) else value for name, value in asked.items()}
    # Relative, since what is kept is shown under every name of the host.
    text = urlencode({name: value for name, value in spelled.items() if value is not None}, doseq=True)
    return page, f'<{path}?{text}>; rel="next"'


def _canonical(page: ProductPage) -> tuple[Any, str]:
    return page, f'</v1/products/{quote(page.slug, safe="")}>; rel="canonical"'
