from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.inventory import service as inventory
from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.errors import OutOfStock, ReservationExpired
from shopwright.commerce.inventory.models import (
    Reason,
    StockLevel,
)  # fmt: skip
from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.make import make_location, make_selling_channel, make_stocked_variant
from tests.races.parallel import together

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def reserve(channel_id: UUID, wanted: dict[UUID, int], order_id: UUID | None = None) -> UUID:
    order_id = order_id or ids.new()
    with transaction():
        inventory.reserve(order_id, channel_id, wanted, clock.now() + timedelta(minutes=30))
    return order_id


def claim(order_id: UUID) -> str:
    with transaction():
        inventory.claim(order_id)
    return "claimed"


def test_of_200_buyers_one_gets_the_last_unit_and_all_others_a_clean_refusal(real_app: Flask) -> None:
    berlin = make_location().id
    channel, variant = make_selling_channel(berlin).id, make_stocked_variant({berlin: 1})
    answers = together([partial(reserve, channel, {variant: 1})] * 200)
    assert Counter(type(answer) for answer in answers) == {UUID: 1, OutOfStock: 199}


def test_48_buyers_of_5_variants_in_opposite_orders_never_deadlock(real_app: Flask) -> None:
    berlin, lyon = make_location().id, make_location().id
    channels = [make_selling_channel(berlin, lyon).id, make_selling_channel(lyon, berlin).id]
    variants = [make_stocked_variant({berlin: 5, lyon: 5}) for _ in range(5)]
    tasks = []
    for buyer in range(48):
        wanted = {variants[(buyer + n) % 5]: 1 for n in range(3)}
        tasks.append(partial(reserve, channels[buyer % 2], dict(reversed(wanted.items())) if buyer % 2 else wanted))
    answers = together(tasks)
    # 50 pieces, 3 to an order: whatever the order of arrival, one that is refused met a variant that had run out.
    sold = [answer for answer in answers if isinstance(answer, UUID)]
    assert {type(answer) for answer in answers} == {UUID, OutOfStock}
    assert 10 <= len(sold) <= 16
    with reading():
        assert session.scalar(select(func.sum(StockLevel.reserved))) == 3 * len(sold)
        free = func.sum(StockLevel.on_hand - StockLevel.reserved)
        left = dict(session.execute(select(StockLevel.variant_id, free).group_by(StockLevel.variant_id)).all())
    assert all(any(left[UUID(v["variant_id"])] == 0 for v in answer.facts["variants"])
               for answer in answers if isinstance(answer, OutOfStock))  # fmt: skip


@pytest.mark.parametrize("minutes", [29, 30])
def test_a_payment_and_a_new_buyer_at_the_hour_of_expiry_do_not_both_win(real_app: Flask, minutes: int) -> None:
    berlin = make_location().id
    channel = make_selling_channel(berlin).id
    with clock.held_at(NOON):
        orders = [(variant, reserve(channel, {variant: 1})) for variant in
                  (make_stocked_variant({berlin: 1}) for _ in range(16))]  # fmt: skip
        clock.advance(timedelta(minutes=minutes))
        tasks = [
            task
            for variant, order in orders
            for task in (partial(claim, order), partial(reserve, channel, {variant: 1}))
        ]
        answers = together(tasks)
    claims, rivals = answers[::2], answers[1::2]
    if minutes < 30:
        assert claims == ["claimed"] * 16 and {type(rival) for rival in rivals} == {OutOfStock}
    else:
        assert {type(paid) for paid in claims} == {ReservationExpired} and {type(r) for r in rivals} == {UUID}
    # For the auditor, whose clock runs on: what the rivals held is over by now, and the facts are old.
    with transaction():
        inventory.sweep_expired(100)
    outbox.drain()


def test_expiry_in_the_midst_of_payments_leaves_each_piece_with_one_owner(real_app: Flask) -> None:
    berlin = make_location().id
    channel = make_selling_channel(berlin).id
    variants = [make_stocked_variant({berlin: 1}) for _ in range(24)]
    orders = [ids.new() for _ in variants]
    for number, (variant, order) in enumerate(zip(variants, orders, strict=True)):
        with transaction():
            until = clock.now() + timedelta(milliseconds=150 + 4 * number)
            inventory.reserve(order, channel, {variant: 1}, until)

    def pay(order: UUID) -> str:
        sleep(0.08)
        return claim(order)

    def buy_once_free(variant: UUID) -> str:
        for _ in range(40):
            try:
                reserve(channel, {variant: 1})
            except OutOfStock:
                sleep(0.01)
            else:
                return "taken"
        return "kept"

    tasks = [
        task
        for variant, order in zip(variants, orders, strict=True)
        for task in (partial(pay, order), partial(buy_once_free, variant))
    ]
    answers = together(tasks, threads=16)
    for paid, taken in zip(answers[::2], answers[1::2], strict=True):
        if paid == "claimed":
            assert taken == "kept"
        else:
            assert isinstance(paid, ReservationExpired) and taken == "taken"


def test_the_sweeper_staff_and_buyers_on_the_same_levels_get_along(real_app: Flask) -> None:
    berlin, lyon = make_location().id, make_location().id
    channel = make_selling_channel(berlin, lyon).id
    variants = [make_stocked_variant({berlin: 20, lyon: 20}) for _ in range(4)]

    def lapse(wanted: dict[UUID, int]) -> None:
        with transaction():
            inventory.reserve(ids.new(), channel, wanted, clock.now())

    def sweep() -> None:
        with transaction():
            inventory.sweep_expired(100)

    def receive(counts: dict[tuple[UUID, UUID], int]) -> None:
        with transaction():
            stock.set_counts(counts, Reason.COUNT)

    def buy_and_give_back(wanted: dict[UUID, int]) -> None:
        order_id = reserve(channel, wanted)
        claim(order_id)
        with transaction():
            inventory.release(order_id)

    tasks = []
    for n in range(24):
        some = {variants[(n + i) % 4]: 1 + n % 2 for i in range(3)}
        counts = {(v, place): 30 + n for v in reversed(variants) for place in (lyon, berlin)}
        tasks += [partial(lapse, some), sweep, partial(receive, counts), partial(buy_and_give_back, some)]
    assert [answer for answer in together(tasks) if answer is not None] == []
    sweep()
    with reading():
        assert session.execute(select(func.sum(StockLevel.reserved), func.sum(StockLevel.claimed))).one() == (0, 0)
