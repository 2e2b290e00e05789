"""Simulations that several workers want at once: each is done by one, and no order counts twice."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.commerce.checkout import simulate
from shopwright.commerce.checkout.models import Simulation, State
from shopwright.commerce.orders.history import Window
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Kind, Percentage, Terms
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from tests.races.parallel import together
from tests.shopping import Buyer, make_shop

SIMULATIONS, WORKERS, ORDERS = 3, 8, 7


def begun(count: int) -> list[UUID]:
    tenth = Terms(name="A tenth", kind=Kind.CART, effect=Percentage(ppm=100_000))
    now = clock.now()
    window = Window(since=now - timedelta(days=1), until=now)
    with transaction():
        draft = promotions.create_promotion(tenth)
        return [simulate.begin(draft.id, window, assumes_code=True).id for _ in range(count)]


def test_each_simulation_is_taken_by_one_worker(real_app: Flask) -> None:
    made = begun(SIMULATIONS)
    taken = together([simulate.take] * WORKERS)
    assert Counter(one.id for one in taken if isinstance(one, Simulation)) == Counter(made)
    assert Counter(type(one) for one in taken) == {Simulation: SIMULATIONS, type(None): WORKERS - SIMULATIONS}


def test_no_order_counts_twice_when_many_work_at_once(real_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "AT_ONCE", 2)
    shop = make_shop()
    mug = shop.product(price=2000, stock_of=100)
    for _ in range(ORDERS):
        buyer = Buyer(real_app.test_client(), shop)
        buyer.fills_a_cart(mug)
        buyer.orders()
    made = begun(SIMULATIONS)
    # A turn of no time at all takes one step, and hands it on.
    assert together([lambda: simulate.run(0.01)] * WORKERS) == [None] * WORKERS
    for _ in range(SIMULATIONS * ORDERS):
        simulate.run(0.01)
    with reading():
        rows = session.scalars(select(Simulation).where(Simulation.id.in_(made))).all()
    assert [(row.state, row.orders_read, row.result and row.result["orders_given"]) for row in rows] == [
        (State.DONE, ORDERS, ORDERS)
    ] * SIMULATIONS
