"""What shoppers see, put together from the rooms below: a product, lists of products and collections, the categories."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict, replace

from shopwright.commerce.catalog import pages as catalog_pages
from shopwright.commerce.catalog import queries as catalog
from shopwright.commerce.catalog.errors import UnknownProduct
from shopwright.commerce.catalog.views import Card, CategoryNode, CategoryView, CollectionView, VariantView
from shopwright.commerce.storefront import queries
from shopwright.commerce.storefront.queries import Offer
