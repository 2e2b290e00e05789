"""Verifying a shop that trades: what is half done is never taken for a drift, and a repair waits for its turn."""

from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shopwright.commerce.inventory import stock
from shopwright.commerce.inventory.models import Reason, StockLevel, StockMovement
from shopwright.commerce.orders import service as orders
from shopwright.kit import ids, verification
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, snapshot, transaction
from shopwright.kit.verification import Report
from shopwright.settings import Settings
from tests.drifts import force
from tests.make import make_location, make_stocked_variant
from tests.races.parallel import together
from tests.shopping import Buyer, make_shop


def test_parallel_orders_payments_and_cancellations_are_never_taken_for_drifts(real_app: Flask) -> None:
    shop = make_shop()
    mugs = [shop.product(stock_of=1000) for _ in range(3)]
    reports: list[Report] = []
    is_over = Event()

    def watch() -> None:
        while not is_over.is_set():
            reports.append(verification.examine())

    def trade(number: int) -> str:
        buyer = Buyer(real_app.test_client(), shop)
        buyer.fills_a_cart(mugs[number % 3], 1 + number % 2)
        buyer.orders()
        if number % 3:
            buyer.pays()
        else:
            with transaction():
                orders.cancel(UUID(buyer.order["id"]), "in a race")
        with transaction():
            stock.adjust(mugs[number % 3], shop.location_id, 1, Reason.RECEIPT)
        return "traded"

    watcher = Thread(target=watch)
    watcher.start()
    answers: list[str] = []
    try:
        # On a busy machine a look takes longer: there is trade for as long as it takes to look often enough.
        while len(answers) < 60 or len(reports) <= 5:
            answers += together([partial(trade, number) for number in range(60)], threads=8)
    finally:
        is_over.set()
        watcher.join()
    assert answers == ["traded"] * len(answers)
    assert len(reports) > 5
    assert [(report.drifts, report.unchecked) for report in reports] == [([], [])] * len(reports)


def test_a_drift_that_many_mend_at_once_is_mended_once(real_app: Flask) -> None:
    make_stocked_variant({make_location().id: 3})
    force("UPDATE stock_levels SET on_hand = 5")
    report = verification.examine()
    done = together([partial(verification.repair, report)] * 16)
    said = [drift.mended for repaired in done if isinstance(repaired, Report) for drift in repaired.drifts]
    assert sorted(said) == ["a movement of +2"] + ["it had gone meanwhile"] * 15
    with reading():
        assert session.scalars(select(StockMovement.delta).order_by(StockMovement.id)).all() == [3, 2]
        assert session.scalars(select(StockLevel.on_hand)).all() == [5]


def test_all_that_one_check_asks_sees_the_same_moment_and_may_write_nothing(real_app: Flask) -> None:
    location_id = make_location().id
    counted = text("SELECT count(*) FROM stock_movements")
    with snapshot():
        assert session.scalar(counted) == 0
        # Another thread, since this one's session is taken.
        assert together([lambda: make_stocked_variant({location_id: 1})])[0]
        assert session.scalar(counted) == 0
    with reading():
        assert session.scalar(counted) == 1
    with pytest.raises(DBAPIError, match="read-only transaction"), snapshot():
        session.execute(text("INSERT INTO outbox_receipts VALUES (:id, 'x', now())"), {"id": ids.new()})
    with transaction():
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
        assert session.scalar(text("SHOW transaction_read_only")) == "off"


def test_a_look_at_everything_may_take_longer_than_a_request_and_requests_after_it_may_not(
    real_app: Flask, settings: Settings
) -> None:
    def waits_for() -> tuple[float, str]:
        driver: Any = session.connection().connection.driver_connection
        return driver.patience, session.execute(text("SHOW statement_timeout")).scalar_one()

    with transaction():
        a_request = waits_for()
    assert a_request[0] == settings.db_statement_timeout_ms / 1000 + 1
    with snapshot():
        assert waits_for() == (601, "10min")
    with transaction():
        assert waits_for() == a_request
