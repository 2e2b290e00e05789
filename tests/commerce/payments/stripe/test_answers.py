"""What each status and each fault of Stripe means; the answers are in the shapes of its API reference."""

from typing import Any

import msgspec
import pytest

from shopwright.commerce.payments.provider import (
    Charge,
    Handle,
    NoAnswer,
    Outcome,
    RefundResult,
    Refused,
    Result,
    SavedMethod,
)
from shopwright.commerce.payments.providers.stripe import Stripe, client
from shopwright.kit import ids
from shopwright.kit.money import Money
from tests.commerce.payments.stripe import shapes
from tests.commerce.payments.stripe.scripted import Scripted

EUR = Money(1999, "EUR")
FAILED = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds", "message": "No."}
REDIRECT = {
    "type": "redirect_to_url",
    "redirect_to_url": {"url": "https://hooks.stripe.com/3ds", "return_url": "https://a"},
}
UNPAID = {"amount_received": 0, "latest_charge": None}
SEEN = {"amount": EUR, "provider_ref": "pi_1"}


def charge() -> Charge:
    return Charge(reference=ids.new(), amount=EUR, token="pm_1", capture=True)


def handle() -> Handle:
    return Handle(reference=shapes.PAYMENT_ID, provider_ref="pi_1", amount=EUR)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        (
            {"latest_charge": shapes.charge()},
            Outcome(result=Result.CAPTURED, authorized=1999, captured=1999, **SEEN),
        ),
        (
            {"latest_charge": shapes.charge(amount_refunded=500)},
            Outcome(result=Result.CAPTURED, authorized=1999, captured=1999, refunded=500, **SEEN),
        ),
        # 799 were let go of, which Stripe counts as refunded; then 200 were given back.
        (
            {"amount_received": 1200, "latest_charge": shapes.charge(amount_captured=1200, amount_refunded=999)},
            Outcome(result=Result.CAPTURED, authorized=1999, captured=1200, refunded=200, **SEEN),
        ),
        (
            {
                "status": "requires_capture", "amount_received": 0, "amount_capturable": 1999,
                "latest_charge": shapes.charge(captured=False, amount_captured=0),
            },
            Outcome(result=Result.AUTHORIZED, authorized=1999, **SEEN),
        ),
        (
            {
                "status": "requires_capture", "amount_received": 1200, "amount_capturable": 799,
                "latest_charge": shapes.charge(captured=False, amount_captured=1200, amount_refunded=100),
            },
            Outcome(result=Result.AUTHORIZED, authorized=1999, captured=1200, refunded=100, **SEEN),
        ),
        (
            {"status": "requires_action", "next_action": REDIRECT, **UNPAID},
            Outcome(
                result=Result.NEEDS_ACTION, action_url="https://hooks.stripe.com/3ds",
                client_secret="pi_1_secret_x", **SEEN,
            ),
        ),
        (
            {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}, **UNPAID},
            Outcome(result=Result.NEEDS_ACTION, client_secret="pi_1_secret_x", **SEEN),
        ),
        ({"status": "processing", **UNPAID}, Outcome(result=Result.PENDING, **SEEN)),
        ({"status": "requires_confirmation", **UNPAID}, Outcome(result=Result.PENDING, **SEEN)),
        ({"status": "requires_payment_method", **UNPAID}, Outcome(result=Result.PENDING, **SEEN)),
        (
            {
                "status": "requires_payment_method", "last_payment_error": FAILED, "amount_received": 0,
                "latest_charge": shapes.charge(status="failed", captured=False, amount_captured=0),
            },
            Outcome(result=Result.DECLINED, decline_code="insufficient_funds", **SEEN),
        ),
        ({"status": "canceled", **UNPAID}, Outcome(result=Result.VOIDED, **SEEN)),
        (
            {
                "status": "canceled", "amount_received": 0,
                "latest_charge": shapes.charge(captured=False, amount_captured=0, amount_refunded=1999, refunded=True),
            },
            Outcome(result=Result.VOIDED, authorized=1999, **SEEN),
        ),
        (
            {
                "status": "canceled", "amount_received": 1200,
                "latest_charge": shapes.charge(amount_captured=1200, amount_refunded=799),
            },
            Outcome(result=Result.CAPTURED, authorized=1999, captured=1200, **SEEN),
        ),
    ],
)  # fmt: skip
def test_each_status_has_its_meaning(
    scripted: Stripe, script: Scripted, changes: dict[str, Any], outcome: Outcome
) -> None:
    script.says((200, shapes.intent(**changes)))
    assert scripted.look_up(charge(), "pi_1") == outcome


