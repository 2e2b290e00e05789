"""Every request that the adapter makes, in all its variants, judged by Stripe's own OpenAPI document (stripe-mock)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest

from shopwright.commerce.payments.provider import Charge, Handle, NoAnswer, SavedMethod
from shopwright.commerce.payments.providers.stripe import Stripe
from shopwright.kit import clock, ids
from shopwright.kit.money import Money
from tests.commerce.payments.stripe.peers import call
from tests.commerce.payments.stripe.relay import Relay, Served

CUSTOMER = UUID("01939e0a-7a00-7000-8000-0000000000cc")
OLD = UUID("01000000-0000-7000-8000-000000000001")
EUR = Money(1999, "EUR")


@pytest.fixture
def judge(stripe_mock: str) -> Relay:
    return Relay(upstream=None, checker=stripe_mock)


@pytest.fixture
def judged(judge: Relay, stripe_at: Callable[[str], Stripe]) -> Iterator[Stripe]:
    served = Served(judge)
    yield stripe_at(served.url)
    served.stop()


def charge(**changes: object) -> Charge:
    plain = {"reference": ids.new(), "amount": EUR, "token": "pm_card_visa", "capture": True, "order_number": "1001"}
    return Charge(**{**plain, **changes})


def handle() -> Handle:
    return Handle(reference=ids.new(), provider_ref="pi_123", amount=EUR)


BACK = "https://shop.example/back"
METHOD = SavedMethod(provider_ref="pm_123", customer_ref="cus_123", kind="card")
CREATE, CUSTOMERS = "POST /v1/payment_intents", "POST /v1/customers"
SEARCH, LIST = "GET /v1/payment_intents/search", "GET /v1/payment_intents"
RETRIEVE, SETUPS = "GET /v1/payment_intents/pi_123", "POST /v1/setup_intents"

#: What is called, and the requests that it makes in this order.
CALLS: dict[str, tuple[Callable[[Stripe], object], list[str]]] = {
    "take": (lambda s: s.authorize(charge()), [CREATE]),
    "take, with a way back": (lambda s: s.authorize(charge(return_url=BACK)), [CREATE]),
    "reserve": (lambda s: s.authorize(charge(capture=False, return_url=BACK)), [CREATE]),
    "charge a saved method": (lambda s: s.authorize(charge(token="pm_123", customer_ref="cus_123")), [CREATE]),
    "save while taking": (
        lambda s: s.authorize(charge(customer_id=CUSTOMER, saves_method=True)),
        [CUSTOMERS, CREATE],
    ),
    "save while reserving": (
        lambda s: s.authorize(charge(customer_ref="cus_123", saves_method=True, capture=False)),
        [CREATE],
    ),
    "take yen": (lambda s: s.authorize(charge(amount=Money(500, "JPY"))), [CREATE]),
    "capture the last part": (
        lambda s: s.capture(ids.new(), handle(), EUR, is_final=True),
        [f"{CREATE}/pi_123/capture"],
    ),
    "capture one of several": (
        lambda s: s.capture(ids.new(), handle(), EUR, is_final=False),
        [f"{CREATE}/pi_123/capture"],
    ),
    "void": (lambda s: s.void(ids.new(), handle()), [f"{CREATE}/pi_123/cancel"]),
    "refund": (lambda s: s.refund(ids.new(), handle(), EUR), ["POST /v1/refunds"]),
    "refund after its key was forgotten": (
        lambda s: s.refund(OLD, handle(), EUR),
        ["GET /v1/refunds"],  # stripe-mock says that there are more than one page
    ),
    "look up by name": (lambda s: s.look_up(charge(), "pi_123"), [RETRIEVE]),
    "save": (lambda s: s.save_method(ids.new(), CUSTOMER, None, "pm_card_visa"), [CUSTOMERS, SETUPS]),
    "save for one who is known": (lambda s: s.save_method(ids.new(), CUSTOMER, "cus_123", "pm_card_visa"), [SETUPS]),
    "look up a method": (lambda s: s.look_up_method("seti_123"), ["GET /v1/setup_intents/seti_123"]),
    "forget": (lambda s: s.forget_method(METHOD), ["POST /v1/payment_methods/pm_123/detach"]),
    "movements": (
        lambda s: list(s.movements(clock.now() - timedelta(days=1), clock.now())),
        ["GET /v1/balance_transactions"],
    ),
}


@pytest.mark.parametrize("what", CALLS)
def test_stripes_own_document_has_each_request(what: str, judged: Stripe, judge: Relay) -> None:
    does, requests = CALLS[what]
    # What stripe-mock answers is made up, and may be no answer that one could believe.
    with suppress(NoAnswer):
        does(judged)
    assert judge.refused == []
    made = [f"{asked.method} {asked.path}" for asked in judge.asked]
    assert made[: len(requests)] == requests
    assert {asked.version for asked in judge.asked} == {"2026-10-28.endive"}
    assert all(asked.key or asked.path.endswith("/detach") for asked in judge.asked if asked.method == "POST")


def test_a_look_up_without_a_name_searches_and_never_charges(judged: Stripe, judge: Relay) -> None:
    with suppress(NoAnswer):
        judged.look_up(charge(), "")
    assert judge.refused == []
    assert [asked.method for asked in judge.asked] == ["GET"] * len(judge.asked)
    assert f"{judge.asked[0].method} {judge.asked[0].path}" == SEARCH


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/payment_intents", b"amount=1999&currency=eur&no_such_parameter=1"),
        ("/v1/payment_intents", b"amount=much&currency=eur"),
        ("/v1/payment_intents", b"amount=1999&currency=eur&capture_method=later"),
        ("/v1/refunds", b"payment_intent=pi_123&refund_id=1"),
        ("/v1/no_such_thing", b""),
    ],
)
def test_the_check_can_fail(path: str, body: bytes, judged: Stripe, judge: Relay, stripe_mock: str) -> None:
    judge.answer("POST", path, body, {})
    assert [refused for refused, _ in judge.refused] == [f"POST {path}"]
    assert call("POST", stripe_mock + path, body, {"Content-Type": "application/x-www-form-urlencoded"})[0] >= 400
