"""Payments that are begun while another one of the same order comes to its end."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from shopwright.commerce.payments import settling
from shopwright.commerce.payments.models import State
from shopwright.commerce.payments.provider import Result
from shopwright.kit.db import session
from shopwright.kit.transaction import transaction
from tests.commerce.payments import believing as it
from tests.receiver import until
from tests.shopping import Buyer, make_shop

TOTAL = 1900 + 490
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.mark.parametrize("before", [Result.PENDING, Result.NEEDS_ACTION])
def test_who_pays_while_the_payment_before_is_declined_may_pay(real_app: Flask, before: Result) -> None:
    shop = make_shop()
    buyer = Buyer(real_app.test_client(), shop)
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    first = it.begin(buyer)
    it.tell(first, it.told(TOTAL, before))
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            settling.settle(first, it.told(TOTAL, Result.DECLINED))
            second = pool.submit(it.begin, buyer)
            until(is_waited_for)
        begun = second.result(30)
    assert (it.payment(first).state, it.payment(begun).state) == (State.DECLINED, State.PENDING)


def is_waited_for() -> bool:
    session.execute(text("SELECT pg_stat_clear_snapshot()"))
    return session.scalar(WAITING) == 1
