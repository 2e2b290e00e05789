from typing import NamedTuple
from uuid import UUID

import pytest
from flask import Flask

from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory import locations
from shopwright.kit.transaction import transaction
from tests.make import make_channel, make_location


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
