"""F17 with real processes: one merchant's receiver is down, another drips, and the worker dies; a third gets everything."""

from uuid import UUID

from tests.faults.http import until
from tests.faults.paying import PayingShop
from tests.faults.running import RunningShop
from tests.receiver import Receiver, receiving

MINE = "webhook_deliveries WHERE endpoint_id = %s"
FACTS = 12


def listens(shop: PayingShop, receiver: Receiver) -> UUID:
    body = {"url": receiver.url, "types": ["orders.OrderPlaced"]}
    made = shop.staff("POST", "/v1/admin/webhook-endpoints", body, "webhooks:write")
    assert made.status_code == 201, made.text
    return UUID(made.get_json()["endpoint"]["id"])


def time_passes(shop: RunningShop, endpoint_id: UUID) -> None:
    """Its schedule grows to days: have the next try at once."""
    shop.sql(
        "UPDATE webhook_deliveries SET next_try_at = now(), claimed_until = NULL WHERE endpoint_id = %s AND state = 'waiting'",
        endpoint_id,
    )


def numbers(receiver: Receiver) -> set[str]:
    return {got.headers["webhook-id"] for got in receiver.received}


def test_f17_receivers_in_trouble_and_a_worker_that_dies_cost_nobody_a_fact(shop: PayingShop) -> None:
    with receiving() as well, receiving() as down, receiving() as slow:
        down.answer = lambda _: 500
        slow.drips = 0.2
        well_id, down_id, slow_id = (listens(shop, receiver) for receiver in (well, down, slow))
        mug = shop.market.product(stock_of=FACTS + 1)
        before = [shop.buyer_with_an_order(mug=mug) for _ in range(FACTS // 2)]
        until(lambda: down.received and slow.received, 30, "both were tried")
        shop.kill("worker")
        shop.start("worker")
        after = [shop.buyer_with_an_order(mug=mug) for _ in range(FACTS // 2)]
        # The run that was killed would keep its lease for a minute and a half, and what it was sending for a minute.
        shop.sql("UPDATE webhook_deliveries SET claimed_until = NULL")
        shop.sql("UPDATE webhook_cursor SET running_until = NULL")
        until(lambda: len(numbers(well)) == FACTS, 60, "the one that is well has heard everything")
        told = {got.data["data"]["order_id"] for got in well.received}
        assert told == {buyer.order["id"] for buyer in [*before, *after]}
        down.answer, slow.drips = (lambda _: 204), None
        for endpoint_id in (down_id, slow_id, well_id):

            def has_all(endpoint_id: UUID = endpoint_id) -> bool:
                time_passes(shop, endpoint_id)
                return shop.count(MINE + " AND state = 'delivered'", endpoint_id) == FACTS

            until(has_all, 60, "everything is delivered in the end")
        assert numbers(down) == numbers(slow) == numbers(well)
        shop.sql("DELETE FROM webhook_endpoints WHERE id = ANY(%s)", [well_id, down_id, slow_id])
