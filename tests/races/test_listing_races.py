"""Walks, relisters and staff at the same moment: nobody deadlocks, and the listings end up true."""

from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from uuid import UUID

import pytest
from sqlalchemy import select

from shopwright.commerce.inventory import locations, stock
from shopwright.commerce.inventory.models import Reason
from shopwright.commerce.pricing import service as pricing
from shopwright.commerce.promotions.rules import Kind, Percentage
from shopwright.commerce.storefront import repricing, service, walks
from shopwright.commerce.storefront.models import Listing
from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.transaction import reading, transaction
from tests.make import make_channel, make_location, make_product_on_sale, make_promotion
from tests.races.parallel import together

pytestmark = pytest.mark.usefixtures("real_app")

HALF = Percentage(ppm=500_000)
ROUNDS = 6


def walk() -> None:
    is_under_way = True
    while is_under_way:
        with transaction():
            is_under_way = walks.go_on()


def relist(product_ids: list[UUID]) -> None:
    with transaction():
        service.relist(product_ids)


def test_walks_relisters_and_staff_at_once_never_deadlock_and_leave_true_listings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repricing, "CHUNK", 7)
    channel, berlin = make_channel(), make_location().id
    with transaction():
        locations.sell_from(channel.id, [berlin])
    made = [make_product_on_sale({channel: 1000}, on_hand={berlin: 1}) for _ in range(20)]
    outbox.drain()
    make_promotion(HALF, kind=Kind.CATALOG)

    def change(variant_id: UUID, amount: int) -> None:
        with transaction():
            pricing.set_price(variant_id, channel.id, Money(amount, "EUR"))
            stock.set_count(variant_id, berlin, amount % 2, Reason.COUNT)

    products = [product_id for product_id, _ in made]
    everybody: list[Callable[[], object]] = [
        outbox.drain, walk, partial(relist, products), partial(relist, products[::-1]), partial(relist, products[5:9])
    ]  # fmt: skip
    staff = [partial(change, variants[0], 2000 + place) for place, (_, variants) in enumerate(made)]
    answers = together([*islice(cycle(everybody), ROUNDS * len(everybody)), *staff], threads=16)
    outbox.drain()
    walk()

    assert [fault for fault in answers if isinstance(fault, Exception)] == []
    with reading():
        rows = {row.product_id: row for row in session.execute(select(Listing.__table__))}
    assert {id_: (row.lowest_amount, row.compare_at_amount, row.is_available) for id_, row in rows.items()} == {
        product_id: (1000 + place // 2, 2000 + place, place % 2 == 1) for place, product_id in enumerate(products)
    }
