"""Gift cards and store credit as a payment: never a discount, and back where it came from."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from shopwright import settings
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.credit import service
from shopwright.commerce.orders import service as orders
from shopwright.commerce.payments import reconciliation, work
from shopwright.commerce.payments import service as payments
from shopwright.commerce.payments.errors import ProviderUnavailable
from shopwright.commerce.payments.models import Payment
from shopwright.commerce.payments.provider import Charge
from shopwright.commerce.payments.registry import provider
from shopwright.commerce.payments.service import Means
from shopwright.kit import clock, ids, outbox
from shopwright.kit.db import session
from shopwright.kit.money import Money
from shopwright.kit.principal import Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from tests.commerce.credit.cards import account, booked, make_card, moved
from tests.make import customer_headers, make_customer, staff_headers
from tests.shopping import SHIPPING_PRICE, Buyer

TOTAL = 1900 + SHIPPING_PRICE


@pytest.fixture
def ordering(buyer: Buyer) -> Buyer:
    """Somebody who has ordered for `TOTAL` and not paid."""
    buyer.fills_a_cart(buyer.shop.product(price=1900))
    buyer.orders()
    assert buyer.order["total"] == euros(TOTAL)
    return buyer


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def pay_by(buyer: Buyer, code: str | None, **more: Any) -> dict[str, Any]:
    return buyer.pays(code, provider="credit", **more)


def refused(buyer: Buyer, code: str | None, status: int, **more: Any) -> dict[str, Any]:
    return buyer.said(buyer.asks_to_pay(code, provider="credit", **more), status)


def completes() -> None:
    """What the clock does: facts are heard, and operations asked for."""
    outbox.drain()
    with clock.held_at(clock.now() + timedelta(minutes=1)):
        work.complete()


def test_a_gift_card_pays_a_whole_order_and_keeps_its_rest(ordering: Buyer) -> None:
    card, code = make_card(5000)

    payment = pay_by(ordering, code)

    assert (payment["state"], payment["captured"]) == ("captured", euros(TOTAL))
    assert ordering.looks_at_the_order()["payment_status"] == "paid"
    assert account(card).balance_amount == 5000 - TOTAL
    assert booked()["liabilities"] == TOTAL - 5000
    assert "captured" not in booked()


def test_gift_cards_pay_what_they_have_and_a_card_pays_the_rest(ordering: Buyer) -> None:
    first, first_code = make_card(500)
    second, second_code = make_card(700)

    assert pay_by(ordering, first_code)["captured"] == euros(500)
    assert pay_by(ordering, second_code)["captured"] == euros(700)
    assert ordering.pays()["captured"] == euros(TOTAL - 1200)

    assert ordering.looks_at_the_order()["payment_status"] == "paid"
    assert [account(first).balance_amount, account(second).balance_amount] == [0, 0]


def test_no_row_and_no_log_has_the_code(ordering: Buyer, capsys: pytest.CaptureFixture[str]) -> None:
    card, code = make_card(5000)
    pay_by(ordering, code)

    logged = capsys.readouterr().out
    assert '"event":"request"' in logged
    assert code not in logged
    with reading():
        assert session.scalars(select(Payment.method_token)).all() == [str(card)]
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        for table in tables:
            rows = session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" AS t')).all()
            assert not [row for row in rows if code in row or code.replace("-", "") in row], table


def test_nobody_may_notify_or_save_by_the_provider_of_credit(buyer: Buyer) -> None:
    _, code = make_card(5000)
    buyer.signed_in = {"Authorization": customer_headers()["Authorization"]}

    told = buyer.client.post("/v1/webhooks/payments/credit", json={"id": "evt_1"})
    saved = buyer.send("POST", "/v1/me/payment-methods", {"provider": "credit", "token": code})

    assert (told.status_code, told.get_json()["code"]) == (401, "webhook-not-authentic")
    assert (saved.status_code, saved.get_json()["code"]) == (409, "method-declined")


def test_a_repeated_payment_is_the_same_payment(ordering: Buyer) -> None:
    card, code = make_card(5000)

    answers = [pay_by(ordering, code, key="the same key of mine, twice") for _ in range(2)]

    assert answers[0] == answers[1]
    assert moved(card) == [("issued", 5000), ("spent", -TOTAL)]


def test_a_part_of_a_gift_card_can_be_spent(ordering: Buyer) -> None:
    card, code = make_card(5000)

    assert pay_by(ordering, code, amount=1000)["captured"] == euros(1000)
    assert account(card).balance_amount == 4000
    said = refused(ordering, code, 409, amount=TOTAL)
    assert (said["type"].rsplit("/", 1)[-1], said["left"]) == ("too-much", TOTAL - 1000)


def test_why_a_gift_card_does_not_pay_is_said(ordering: Buyer) -> None:
    _, foreign = make_card(5000, currency="CHF")
    used, used_code = make_card(5000)
    with transaction():
        service.revoke(used, None, "Stolen.")
    old, old_code = make_card(5000, country="US")
    types = [refused(ordering, code, status)["type"] for code, status in
             (("AAAAA-AAAAA-AAAAA-AAAAA", 404), (foreign, 409), (used_code, 409), (None, 409))]  # fmt: skip
    refused(ordering, old_code, 422, save_method=True)

    assert [said.rsplit("/", 1)[-1] for said in types] == [
        "unknown-gift-card", "credit-in-foreign-currency", "credit-used-up", "credit-used-up",
    ]  # fmt: skip
    assert ordering.looks_at_the_payments() == []
    assert moved(old) == [("issued", 5000)]


def test_an_order_that_expires_gives_the_gift_card_its_money_back(ordering: Buyer) -> None:
    card, code = make_card(500)
    pay_by(ordering, code)

    with clock.held_at(clock.now() + timedelta(hours=2)):
        with transaction():
            assert orders.expire_due() == 1
        completes()

    assert moved(card) == [("issued", 500), ("spent", -500), ("returned", 500)]
    assert booked() == {"liabilities": -500, "unissued": 500}


def test_an_order_canceled_unpaid_is_not_the_buyers_to_cancel_once_something_is_paid(ordering: Buyer) -> None:
    card, code = make_card(500)
    pay_by(ordering, code)
    path = f"/v1/orders/{ordering.order['id']}/cancel"

    assert ordering.send("POST", path).status_code == 409
    headers = staff_headers(Permission.ORDERS_CANCEL)
    answer = ordering.client.post(f"/v1/admin{path.removeprefix('/v1')}", json={"reason": "Wished."}, headers=headers)
    assert answer.status_code == 200
    completes()

    assert account(card).balance_amount == 500


def test_refunds_go_back_to_where_each_part_came_from(ordering: Buyer) -> None:
    card, code = make_card(1000)
    by_card = pay_by(ordering, code)
    by_money = ordering.pays()
    headers = staff_headers(Permission.ORDERS_REFUND)

    for payment in (by_card, by_money):
        path = f"/v1/admin/payments/{payment['id']}/refunds"
        headers["Idempotency-Key"] = payment["id"]
        answer = ordering.client.post(path, json={"reason": "Broken."}, headers=headers)
        assert (answer.status_code, answer.get_json()["state"]) == (201, "done")

    assert account(card).balance_amount == 1000
    assert [payment["refunded"] for payment in ordering.looks_at_the_payments()] == [euros(1000), euros(TOTAL - 1000)]
    assert ordering.looks_at_the_order()["payment_status"] == "refunded"


def begins(buyer: Buyer, code: str) -> Charge:
    """What a worker that dies right after it has written its intent leaves behind."""
    means = Means(provider="credit", token=code)
    with acting_as(Principal(order_token=ids.hashed(buyer.order["token"]))), transaction():
        return payments.begin(UUID(buyer.order["id"]), means, amount=None, capture=True)[1]


def test_a_payment_whose_answer_was_lost_is_looked_up_and_made_once(ordering: Buyer) -> None:
    card, code = make_card(5000)
    charge = begins(ordering, code)
    for _ in range(2):
        assert provider("credit").authorize(charge).captured == TOTAL

    completes()

    assert [payment["state"] for payment in ordering.looks_at_the_payments()] == ["captured"]
    assert moved(card) == [("issued", 5000), ("spent", -TOTAL)]


def test_a_payment_that_was_never_asked_for_spends_nothing(ordering: Buyer) -> None:
    card, code = make_card(5000)
    begins(ordering, code)

    completes()

    (payment,) = ordering.looks_at_the_payments()
    assert (payment["state"], payment["decline_code"]) == ("declined", "not_asked")
    assert moved(card) == [("issued", 5000)]
    assert pay_by(ordering, code)["captured"] == euros(TOTAL)


def test_a_card_that_others_empty_meanwhile_pays_what_is_left(ordering: Buyer) -> None:
    card, code = make_card(5000)
    charge = begins(ordering, code)
    with transaction():
        service.revoke(card, 4000, "Meanwhile.")
    provider("credit").authorize(charge)

    completes()

    (payment,) = ordering.looks_at_the_payments()
    assert (payment["state"], payment["amount"], payment["captured"]) == ("captured", euros(TOTAL), euros(1000))
    assert ordering.pays()["captured"] == euros(TOTAL - 1000)
    assert ordering.looks_at_the_order()["payment_status"] == "paid"


def test_the_list_of_what_moved_agrees_with_the_payments(ordering: Buyer) -> None:
    _, code = make_card(500)
    payment = pay_by(ordering, code)
    headers = staff_headers(Permission.ORDERS_REFUND)
    path = f"/v1/admin/payments/{payment['id']}/refunds"
    ordering.client.post(path, json={"reason": "Broken.", "amount": 200}, headers=headers)
    day = timedelta(days=1)

    report = reconciliation.reconcile("credit", clock.now() - day, clock.now() + day)

    assert (report.movements, report.healed, report.open_issues, report.unanswered) == (2, [], 0, 0)


def test_who_pays_by_credit_waits_for_no_place_among_those_who_wait_for_a_provider(buyer: Buyer) -> None:
    with ExitStack() as paying:
        for _ in range(50):
            paying.enter_context(work.reaching("credit"))
        with pytest.raises(ProviderUnavailable):
            for _ in range(50):
                paying.enter_context(work.reaching("development"))


def test_store_credit_is_granted_spent_and_seen_by_its_customer(ordering: Buyer, client: FlaskClient) -> None:
    customer = make_customer()
    staff = staff_headers(Permission.CREDIT_READ, Permission.CREDIT_WRITE)
    path = f"/v1/admin/customers/{customer.id}/credit"
    granted = client.post(f"{path}/grant", json={"amount": euros(1500), "reason": "Late."}, headers=staff)
    assert (granted.status_code, granted.get_json()["balance"]) == (201, euros(1500))
    ordering.signed_in = {"Authorization": customer_headers(customer)["Authorization"]}

    assert pay_by(ordering, None)["captured"] == euros(1500)

    seen = ordering.said(ordering.send("GET", "/v1/me/credit"), 200)["items"]
    assert [(entry["state"], entry["balance"]) for entry in seen] == [("used_up", euros(0))]
    (story,) = client.get(path, headers=staff).get_json()["items"]
    assert [(each["reason"], each["amount"]["amount"], each["note"]) for each in story["movements"]] == [
        ("granted", 1500, "Late."), ("spent", -1500, ""),
    ]  # fmt: skip
    assert booked()["granted"] == 1500


def test_staff_take_no_more_than_there_is(client: FlaskClient, buyer: Buyer) -> None:
    customer = make_customer()
    staff = staff_headers(Permission.CREDIT_WRITE)
    with transaction():
        service.grant(customer.id, Money(1500, "EUR"), "Late.")
    path = f"/v1/admin/customers/{customer.id}/credit/revoke"

    answers = []
    for amount in (1501, 1500, 1):
        staff["Idempotency-Key"] = f"taking {amount}"
        answers.append(client.post(path, json={"amount": euros(amount), "reason": "Mistaken."}, headers=staff))

    assert [answer.status_code for answer in answers] == [409, 200, 409]
    assert answers[0].get_json()["left"] == 1500
    assert booked() == {}


def test_a_balance_is_told_to_who_knows_the_code(client: FlaskClient, buyer: Buyer) -> None:
    _, code = make_card(5000, country="US")

    known = client.post("/v1/gift-cards/balance", json={"code": code})
    unknown = client.post("/v1/gift-cards/balance", json={"code": code[:-1] + "0"})

    assert known.get_json()["balance"] == euros(5000)
    assert (known.status_code, unknown.status_code) == (200, 404)


@pytest.fixture
def few_tries() -> Iterator[None]:
    here = settings.current()
    settings.use(msgspec.structs.replace(here, gift_card_tries_per_minute=2))
    yield
    settings.use(here)


@pytest.mark.usefixtures("few_tries")
def test_s8_guessing_codes_is_slowed_down_by_address(client: FlaskClient, ordering: Buyer) -> None:
    card, code = make_card(5000)

    answers = [client.post("/v1/gift-cards/balance", json={"code": f"{number}"}) for number in range(2)]
    too_many = client.post("/v1/gift-cards/balance", json={"code": code})
    nor_so = ordering.asks_to_pay(code, provider="credit")

    assert [answer.status_code for answer in answers] == [404, 404]
    assert (too_many.status_code, nor_so.status_code) == (429, 429)
    assert int(too_many.headers["Retry-After"]) > 0
    assert moved(card) == [("issued", 5000)]
    assert ordering.pays()["state"] == "captured"
