from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from shopwright.commerce.books.models import Account
from shopwright.commerce.payments import operations, service, work
from shopwright.commerce.payments.models import Issue, State
from shopwright.commerce.payments.provider import Result
from shopwright.commerce.payments.providers import development as development_adapter
from shopwright.commerce.payments.reconciliation import Report, reconcile
from shopwright.commerce.payments.settlement import read
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.settings import current
from tests.commerce.payments import believing as it
from tests.shopping import Buyer, Shop, development

TOTAL = 1900 + 490
FEE = 33 + 25


@pytest.fixture
def placed(buyer: Buyer, shop: Shop) -> Buyer:
    buyer.fills_a_cart(shop.product())
    buyer.orders()
    return buyer


def compare(**more: Any) -> Report:
    """What moved since this test began; the provider is shared with the tests of before."""
    now = clock.now()
    return reconcile("development", now - timedelta(seconds=5), now + timedelta(minutes=5), **more)


def about(payment_id: str, report: Report) -> list[str]:
    return [healed for healed in report.healed if payment_id in healed]


def settlement_of(payment_id: str, tmp_path: Path, *, twice: bool = False) -> Path:
    """The lines of one payment in the provider's file."""
    span = {"since": "2000-01-01T00:00:00+00:00", "until": "2999-01-01T00:00:00+00:00"}
    head, *lines = development().http.get("/v1/settlement.csv", params=span).text.splitlines()
    mine = [line for line in lines if payment_id in line]
    file = tmp_path / "settlement.csv"
    file.write_text("\n".join([head, *mine, *(["again_" + mine[0]] if twice else [])]) + "\n")
    return file


def issues(kind: str) -> list[Issue]:
    with reading():
        return [issue for issue in session.scalars(select(Issue)) if issue.kind == kind]


def test_a_capture_that_no_webhook_told_of_is_booked(placed: Buyer) -> None:
    waiting = placed.pays("tok_3ds")
    development().takes_the_second_step(waiting["action_url"])
    assert placed.looks_at_the_order()["payment_status"] == "awaited"
    assert about(waiting["id"], compare()) == [f"capture {waiting['id']}"]
    assert placed.looks_at_the_order()["payment_status"] == "paid"
    assert about(waiting["id"], compare()) == []


def test_a_refund_that_was_made_at_the_provider_is_booked_once(placed: Buyer) -> None:
    paid = placed.pays()
    provider = development()
    assert provider.refunds(provider.payment(paid["id"]), 500).status_code == 201
    compare()
    provider.delivers(placed.client, paid["id"])
    compare()
    assert placed.looks_at_the_order()["refunded"]["amount"] == 500
    assert it.balances(placed)[Account.CAPTURED] == TOTAL - 500


def test_a_refund_whose_answer_was_lost_is_confirmed(placed: Buyer) -> None:
    paid = placed.pays("tok_success~refund-error500-after")
    refunded = it.refund_of(UUID(paid["id"]), 700)
    assert it.operations(UUID(paid["id"]))[0].state == "pending"
    assert [healed for healed in compare().healed if healed.startswith("refund")] != []
    assert [(op.id, op.state) for op in it.operations(UUID(paid["id"]))] == [(refunded, "done")]


def test_money_that_moved_for_no_payment_of_ours_is_an_issue(placed: Buyer) -> None:
    stranger = development().pays(amount=4321)
    compare()
    compare()
    (issue,) = [one for one in issues("unknown-capture") if one.facts["payment_ref"] == stranger["id"]]
    assert (issue.facts["amount"], issue.facts["currency"]) == (4321, "EUR")


def test_an_order_that_is_paid_by_a_capture_the_provider_never_made_is_an_issue(placed: Buyer) -> None:
    payment_id = it.begin(placed, provider="development")
    it.tell(payment_id, it.told(TOTAL, Result.CAPTURED, captured=TOTAL))
    compare()
    (issue,) = [one for one in issues("order-without-capture") if one.payment_id == payment_id]
    assert (issue.facts["ours"], issue.facts["looked_up"]) == (TOTAL, 0)
    assert it.payment(payment_id).state == State.CAPTURED


def test_what_is_captured_while_a_look_up_is_on_its_way_is_no_issue(
    placed: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id = UUID(placed.pays(capture=False)["id"])

    def capture(amount: int) -> None:
        with transaction():
            begun = operations.begin_capture(service.lock(payment_id)[1], amount, is_final=False)
        assert begun is not None
        work.perform(begun.id)

    def the_rest_is_captured(answer: httpx.Response) -> None:
        if answer.request.url.path.startswith("/v1/payments") and answer.request.method == "GET":
            provider.event_hooks = {}
            capture(TOTAL - 700)

    capture(700)
    provider = development_adapter._client(current().psp_url)
    monkeypatch.setattr(provider, "event_hooks", {"response": [the_rest_is_captured]})
    compare()
    assert it.payment(payment_id).captured_amount == TOTAL
    assert issues("order-without-capture") == []


def test_fees_of_the_settlement_file_are_booked_once(placed: Buyer, tmp_path: Path) -> None:
    paid = placed.pays()
    movements = read(settlement_of(paid["id"], tmp_path))
    for _ in range(2):
        compare(movements=movements)
    assert it.balances(placed)[Account.FEES] == FEE
    assert it.balances(placed)[Account.CAPTURED] == TOTAL - FEE


def test_a_capture_that_is_settled_twice_is_an_issue(placed: Buyer, tmp_path: Path) -> None:
    paid = placed.pays()
    compare(movements=read(settlement_of(paid["id"], tmp_path, twice=True)))
    (issue,) = issues("double-capture")
    assert (issue.facts["listed"], issue.facts["looked_up"]) == (2 * TOTAL, TOTAL)


def test_a_chargeback_that_no_webhook_told_of_is_booked(placed: Buyer) -> None:
    placed.pays("tok_success~chargeback")
    compare()
    compare()
    assert it.balances(placed)[Account.DISPUTED] == TOTAL
    assert len(issues("dispute")) == 1
