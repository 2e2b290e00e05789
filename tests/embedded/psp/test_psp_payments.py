"""The provider without any scenario: what moves, by which rules, and that it moves once."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shopwright.embedded.psp import server
from tests.paying import EVER, Psp, said

SECRET = "a-secret-of-a-provider-of-its-own"


def code(answer: httpx.Response, status: int) -> str:
    return str(said(answer, status)["error"]["code"])


def totals(provider: Psp, payment: dict[str, Any]) -> tuple[str, int, int, int]:
    now = provider.payment(payment["reference"])
    return now["state"], now["authorized"], now["captured"], now["refunded"]


def movements(provider: Psp, payment: dict[str, Any]) -> list[tuple[str, int]]:
    listed = said(provider.http.get("/v1/movements", params=EVER), 200)["items"]
    return [(m["kind"], m["amount"]) for m in listed if m["payment_ref"] == payment["id"]]


def test_the_same_key_is_the_same_payment_and_another_body_is_refused(provider: Psp) -> None:
    key = str(uuid4())
    first, again = (provider.pays(key=key) for _ in range(2))
    assert first == again
    assert code(provider.asks_to_pay(amount=1001, key=key), 409) == "idempotency_mismatch"
    assert movements(provider, first) == [("capture", 1000)]


def test_the_same_key_at_the_same_time_charges_once(provider: Psp) -> None:
    key = str(uuid4())
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: provider.pays(key=key), range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert movements(provider, answers[0]) == [("capture", 1000)]


def test_what_is_reserved_is_captured_in_parts_and_never_more(provider: Psp) -> None:
    payment = provider.pays(capture=False)
    assert totals(provider, payment) == ("authorized", 1000, 0, 0)
    said(provider.captures(payment, 400, final=False), 200)
    assert totals(provider, payment) == ("authorized", 1000, 400, 0)
    assert code(provider.captures(payment, 601), 409) == "amount_too_large"
    said(provider.captures(payment, 500), 200)
    assert totals(provider, payment) == ("captured", 1000, 900, 0)
    assert code(provider.captures(payment, 1), 409) == "payment_not_capturable"
    assert movements(provider, payment) == [("capture", 400), ("capture", 500)]


def test_a_capture_is_taken_once_for_each_key(provider: Psp) -> None:
    payment, key = provider.pays(capture=False), str(uuid4())
    first, again = (said(provider.captures(payment, 400, final=False, key=key), 200) for _ in range(2))
    assert first == again
    assert movements(provider, payment) == [("capture", 400)]
    assert code(provider.captures(payment, 500, final=False, key=key), 409) == "idempotency_mismatch"


def test_a_void_lets_go_of_what_is_not_captured(provider: Psp) -> None:
    whole, part = provider.pays(capture=False), provider.pays(capture=False)
    provider.captures(part, 300, final=False)
    for payment in (whole, part):
        said(provider.post(f"/v1/payments/{payment['id']}/void"), 200)
    assert totals(provider, whole) == ("voided", 1000, 0, 0)
    assert totals(provider, part) == ("captured", 1000, 300, 0)
    assert code(provider.post(f"/v1/payments/{whole['id']}/void"), 409) == "payment_not_voidable"
    assert movements(provider, whole) == []


def test_never_more_is_refunded_than_was_captured_however_many_ask(provider: Psp) -> None:
    payment = provider.pays()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: provider.refunds(payment, 300, key=str(uuid4())), range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    assert totals(provider, payment) == ("captured", 1000, 1000, 900)
    assert movements(provider, payment) == [("capture", 1000)] + [("refund", 300)] * 3


def test_a_refund_is_made_once_for_each_key_and_can_be_looked_at(provider: Psp) -> None:
    payment, key = provider.pays(), str(uuid4())
    first, again = (said(provider.refunds(payment, 300, key=key), 201) for _ in range(2))
    assert (first["state"], first["reference"], first) == ("done", key, again)
    assert said(provider.http.get(f"/v1/refunds/{first['id']}"), 200) == first
    assert totals(provider, payment)[3] == 300
    assert said(provider.refunds(payment, 100), 201)["reference"] is None


def test_a_dispute_takes_what_is_left_and_brings_it_back_when_it_is_won(provider: Psp) -> None:
    payment = provider.pays()
    provider.refunds(payment, 300)
    assert (provider.disputes(payment)["amount"], provider.disputes(payment)["state"]) == (700, "open")
    assert provider.disputes(payment, "won")["state"] == "won"
    refused = provider.post(f"/v1/payments/{payment['id']}/dispute", {"state": "lost"})
    assert code(refused, 409) == "dispute_closed"
    assert movements(provider, payment)[2:] == [("dispute", 700), ("dispute_won", 700)]


def test_the_settlement_file_has_the_movements_and_their_fees(provider: Psp) -> None:
    payment = provider.pays(amount=1250)
    refund = said(provider.refunds(payment, 300, key=str(uuid4())), 201)
    header, *lines = provider.http.get("/v1/settlement.csv", params=EVER).text.splitlines()
    assert header == "id,kind,amount,currency,at,payment_ref,subject_ref,payment_id,refund_id"
    rows = [line.split(",") for line in lines if payment["id"] in line]
    # 1.4 % of 12.50 is 17.5 cents, and half a cent goes up.
    assert [(row[1], row[2], row[3]) for row in rows] == [
        ("capture", "1250", "EUR"), ("fee", "43", "EUR"), ("refund", "300", "EUR"),
    ]  # fmt: skip
    assert rows[2][6:] == [refund["id"], payment["reference"], refund["reference"]]


def test_movements_are_of_the_time_that_was_asked_for(provider: Psp) -> None:
    payment = provider.pays()
    at = payment["created_at"]
    for since, until, found in ((at, "2999-01-01T00:00:00+00:00", 1), ("2000-01-01T00:00:00+00:00", at, 0)):
        listed = said(provider.http.get("/v1/movements", params={"since": since, "until": until}), 200)["items"]
        assert len([m for m in listed if m["payment_ref"] == payment["id"]]) == found
    assert code(provider.http.get("/v1/movements", params={"since": "yesterday"}), 400) == "invalid_request"


def test_a_saved_method_pays_for_its_customer_until_it_is_forgotten(provider: Psp) -> None:
    saved = said(provider.post("/v1/methods", {"customer": "ada", "token": "tok_success"}), 201)["method"]
    means = {"token": saved["id"], "customer_ref": saved["customer_ref"]}
    assert provider.pays(**means)["state"] == "captured"
    assert code(provider.asks_to_pay(**(means | {"customer_ref": "cus_mallory"})), 404) == "method_not_found"
    of_ada = provider.http.get("/v1/methods", params={"customer_ref": saved["customer_ref"]}).json()["items"]
    assert saved in [method["method"] for method in of_ada]
    for _ in range(2):
        assert provider.http.delete(f"/v1/methods/{saved['id']}").status_code == 204
    assert code(provider.asks_to_pay(**means), 404) == "method_not_found"
    assert code(provider.http.get(f"/v1/methods/{saved['id']}"), 404) == "method_not_found"


def test_a_payment_can_save_its_method(provider: Psp) -> None:
    customer = str(uuid4())
    method = provider.pays(saves_method=True, customer=customer)["method"]
    again = provider.pays(token=method["id"], customer_ref=method["customer_ref"])
    assert (again["state"], again["method"]) == ("captured", None)


@pytest.mark.parametrize(("outcome", "state"), [("succeed", "saved"), ("fail", "declined")])
def test_saving_a_method_may_need_a_second_step_and_then_pays_without(provider: Psp, outcome: str, state: str) -> None:
    waiting = said(provider.post("/v1/methods", {"customer": str(uuid4()), "token": "tok_3ds"}), 201)
    assert (waiting["state"], waiting["method"]) == ("needs_action", None)
    provider.takes_the_second_step(waiting["action_url"], outcome)
    made = said(provider.http.get(f"/v1/methods/{waiting['id']}"), 200)
    assert made["state"] == state
    if made["method"]:
        means = {"token": waiting["id"], "customer_ref": made["method"]["customer_ref"]}
        assert provider.pays(**means)["state"] == "captured"


def test_the_second_step_is_a_page_with_two_buttons_that_leads_back(provider: Psp) -> None:
    payment = provider.pays("tok_3ds", return_url="https://shop.example/back?x=1", order_number="<b>7")
    page = provider.http.get(payment["action_url"])
    assert "Pay 10.00 EUR for order &lt;b&gt;7" in page.text
    assert page.text.count("<button") == 2
    assert "<script" not in page.text and "<b>" not in page.text
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; form-action 'self' https://shop.example; base-uri 'none'; frame-ancestors 'none'"
    )
    assert totals(provider, payment) == ("needs_action", 0, 0, 0)
    for _ in range(2):
        sent = provider.http.post(payment["action_url"], data={"outcome": "succeed"})
        assert (sent.status_code, sent.headers["Location"]) == (303, "https://shop.example/back?x=1")
    assert totals(provider, payment) == ("captured", 1000, 1000, 0)
    assert "<button" not in provider.http.get(payment["action_url"]).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a b/", "//shop.example", "http://[", "http://a;b/"])
def test_the_buyer_is_sent_back_to_web_addresses_only(provider: Psp, url: str) -> None:
    assert code(provider.asks_to_pay("tok_3ds", return_url=url), 400) == "invalid_request"


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.asks_to_pay("tok_nobody"), lambda it: it.asks_to_pay("tok_success~sneeze"),
        lambda it: it.asks_to_pay("pm_nobodys", customer_ref="cus_1"),
        lambda it: it.asks_to_pay("tok_success~refund-pending.2"), lambda it: it.asks_to_pay(amount=0),
        lambda it: it.asks_to_pay(key="no-uuid"), lambda it: it.http.post("/v1/payments", json={}),
        lambda it: it.post("/v1/payments", {"amount": 1, "currency": "EUR", "token": "tok_success", "more": 1}),
        lambda it: it.http.put("/v1/control", json={"slow_seconds": -1}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(provider: Psp, ask: Callable[[Psp], httpx.Response]) -> None:
    assert code(ask(provider), 400) in ("invalid_request", "invalid_token")


@pytest.mark.parametrize(
    "path", ["/v1/payments/pay_1", "/v1/movements", "/v1/settlement.csv", "/v1/webhooks", "/v1/control"]
)
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer guessed"}, {"Authorization": "Bearer \xe9".encode()}])
def test_nobody_asks_without_the_secret(provider: Psp, path: str, header: dict[str, Any]) -> None:
    with httpx.Client(base_url=provider.url, trust_env=False) as stranger:
        assert code(stranger.get(path, headers=header), 401) == "unauthorized"


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    running = server.launch(tmp_path, secret=SECRET)
    first = Psp(running.url, SECRET)
    payment = first.pays()
    assert running.pid
    os.killpg(running.pid, signal.SIGKILL)
    running.stop()
    first.http.close()
    running = server.launch(tmp_path, secret=SECRET)
    try:
        again = Psp(running.url, SECRET)
        assert totals(again, payment) == ("captured", 1000, 1000, 0)
        assert [webhook["kind"] for webhook in again.webhooks(payment["reference"])] == [
            "payment.authorized", "payment.captured",
        ]  # fmt: skip
        again.http.close()
    finally:
        running.stop()
