"""A product's page by itself, as the storefront reads it with its channel."""

import msgspec
from sqlalchemy import Text, cast, select

from shopwright.commerce.catalog.product_page import WHOLE, WholeProduct, view_of
from shopwright.commerce.catalog.views import ProductView
from shopwright.kit.db import session


def whole(slug: str) -> WholeProduct | None:
    """In all languages, if it is published."""
    found = session.scalar(select(cast(WHOLE, Text)), {"slug": slug})
    return None if found is None else msgspec.json.decode(found, type=WholeProduct)


def page_of(slug: str, locale: str | None = None) -> ProductView:
    found = whole(slug)
    assert found is not None
    return view_of(found, locale)
