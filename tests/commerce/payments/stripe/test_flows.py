"""The adapter against localstripe, a Stripe that keeps state; every request is checked by stripe-mock besides."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from shopwright.commerce.payments.provider import (
    Charge,
    Handle,
    MovementKind,
    NoAnswer,
    Outcome,
    RefundResult,
    Refused,
    Result,
)
from shopwright.commerce.payments.providers.stripe import Stripe
from shopwright.embedded.process import Server
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from tests.commerce.payments.stripe.peers import post
from tests.commerce.payments.stripe.relay import Relay

VISA, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000341", "4000002500003155"
CUSTOMER = UUID("01939e0a-7a00-7000-8000-0000000000cc")


@pytest.fixture
def card(localstripe: Server):
    """What Stripe.js would make of a card number; the shop never sees one."""

    def of(number: str = VISA) -> str:
        data = {"number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123"}
        return str(post(f"{localstripe.url}/v1/payment_methods", type="card", card=data)["id"])

    return of


def charge(token: str, amount: int = 1999, **changes: object) -> Charge:
    asked = Charge(
        reference=ids.new(), amount=Money(amount, "EUR"), token=token, capture=True, order_number="1001",
        return_url="https://shop.example/orders/1001",
    )  # fmt: skip
    return msgspec.structs.replace(asked, **changes)


def handle(asked: Charge, outcome: Outcome) -> Handle:
    return Handle(reference=asked.reference, provider_ref=outcome.provider_ref, amount=asked.amount)


def totals(outcome: Outcome) -> tuple[Result, int, int, int]:
    return outcome.result, outcome.authorized, outcome.captured, outcome.refunded


def test_a_payment_is_taken_at_once(local: Stripe, card, relay: Relay) -> None:
    asked = charge(card())
    outcome = local.authorize(asked)
    assert totals(outcome) == (Result.CAPTURED, 1999, 1999, 0)
    assert outcome.amount == Money(1999, "EUR") and re.fullmatch("pi_\\w+", outcome.provider_ref)
    assert outcome.client_secret is None and outcome.action_url is None
    assert [(a.method, a.path, a.key, a.version) for a in relay.asked] == [
        ("POST", "/v1/payment_intents", str(asked.reference), "2026-10-28.endive")
    ]
    assert relay.asked[0].params["metadata[payment_id]"] == str(asked.reference)


def test_asked_twice_it_is_one_payment(local: Stripe, card) -> None:
    asked = charge(card())
    assert local.authorize(asked).provider_ref == local.authorize(asked).provider_ref


def test_a_reserved_payment_is_captured_whole(local: Stripe, card) -> None:
    asked = charge(card(), capture=False)
    reserved = local.authorize(asked)
    assert totals(reserved) == (Result.AUTHORIZED, 1999, 0, 0)
    taken = local.capture(ids.new(), handle(asked, reserved), Money(1999, "EUR"), is_final=True)
    assert totals(taken) == (Result.CAPTURED, 1999, 1999, 0)
    assert local.look_up(asked, reserved.provider_ref) == taken


def test_what_a_part_capture_lets_go_of_is_no_refund(local: Stripe, card) -> None:
    asked = charge(card(), capture=False)
    reserved = local.authorize(asked)
    taken = local.capture(ids.new(), handle(asked, reserved), Money(1200, "EUR"), is_final=True)
    assert totals(taken) == (Result.CAPTURED, 1999, 1200, 0)
    given_back = local.refund(ids.new(), handle(asked, reserved), Money(200, "EUR"))
    assert given_back.result is RefundResult.DONE
    assert totals(local.look_up(asked, reserved.provider_ref)) == (Result.CAPTURED, 1999, 1200, 200)


def test_a_reserved_payment_is_let_go_of(local: Stripe, card) -> None:
    asked = charge(card(), capture=False)
    reserved = local.authorize(asked)
    operation = ids.new()
    assert totals(local.void(operation, handle(asked, reserved))) == (Result.VOIDED, 1999, 0, 0)
    assert local.void(operation, handle(asked, reserved)).result is Result.VOIDED
    assert local.void(ids.new(), handle(asked, reserved)).result is Result.VOIDED


def test_a_taken_payment_cannot_be_let_go_of(local: Stripe, card) -> None:
    asked = charge(card())
    taken = local.authorize(asked)
    with pytest.raises(Refused):
        local.void(ids.new(), handle(asked, taken))
    assert totals(local.look_up(asked, taken.provider_ref)) == (Result.CAPTURED, 1999, 1999, 0)


def test_a_payment_is_given_back_in_parts_and_each_part_once(local: Stripe, card) -> None:
    asked = charge(card())
    taken = local.authorize(asked)
    first, second = ids.new(), ids.new()
    part = local.refund(first, handle(asked, taken), Money(500, "EUR"))
    assert (part.result, part.amount, part.refund_id) == (RefundResult.DONE, Money(500, "EUR"), first)
    assert local.refund(first, handle(asked, taken), Money(500, "EUR")) == part
    rest = local.refund(second, handle(asked, taken), Money(1499, "EUR"))
    assert (rest.result, rest.refund_id) == (RefundResult.DONE, second)
    assert totals(local.look_up(asked, taken.provider_ref)) == (Result.CAPTURED, 1999, 1999, 1999)


def test_a_refund_asked_again_after_its_key_was_forgotten_moves_nothing(local: Stripe, card, relay: Relay) -> None:
    asked = charge(card())
    taken = local.authorize(asked)
    refund_id = ids.new()
    made = local.refund(refund_id, handle(asked, taken), Money(500, "EUR"))
    relay.forget_keys()
    with clock.held_at(clock.now() + timedelta(days=2)):
        assert local.refund(refund_id, handle(asked, taken), Money(500, "EUR")) == made
    assert local.look_up(asked, taken.provider_ref).refunded == 500


def test_a_declined_card_is_an_outcome(local: Stripe, card) -> None:
    outcome = local.authorize(charge(card(DECLINED)))
    assert totals(outcome) == (Result.DECLINED, 0, 0, 0)
    assert outcome.decline_code == "card_declined"


def test_an_unknown_means_of_payment_is_refused(local: Stripe) -> None:
    with pytest.raises(Refused):
        local.authorize(charge("pm_of_somebody_else"))


def test_a_second_step_is_asked_for_and_taken(local: Stripe, card, localstripe: Server) -> None:
    asked = charge(card(THREE_D_SECURE))
    waiting = local.authorize(asked)
    assert totals(waiting) == (Result.NEEDS_ACTION, 0, 0, 0)
    secret = waiting.client_secret
    assert secret and secret.startswith(f"{waiting.provider_ref}_secret_")
    assert local.look_up(asked, waiting.provider_ref) == waiting
    step = f"{localstripe.url}/v1/payment_intents/{waiting.provider_ref}/_authenticate"
    post(step, client_secret=secret, success=True)
    assert totals(local.look_up(asked, waiting.provider_ref)) == (Result.CAPTURED, 1999, 1999, 0)


def test_a_second_step_that_fails_declines(local: Stripe, card, localstripe: Server) -> None:
    asked = charge(card(THREE_D_SECURE))
    waiting = local.authorize(asked)
    step = f"{localstripe.url}/v1/payment_intents/{waiting.provider_ref}/_authenticate"
    post(step, client_secret=waiting.client_secret, success=False)
    outcome = local.look_up(asked, waiting.provider_ref)
    assert (outcome.result, outcome.decline_code) == (Result.DECLINED, "payment_intent_authentication_failure")
    assert outcome.client_secret is None


def test_a_second_step_that_nobody_takes_is_let_go_of(local: Stripe, card) -> None:
    asked = charge(card(THREE_D_SECURE))
    assert totals(local.void(ids.new(), handle(asked, local.authorize(asked)))) == (Result.VOIDED, 0, 0, 0)


def test_a_lost_answer_is_found_and_nothing_is_charged_again(local: Stripe, card, relay: Relay) -> None:
    asked = charge(card())
    relay.loses_next = True
    with pytest.raises(NoAnswer, match="connection"):
        local.authorize(asked)
    found = local.look_up(asked, "")
    assert totals(found) == (Result.CAPTURED, 1999, 1999, 0)
    assert local.authorize(asked).provider_ref == found.provider_ref
    relay.forget_keys()
    with clock.held_at(clock.now() + timedelta(days=2)):
        assert local.authorize(asked).provider_ref == found.provider_ref


def test_what_was_never_asked_is_unknown_but_not_too_early(local: Stripe, card) -> None:
    asked = charge(card())
    with pytest.raises(NoAnswer, match="too early"):
        local.look_up(asked, "")
    with clock.held_at(clock.now() + timedelta(minutes=3)):
        assert totals(local.look_up(asked, "")) == (Result.UNKNOWN, 0, 0, 0)


def test_a_method_is_saved_charged_and_forgotten(local: Stripe, card) -> None:
    saved = local.save_method(ids.new(), CUSTOMER, None, card())
    method = saved.method
    assert method and saved.decline_code is None
    assert (method.kind, method.brand, method.last4, method.expires_year) == ("card", "visa", "4242", 2031)
    outcome = local.authorize(charge(method.provider_ref, customer_ref=method.customer_ref))
    assert totals(outcome) == (Result.CAPTURED, 1999, 1999, 0)
    assert outcome.method == method
    local.forget_method(method)
    local.forget_method(method)


def test_a_method_is_saved_while_it_pays(local: Stripe, card, relay: Relay) -> None:
    token = card()
    outcome = local.authorize(charge(token, customer_id=CUSTOMER, saves_method=True))
    assert outcome.method and outcome.method.provider_ref == token
    made, paid = relay.asked
    assert (made.path, made.key) == ("/v1/customers", f"customer-{CUSTOMER}")
    assert paid.params["customer"] == outcome.method.customer_ref
    assert paid.params["setup_future_usage"] == "off_session"


def test_a_guests_method_is_not_saved(local: Stripe, card, relay: Relay) -> None:
    outcome = local.authorize(charge(card(), saves_method=True))
    assert outcome.result is Result.CAPTURED and outcome.method is None
    assert "setup_future_usage" not in relay.asked[0].params


def test_saving_may_need_a_second_step(local: Stripe, card, localstripe: Server) -> None:
    waiting = local.save_method(ids.new(), CUSTOMER, None, card(THREE_D_SECURE))
    assert waiting.method is None and waiting.decline_code is None and waiting.client_secret
    assert local.look_up_method(waiting.provider_ref) == waiting
    post(f"{localstripe.url}/v1/setup_intents/{waiting.provider_ref}/confirm", client_secret=waiting.client_secret)
    method = local.look_up_method(waiting.provider_ref).method
    assert method and method.last4 == "3155"


def test_a_card_that_cannot_be_saved_is_declined(local: Stripe, card) -> None:
    outcome = local.save_method(ids.new(), CUSTOMER, None, card("4000000000000002"))
    assert (outcome.method, outcome.decline_code) == (None, "card_declined")


def test_movements_are_those_of_the_balance(local: Stripe, card) -> None:
    asked = charge(card(), amount=4321)
    taken = local.authorize(asked)
    refund_id = ids.new()
    local.refund(refund_id, handle(asked, taken), Money(321, "EUR"))
    today = datetime.now(UTC)
    moved = [
        m
        for m in local.movements(today - timedelta(hours=1), today + timedelta(hours=1))
        if m.amount.amount in (4321, 321)
    ]
    by_kind = {m.kind: m for m in moved}
    assert set(by_kind) == {MovementKind.CAPTURE, MovementKind.REFUND}
    assert by_kind[MovementKind.REFUND].refund_id == refund_id
    assert by_kind[MovementKind.REFUND].payment_ref == taken.provider_ref
    assert by_kind[MovementKind.CAPTURE].payment_ref == taken.provider_ref