def test_amounts_and_currency_are_what_stripe_says(scripted: Stripe, script: Scripted) -> None:
    script.says((200, shapes.intent(amount=5, amount_received=5, currency="jpy")))
    outcome = scripted.authorize(charge())
    assert (outcome.amount, outcome.captured) == (Money(5, "JPY"), 5)


def test_a_method_that_was_saved_is_told(scripted: Stripe, script: Scripted) -> None:
    card = {"brand": "mastercard", "last4": "4444", "exp_month": 3, "exp_year": 2031, "funding": "credit"}
    method = {"id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_1", "card": card}
    script.says((200, shapes.intent(payment_method=method)))
    assert scripted.authorize(charge()).method == SavedMethod(
        provider_ref="pm_1", customer_ref="cus_1", kind="card", brand="mastercard", last4="4444",
        expires_month=3, expires_year=2031,
    )  # fmt: skip


def test_a_decline_names_its_payment(scripted: Stripe, script: Scripted) -> None:
    declined = shapes.intent(status="requires_payment_method", last_payment_error=FAILED, **UNPAID)
    script.says((402, {"error": {**FAILED, "payment_intent": declined}}))
    assert scripted.authorize(charge()) == Outcome(
        result=Result.DECLINED, amount=EUR, provider_ref="pi_1", decline_code="insufficient_funds"
    )


NOTHING_SURE = {
    "a crash": (500, {"error": {"type": "api_error", "message": "Sorry"}}),
    "a gateway's page": (502, b"<html>Bad gateway</html>"),
    "too busy": (503, b""),
    "a rival with the same key": (409, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}),
    "the key with other parameters": (400, {"error": {"type": "idempotency_error", "message": "Keys for ..."}}),
    "a lock": (429, {"error": {"type": "invalid_request_error", "code": "lock_timeout"}}),
    "too many": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit"}}),
    "no JSON": (200, b"all is well"),
    "nothing": (200, b""),
    "a list": (200, b"[]"),
    "a number": (200, b"7"),
    "null": (200, b"null"),
    "another object": (200, {"id": "cus_1", "object": "customer"}),
    "an amount in words": (200, shapes.intent(amount="much")),
    "a currency that is none": (200, shapes.intent(currency="euro")),
    "a status of the future": (200, shapes.intent(status="requires_luck")),
    "somebody else's error": (404, b"[]"),
    "somebody else's page": (403, b"<html>Forbidden</html>"),
}


@pytest.mark.parametrize("what", NOTHING_SURE)
def test_what_leaves_it_open_whether_money_moved_is_no_answer(scripted: Stripe, script: Scripted, what: str) -> None:
    for does in (
        lambda: scripted.authorize(charge()),
        lambda: scripted.capture(ids.new(), handle(), EUR, is_final=True),
        lambda: scripted.refund(ids.new(), handle(), EUR),
        lambda: scripted.look_up(charge(), "pi_1"),
    ):
        script.says(NOTHING_SURE[what])
        with pytest.raises(NoAnswer):
            does()
    assert len(script.asked) == 4, "it is not for the adapter to try again"


def test_no_connection_is_no_answer(stripe: Stripe) -> None:
    with pytest.raises(NoAnswer, match="connection"):
        stripe.authorize(charge())


def test_a_slow_answer_is_no_answer(scripted: Stripe, script: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (client.CONNECT_SECONDS, client.READ_SECONDS) == (1.0, 5.0)
    monkeypatch.setattr(client, "READ_SECONDS", 0.1)
    script.seconds = 0.5
    script.says((200, shapes.intent()))
    with pytest.raises(NoAnswer, match="connection"):
        scripted.authorize(charge())


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, {"type": "invalid_request_error", "code": "amount_too_small"}, "amount_too_small"),
        (400, {"type": "invalid_request_error"}, "invalid_request_error"),
        (401, {"type": "invalid_request_error", "code": "api_key_expired"}, "api_key_expired"),
        (403, {"type": "invalid_request_error"}, "invalid_request_error"),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, "resource_missing"),
    ],
)
def test_a_no_is_final_and_in_stripes_word(
    scripted: Stripe, script: Scripted, status: int, error: dict[str, str], code: str
) -> None:
    for does in (
        lambda: scripted.authorize(charge()),
        lambda: scripted.capture(ids.new(), handle(), EUR, is_final=False),
        lambda: scripted.refund(ids.new(), handle(), EUR),
    ):
        script.says((status, {"error": error}))
        with pytest.raises(Refused) as refused:
            does()
        assert refused.value.code == code


