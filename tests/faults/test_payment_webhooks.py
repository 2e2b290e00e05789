"""F14, F15, F16: what the provider tells comes early, often, forged, old, unknown and in the wrong order."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from shopwright.kit import clock
from tests.faults.guest import Guest
from tests.faults.http import until
from tests.faults.paying import PayingShop
from tests.paying import WEBHOOKS, Webhook

TOTAL = 1900 + 490
PAID = ("captured", TOTAL, 0)


def sent(shop: PayingShop, payment_id: str) -> list[Webhook]:
    """All webhooks about it, once the provider waits with none of them."""

    def all_sent() -> list[Webhook]:
        webhooks = shop.provider.webhooks(payment_id)
        return webhooks if webhooks and all(webhook["state"] != "waiting" for webhook in webhooks) else []

    found: list[Webhook] = until(all_sent, 30, "the provider has sent all")
    return found


def kept(shop: PayingShop, payment_id: str) -> list[str]:
    """The kinds that the shop has kept and worked off, each once, in alphabetical order."""
    sql = "SELECT kind FROM payment_webhooks WHERE payment_id = %s AND processed_at IS NOT NULL ORDER BY kind"
    return [row[0] for row in shop.sql(sql, payment_id)]


def is_paid_once(shop: PayingShop, buyer: Guest) -> None:
    assert shop.payments(buyer) == [PAID]
    assert shop.moved(buyer) == [("capture", TOTAL)]
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.timeline(buyer).count("paid") == 1
    assert shop.issues(buyer) == []


def test_f14_a_webhook_that_is_faster_than_the_answer(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays("tok_success~webhook-before-answer~slow")
    assert payment["state"] == "captured"
    shop.is_quiet_within(30)
    assert kept(shop, payment["id"]) == ["payment.authorized", "payment.captured"]
    is_paid_once(shop, buyer)


def test_f14_a_webhook_that_is_faster_than_the_answer_does_not_hide_the_second_step(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays("tok_3ds~webhook-before-answer~slow")
    assert kept(shop, payment["id"]) == ["payment.needs_action"]
    assert payment["state"] == "needs_action"
    shop.provider.takes_the_second_step(payment["action_url"])
    shop.settles(buyer, PAID)
    is_paid_once(shop, buyer)


@pytest.mark.parametrize(
    ("scenario", "answers"),
    [
        ("webhook-twice", ["200"] * 4),
        ("webhook-storm", ["200"] * 100),
        ("webhook-forged", ["200", "200", "401"]),
        ("webhook-ancient", ["200", "200", "401"]),
        ("webhook-unknown-type", ["200", "200", "200"]),
    ],
)
def test_f15_however_a_webhook_comes_it_counts_once_or_not_at_all(
    shop: PayingShop, scenario: str, answers: list[str]
) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays(f"tok_success~{scenario}")
    webhooks = sent(shop, payment["id"])
    # What the shop answered in the end; one that was too busy was asked again.
    assert sorted(webhook["last_answer"] for webhook in webhooks) == answers
    assert {webhook["last_answer"] for webhook in webhooks if webhook["flaw"]} <= {"401"}
    shop.is_quiet_within(30)
    assert kept(shop, payment["id"]) == ["payment.authorized", "payment.captured"]
    is_paid_once(shop, buyer)


def test_f15_a_recording_is_refused_after_five_minutes_and_changes_nothing_before(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays()
    webhook = sent(shop, payment["id"])[-1]
    before = shop.sql("SELECT * FROM payments WHERE id = %s", payment["id"])

    def played(minutes: int) -> str:
        at = int((clock.now() - timedelta(minutes=minutes)).timestamp())
        asked = {"reference": payment["id"], "at": at}
        [again] = [
            found
            for found in shop.provider.http.get("/v1/webhooks", params=asked).json()["items"]
            if found["seq"] == webhook["seq"]
        ]
        return shop.client.open(WEBHOOKS, "POST", again["body"].encode(), again["headers"]).end

    assert [played(0), played(4)] == ["200", "200"]
    assert [played(6), played(-6)] == ["401 webhook-not-authentic"] * 2
    shop.is_quiet_within(30)
    assert kept(shop, payment["id"]) == ["payment.authorized", "payment.captured"]
    assert shop.sql("SELECT * FROM payments WHERE id = %s", payment["id"]) == before


def test_f16_captured_then_authorized_then_declined_is_captured(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    payment = buyer.pays("tok_success~webhook-out-of-order")
    assert [webhook["kind"] for webhook in sent(shop, payment["id"])] == [
        "payment.captured", "payment.authorized", "payment.declined",
    ]  # fmt: skip
    shop.is_quiet_within(30)
    assert kept(shop, payment["id"]) == ["payment.authorized", "payment.captured", "payment.declined"]
    is_paid_once(shop, buyer)


@contextmanager
def while_no_answer_comes(shop: PayingShop, buyer: Guest, token: str) -> Iterator[str]:
    """The provider has charged, and the shop waits for its answer; the payment's id."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(buyer.asks_to_pay, token)
        until(lambda: shop.moved(buyer)[:1] == [("capture", TOTAL)], 10, "the provider has charged")
        yield shop.payment_ids(buyer)[0]
        assert asked.result().status_code == 201


def test_f16_a_refund_that_is_told_of_before_its_capture(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    # Made at the provider itself, so the shop knows nothing of it.
    with while_no_answer_comes(shop, buyer, "tok_timeout~webhook-out-of-order") as payment_id:
        assert shop.provider.refunds(shop.provider.payment(payment_id), 500).status_code == 201
        assert shop.payments(buyer) == [("pending", 0, 0)]
    shop.is_quiet_within(60)
    shop.settles(buyer, ("captured", TOTAL, 500))
    assert shop.order(buyer) == ("open", TOTAL, 500)
    assert shop.moved(buyer) == [("capture", TOTAL), ("refund", 500)]
    assert shop.issues(buyer) == []


def test_f16_a_dispute_that_is_told_of_before_its_capture(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    with while_no_answer_comes(shop, buyer, "tok_timeout~webhook-out-of-order~chargeback") as payment_id:
        assert shop.payments(buyer) == [("pending", 0, 0)]
    shop.is_quiet_within(60)
    shop.settles(buyer, PAID)
    assert kept(shop, payment_id)[0] == "dispute.open"
    # For people to look at, and booked.
    assert shop.issues(buyer) == ["dispute"]
    assert shop.sql("SELECT state, amount FROM payment_disputes WHERE payment_id = %s", payment_id) == [("open", TOTAL)]
