"""One test for each scenario: what the provider answers, what it has done, and which webhooks it would send."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from shopwright.embedded.psp.pages import catalog
from shopwright.embedded.psp.scenarios import Operation, read
from tests.paying import Psp, said

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "testing-payments.md"
CAPTURED = {"state": "captured", "amount": 1000, "currency": "EUR", "captured": 1000}
PAID = ["payment.authorized", "payment.captured"]


def pick(payment: dict[str, Any]) -> dict[str, Any]:
    return {name: payment[name] for name in CAPTURED}


def kinds(provider: Psp, payment: dict[str, Any]) -> list[str]:
    return [webhook["kind"] for webhook in provider.webhooks(payment["reference"])]


def told(provider: Psp, reference: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(webhook["body"])["data"] for webhook in provider.webhooks(reference)]


@pytest.mark.parametrize(
    ("token", "state", "why", "webhooks"),
    [
        ("tok_success", "captured", None, PAID),
        ("tok_decline", "declined", "card_declined", ["payment.declined"]),
        ("tok_insufficient_funds", "declined", "insufficient_funds", ["payment.declined"]),
        ("tok_expired_card", "declined", "expired_card", ["payment.declined"]),
        ("tok_3ds", "needs_action", None, ["payment.needs_action"]),
        ("tok_pending", "pending", None, ["payment.pending"]),
    ],
)
def test_each_token(provider: Psp, token: str, state: str, why: str | None, webhooks: list[str]) -> None:
    payment = provider.pays(token)
    assert (payment["state"], payment["decline_code"]) == (state, why)
    assert payment["captured"] == (1000 if state == "captured" else 0)
    assert kinds(provider, payment) == webhooks


@pytest.mark.parametrize(("outcome", "state"), [("succeed", "captured"), ("fail", "declined")])
def test_pending_is_decided_later(provider: Psp, outcome: str, state: str) -> None:
    payment = provider.pays("tok_pending")
    assert provider.decides("payments", payment["id"], outcome)["state"] == state
    assert kinds(provider, payment)[-1] == f"payment.{state}"


def test_timeout_charges_and_never_answers(provider: Psp) -> None:
    key = str(uuid4())
    for _ in range(3):
        assert provider.asks_to_pay("tok_timeout", key=key).status_code == 504
    assert pick(provider.payment(key)) == CAPTURED
    assert len(told(provider, key)) == 2


@pytest.mark.parametrize(
    ("scenario", "status", "is_done"),
    [
        ("timeout", 504, True), ("error500-before", 500, False), ("error500-after", 500, True), ("busy429", 429, False),
        ("malformed", 201, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 2])
def test_a_fault_meets_the_first_attempts(provider: Psp, scenario: str, status: int, is_done: bool, times: int) -> None:
    key, token = str(uuid4()), f"tok_success~{scenario}" + (f".{times}" if times > 1 else "")
    for _ in range(times):
        answer = provider.asks_to_pay(token, key=key)
        assert answer.status_code == status
        assert not is_readable(answer)
        looked_up = provider.http.get("/v1/payments", params={"reference": key})
        assert looked_up.status_code == (200 if is_done else 404)
    assert pick(provider.pays(token, key=key)) == CAPTURED
    assert len(told(provider, key)) == 2


def is_readable(answer: httpx.Response) -> bool:
    try:
        return set(CAPTURED) <= set(answer.json())
    except ValueError:
        return False


@pytest.mark.parametrize("operation", ["capture", "void", "refund"])
@pytest.mark.parametrize("fault", ["timeout", "error500-before", "error500-after", "busy429", "malformed"])
def test_a_fault_can_meet_another_request(provider: Psp, operation: str, fault: str) -> None:
    payment, key = provider.pays(f"tok_success~{operation}-{fault}", capture=operation == "refund"), str(uuid4())

    def ask() -> httpx.Response:
        if operation == "void":
            return provider.post(f"/v1/payments/{payment['id']}/void", key=key)
        return (provider.captures if operation == "capture" else provider.refunds)(payment, 400, key=key)

    first = ask()
    assert first.status_code >= 429 or not is_readable(first)
    done = said(ask(), 201 if operation == "refund" else 200)
    assert done["state"] == {"capture": "captured", "void": "voided", "refund": "done"}[operation]
    now = provider.payment(payment["reference"])
    assert (now["captured"], now["refunded"]) == {"capture": (400, 0), "void": (0, 0), "refund": (1000, 400)}[operation]


def test_looking_up_can_fail_too(provider: Psp) -> None:
    payment = provider.pays("tok_success~lookup-error500-before.2")
    answers = [provider.http.get("/v1/payments", params={"reference": payment["reference"]}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 200]


@pytest.mark.parametrize(("lie", "claims"), [("wrong-amount", (1100, "EUR")), ("wrong-currency", (1000, "USD"))])
def test_a_lie_is_told_everywhere_or_in_the_first_answers(provider: Psp, lie: str, claims: tuple[int, str]) -> None:
    liar = provider.pays(f"tok_success~{lie}")
    for says in (liar, provider.payment(liar["reference"]), *(d["payment"] for d in told(provider, liar["reference"]))):
        assert (says["amount"], says["currency"]) == claims
    slip = provider.pays(f"tok_success~{lie}.1")
    assert (slip["amount"], slip["currency"]) == claims
    for says in (provider.payment(slip["reference"]), *(d["payment"] for d in told(provider, slip["reference"]))):
        assert (says["amount"], says["currency"]) == (1000, "EUR")


def test_slow_comes_late_and_does_not_hold_up_others(provider: Psp) -> None:
    with ThreadPoolExecutor(40) as pool:
        started = time.monotonic()
        slow = [pool.submit(provider.pays, "tok_success~slow") for _ in range(20)]
        quick = [pool.submit(provider.pays, "tok_success") for _ in range(20)]
        assert all(answer.result()["state"] == "captured" for answer in quick)
        assert all(answer.result()["state"] == "captured" for answer in slow)
    # One after the other they would need six seconds.
    assert 0.3 <= time.monotonic() - started < 5


def test_webhook_late_is_due_later(provider: Psp) -> None:
    on_time, late = provider.pays(), provider.pays("tok_success~webhook-late")
    assert [webhook["due_at"][:16] > late["created_at"][:16] for webhook in provider.webhooks(late["reference"])] == [
        True
    ] * 2
    assert [webhook["due_at"] for webhook in provider.webhooks(on_time["reference"])] == [on_time["created_at"]] * 2


@pytest.mark.parametrize(("scenario", "copies"), [("webhook-twice", 2), ("webhook-storm", 50), ("webhook-lost", 0)])
def test_webhooks_come_more_often_or_never(provider: Psp, scenario: str, copies: int) -> None:
    payment = provider.pays(f"tok_success~{scenario}")
    sent = provider.webhooks(payment["reference"])
    assert [webhook["kind"] for webhook in sent] == [kind for kind in PAID for _ in range(copies)]
    assert len({webhook["event_id"] for webhook in sent}) == (2 if copies else 0)


def test_webhook_out_of_order(provider: Psp) -> None:
    payment = provider.pays("tok_success~webhook-out-of-order")
    said(provider.refunds(payment, 300), 201)
    sent = provider.webhooks(payment["reference"])
    assert [webhook["kind"] for webhook in sent] == [
        "payment.captured", "payment.authorized", "payment.declined", "refund.done",
    ]  # fmt: skip
    assert min(sent, key=lambda webhook: webhook["due_at"])["kind"] == "refund.done"
    states = [data["payment"]["state"] for data in told(provider, payment["reference"])[:3]]
    assert states == ["captured", "authorized", "declined"]


@pytest.mark.parametrize("flaw", ["forged", "ancient"])
def test_webhooks_that_nobody_may_believe_come_before_the_true_ones(provider: Psp, flaw: str) -> None:
    payment = provider.pays(f"tok_3ds~webhook-{flaw}")
    wrong, true = provider.webhooks(payment["reference"])
    assert (wrong["flaw"], wrong["kind"], true["flaw"], true["kind"]) == (
        flaw, "payment.captured", "", "payment.needs_action",
    )  # fmt: skip
    assert told(provider, payment["reference"])[0]["payment"]["captured"] == 1000
    age = int(true["headers"]["Webhook-Timestamp"]) - int(wrong["headers"]["Webhook-Timestamp"])
    assert age == (365 * 86_400 if flaw == "ancient" else 0)


def test_webhook_unknown_type_comes_first(provider: Psp) -> None:
    assert kinds(provider, provider.pays("tok_success~webhook-unknown-type")) == ["payment.blessed", *PAID]


def test_webhook_before_answer_waits_until_they_were_heard(provider: Psp) -> None:
    key = str(uuid4())
    said(provider.http.put("/v1/control", json={"slow_seconds": 10}), 200)
    try:
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(provider.pays, "tok_success~webhook-before-answer", key=key)
            while len(sent := provider.webhooks(key)) < 2:
                time.sleep(0.01)
            for webhook in sent:
                assert not answer.done()
                assert provider.http.post(f"/v1/webhooks/{webhook['seq']}/heard").status_code == 204
            assert answer.result(5)["state"] == "captured"
    finally:
        said(provider.http.put("/v1/control", json={"slow_seconds": 0.3}), 200)


def test_partial_capture_takes_half_and_lets_the_rest_go(provider: Psp) -> None:
    at_once = provider.pays("tok_success~partial-capture", amount=1001)
    later = provider.pays("tok_success~partial-capture", capture=False)
    said(provider.captures(later, 600, final=False), 200)
    for payment, authorized, captured in ((at_once, 1001, 500), (later, 1000, 300)):
        now = provider.payment(payment["reference"])
        assert (now["state"], now["authorized"], now["captured"]) == ("captured", authorized, captured)


@pytest.mark.parametrize(
    ("scenario", "ends"), [("chargeback", []), ("chargeback-won", ["won"]), ("chargeback-lost", ["lost"])]
)
def test_chargebacks(provider: Psp, scenario: str, ends: list[str]) -> None:
    payment = provider.pays(f"tok_success~{scenario}")
    assert kinds(provider, payment) == [*PAID, "dispute.open", *(f"dispute.{end}" for end in ends)]
    assert {data["dispute"]["amount"] for data in told(provider, payment["reference"])[2:]} == {1000}


def test_refunds_that_fail_move_nothing(provider: Psp) -> None:
    payment = provider.pays("tok_success~refund-fails")
    failed = said(provider.refunds(payment, 1000), 201)
    assert (failed["state"], failed["failure_code"]) == ("failed", "refund_failed")
    assert kinds(provider, payment) == [*PAID, "refund.failed"]
    assert provider.payment(payment["reference"])["refunded"] == 0


@pytest.mark.parametrize(("more", "end", "refunded"), [("", "done", 400), ("~refund-fails", "failed", 0)])
def test_refunds_that_are_decided_later_hold_their_share(provider: Psp, more: str, end: str, refunded: int) -> None:
    payment = provider.pays(f"tok_success~refund-pending{more}")
    key = str(uuid4())
    pending = said(provider.refunds(payment, 400, key=key), 201)
    assert (pending["state"], provider.payment(payment["reference"])["refunded"]) == ("pending", 0)
    assert provider.refunds(payment, 601).status_code == 409
    provider.decides("refunds", pending["id"], "fail" if more else "succeed")
    assert said(provider.refunds(payment, 400, key=key), 201)["state"] == end
    assert provider.payment(payment["reference"])["refunded"] == refunded
    assert kinds(provider, payment) == [*PAID, "refund.pending", f"refund.{end}"]


def test_flaky_follows_from_the_seed_and_works_in_the_end() -> None:
    script = read("tok_success~flaky.5")
    keys = [str(uuid4()) for _ in range(40)]

    def run(seed: str) -> list[frozenset[str]]:
        return [script.faults_at(Operation.PAY, attempt, seed, key) for key in keys for attempt in range(1, 6)]

    assert run("1") == run("1")
    assert run("1") != run("2")
    assert {fault for faults in run("1") for fault in faults} == {
        "error500-before",
        "error500-after",
        "busy429",
        "malformed",
    }
    assert all(script.faults_at(Operation.PAY, 6, "1", key) == frozenset() for key in keys)


def test_flaky_charges_once(provider: Psp) -> None:
    key = str(uuid4())
    answers = [provider.asks_to_pay("tok_success~flaky", key=key) for _ in range(4)]
    assert pick(said(answers[-1], 201)) == CAPTURED
    assert len(told(provider, key)) == 2


def test_the_page_and_the_guide_name_every_token_and_scenario(provider: Psp) -> None:
    page, guide = provider.http.get("/").text, GUIDE.read_text()
    assert len(catalog()) > 25
    for name, _ in catalog():
        assert f"<code>{name}</code>" in page, name
        assert re.search(rf"^\| `{re.escape(name)}` \|", guide, re.MULTILINE), name
