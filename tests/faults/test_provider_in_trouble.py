"""F12, F13: a payment provider that is slow, away, or says what cannot be true."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.guest import Guest
from tests.faults.http import until
from tests.faults.load import outcomes
from tests.faults.paying import PayingShop

TOTAL = 1900 + 490
PAID = ("captured", TOTAL, 0)
NOT_ASKED = ("declined", 0, 0)


def reconciled(shop: PayingShop) -> list[str]:
    """What `shopwright reconcile` says, line by line."""
    command = [sys.executable, "-m", "shopwright.cli", "reconcile", "--provider", "development"]
    ended = subprocess.run(command, env=shop._told(), capture_output=True, text=True, timeout=60, check=False)
    open_issues = shop.count("payment_issues WHERE resolved_at IS NULL")
    assert ended.returncode == (1 if open_issues else 0), ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def test_f12_a_charge_that_nobody_answered_is_found_and_never_made_again(shop: PayingShop) -> None:
    found, compared, told = (shop.buyer_with_an_order() for _ in range(3))
    with ThreadPoolExecutor(3) as pool:
        answers = [
            pool.submit(buyer.pays, token)
            for buyer, token in (
                (found, "tok_timeout~webhook-lost"), (compared, "tok_success~timeout~webhook-lost"), (told, "tok_timeout"),
            )
        ]  # fmt: skip
        states = [answer.result()["state"] for answer in answers]
    # The webhook is faster than the end of the wait.
    assert states == ["pending", "pending", "captured"]
    # This one is left to the comparison with the provider's list.
    shop.sql("UPDATE payments SET try_again_at = now() + interval '1 hour' WHERE order_id = %s", compared.order["id"])
    [compared_id] = shop.payment_ids(compared)
    assert f"put right: capture {compared_id}" in reconciled(shop)
    assert shop.payments(compared) == [PAID]
    shop.settles(found, PAID)
    for buyer in (found, compared, told):
        assert shop.moved(buyer) == [("capture", TOTAL)]
        assert shop.order(buyer) == ("open", TOTAL, 0)
        assert shop.issues(buyer) == []
    assert [line for line in reconciled(shop) if "put right: capture" in line] == []


@pytest.mark.parametrize(
    ("fault", "end", "moved"),
    [
        ("error500-before", NOT_ASKED, []),
        ("busy429", NOT_ASKED, []),
        ("error500-after", PAID, [("capture", TOTAL)]),
        ("malformed", PAID, [("capture", TOTAL)]),
    ],
)
def test_f13_an_answer_that_says_nothing_is_no_payment_until_it_was_looked_up(
    shop: PayingShop, fault: str, end: tuple[str, int, int], moved: list[tuple[str, int]]
) -> None:
    buyer = shop.buyer_with_an_order()
    assert buyer.pays(f"tok_success~{fault}~webhook-lost")["state"] == "pending"
    assert shop.order(buyer) == ("open", 0, 0)
    shop.settles(buyer, end)
    assert shop.moved(buyer) == moved
    if not moved:
        buyer.pays()
    assert shop.order(buyer) == ("open", TOTAL, 0)
    assert shop.moved(buyer) == [("capture", TOTAL)]


@pytest.mark.parametrize("lie", ["wrong-amount", "wrong-currency"])
def test_f13_what_was_not_asked_for_is_not_booked_and_staff_are_told(shop: PayingShop, lie: str) -> None:
    buyer = shop.buyer_with_an_order()
    answer = buyer.asks_to_pay(f"tok_success~{lie}")
    assert answer.end == "502 provider-disagrees"  # type: ignore[attr-defined]  # over HTTP
    told = "payment_webhooks WHERE payment_id = %s AND processed_at IS NOT NULL"
    until(lambda: shop.count(told, shop.payment_ids(buyer)[0]) == 2, 30, "its webhooks are worked off")
    assert shop.payments(buyer) == [("declined", 0, 0)]
    assert shop.order(buyer) == ("open", 0, 0)
    assert shop.issues(buyer) == ["provider-disagrees"]


def pennies(buyer: Guest, number: int) -> list[object]:
    return [buyer.asks_to_pay("tok_success~webhook-lost", amount=1) for _ in range(number)]


def test_f13_a_provider_that_is_away_is_left_alone_and_asked_again_when_it_is_back(shop: PayingShop) -> None:
    buyer = shop.buyer_with_an_order()
    shop.crash_psp()
    try:
        # Each of the two web processes finds out for itself, by five failures.
        until(lambda: buyer.asks_to_pay(amount=1).status_code == 503, 20, "one has seen enough")
        answers = pennies(buyer, 20)
        assert set(outcomes(answers)) <= {"201", "503 provider-unavailable"}  # type: ignore[arg-type]
        begun = shop.count("payments WHERE order_id = %s", buyer.order["id"])
        assert 5 <= begun <= 10
        refused = [buyer.asks_to_pay() for _ in range(6)]
        assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(503, "10")}
        assert max(answer.seconds for answer in refused) < 2  # type: ignore[attr-defined]
        assert shop.count("payments WHERE order_id = %s", buyer.order["id"]) == begun
    finally:
        shop.psp.start()
    until(lambda: buyer.asks_to_pay(amount=1).status_code == 201, 20, "it is asked again")
    time.sleep(10)  # and by the other process, too
    assert {answer.status_code for answer in pennies(buyer, 6)} == {201}  # type: ignore[attr-defined]
    paid = shop.count("payments WHERE order_id = %s AND state = 'captured'", buyer.order["id"])
    shop.settles(buyer, *[NOT_ASKED] * begun, *[("captured", 1, 0)] * paid)
    assert shop.moved(buyer) == [("capture", 1)] * paid
    assert shop.order(buyer) == ("open", paid, 0)
    assert (buyer.pays()["state"], shop.order(buyer)) == ("captured", ("open", TOTAL, 0))
