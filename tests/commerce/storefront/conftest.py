from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel, make_location

#: Rows of shelves and titles that do not follow from the listings, or are missing.
ASTRAY = text("""
    WITH shelves AS (
        SELECT product_id, channel_id, group_id, unnest(category_ids) AS category_id, lowest_amount, published_at,
               is_available, brand_id, facets FROM listings),
    titles AS (
        SELECT DISTINCT product_id, channel_id, key, left(value, 200) FROM listings, jsonb_each_text(title_keys))
    SELECT (SELECT count(*) FROM (SELECT * FROM shelves EXCEPT SELECT * FROM shelved_listings) AS missing)
         + (SELECT count(*) FROM (SELECT * FROM shelved_listings EXCEPT SELECT * FROM shelves) AS left_over)
         + (SELECT count(*) FROM (SELECT * FROM titles EXCEPT SELECT * FROM titled_listings) AS missing)
         + (SELECT count(*) FROM (SELECT * FROM titled_listings EXCEPT SELECT * FROM titles) AS left_over)""")


def astray() -> int:
    with reading():
        return int(session.execute(ASTRAY).scalar_one())


class Shop(NamedTuple):
    eu: Channel
    us: Channel
    berlin: UUID


@pytest.fixture
def shop(app: Flask) -> Shop:
    """Two channels, of two currencies and in two languages each, that sell from one location."""
    shop = Shop(make_channel(currency="EUR"), make_channel(currency="USD", countries=["US"]), make_location().id)
    with transaction():
        locations.sell_from(shop.eu.id, [shop.berlin])
        locations.sell_from(shop.us.id, [shop.berlin])
    return shop