def test_a_look_up_that_is_refused_does_not_mean_unknown(scripted: Stripe, script: Scripted) -> None:
    script.says((404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}}))
    with pytest.raises(NoAnswer, match="resource_missing"):
        scripted.look_up(charge(), "pi_1")


def test_a_look_up_goes_through_all_pages(scripted: Stripe, script: Scripted) -> None:
    asked = charge()
    other = {"id": "pi_0", "metadata": {"payment_id": str(ids.new())}}
    ours = {"id": "pi_1", "metadata": {"payment_id": str(asked.reference)}}
    script.says(
        (200, {"object": "search_result", "data": [], "has_more": False}),
        (200, {"object": "list", "data": [other], "has_more": True}),
        (200, {"object": "list", "data": [ours], "has_more": False}),
        (200, shapes.intent()),
    )
    assert scripted.look_up(asked, "").provider_ref == "pi_1"
    assert script.asked[2][2]["starting_after"] == "pi_0"
    assert [method for method, _, _ in script.asked] == ["GET"] * 4


def test_too_many_to_look_through_is_no_answer(
    scripted: Stripe, script: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopwright.commerce.payments.providers.stripe.lookup.MOST_PAGES", 2)
    page = {"object": "list", "data": [{"id": "pi_0", "metadata": {}}], "has_more": True}
    script.says((200, {"object": "search_result", "data": [], "has_more": False}), (200, page), (200, page))
    with pytest.raises(NoAnswer, match="too many"):
        scripted.look_up(charge(), "")


@pytest.mark.parametrize(
    ("status", "reason", "result", "code"),
    [
        ("succeeded", None, RefundResult.DONE, None),
        ("pending", None, RefundResult.PENDING, None),
        ("requires_action", None, RefundResult.PENDING, None),
        (None, None, RefundResult.PENDING, None),
        ("failed", "expired_or_canceled_card", RefundResult.FAILED, "expired_or_canceled_card"),
        ("canceled", None, RefundResult.FAILED, "canceled"),
    ],
)
def test_each_status_of_a_refund_has_its_meaning(
    scripted: Stripe, script: Scripted, status: str | None, reason: str | None, result: RefundResult, code: str | None
) -> None:
    script.says((200, shapes.refund(status=status, failure_reason=reason)))
    outcome = scripted.refund(ids.new(), handle(), Money(500, "EUR"))
    assert (outcome.result, outcome.failure_code) == (result, code)
    assert (outcome.amount, outcome.provider_ref, outcome.refund_id) == (Money(500, "EUR"), "re_1", shapes.REFUND_ID)


def test_a_payment_without_a_name_is_not_touched(stripe: Stripe) -> None:
    nameless = msgspec.structs.replace(handle(), provider_ref="")
    for does in (
        lambda: stripe.capture(ids.new(), nameless, EUR, is_final=True),
        lambda: stripe.void(ids.new(), nameless),
        lambda: stripe.refund(ids.new(), nameless, EUR),
    ):
        with pytest.raises(NoAnswer, match="look it up first"):
            does()


def test_a_method_that_stripe_keeps_is_not_called_forgotten(scripted: Stripe, script: Scripted) -> None:
    refusal = (400, {"error": {"type": "invalid_request_error", "code": "some_code"}})
    method = SavedMethod(provider_ref="pm_1", customer_ref="cus_1", kind="card")
    script.says(refusal, (200, {"id": "pm_1", "type": "card", "customer": "cus_1"}))
    with pytest.raises(NoAnswer, match="some_code"):
        scripted.forget_method(method)
    script.says(refusal, (200, {"id": "pm_1", "type": "card", "customer": None}))
    scripted.forget_method(method)
    missing = (404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}})
    script.says(missing, missing)
    scripted.forget_method(method)
