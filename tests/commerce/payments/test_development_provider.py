"""The adapter of the development provider against the provider itself, and against each of its faults."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shopwright import settings as settings_module
from shopwright.commerce.payments.errors import WebhookNotAuthentic
from shopwright.commerce.payments.provider import (
    Charge,
    DisputeState,
    Handle,
    MovementKind,
    NoAnswer,
    Notification,
    Outcome,
    RefundResult,
    Refused,
    Result,
)
from shopwright.commerce.payments.providers.development import Development
from shopwright.embedded.process import free_port
from shopwright.embedded.psp.webhooks import signature
from shopwright.kit import clock
from shopwright.kit.money import Money
from shopwright.settings import Settings
from tests.paying import Psp, Webhook

TEN = Money(1000, "EUR")
DONE = ("error500-after", "malformed", "timeout")
NOT_DONE = ("error500-before", "busy429")


@pytest.fixture
def adapter(settings: Settings) -> Iterator[Development]:
    settings_module.use(settings)
    yield Development()
    settings_module.use(settings)


def charge(token: str = "tok_success", *, capture: bool = True, **more: object) -> Charge:
    return msgspec.structs.replace(Charge(reference=uuid4(), amount=TEN, token=token, capture=capture), **more)


def handle(asked: Charge, told: Outcome) -> Handle:
    return Handle(reference=asked.reference, provider_ref=told.provider_ref, amount=asked.amount)


def reserved(adapter: Development, token: str = "tok_success", *, capture: bool = False) -> tuple[Charge, Handle]:
    asked = charge(token, capture=capture)
    return asked, handle(asked, adapter.authorize(asked))


def read(adapter: Development, webhook: Webhook) -> Notification:
    return adapter.read_webhook(webhook["headers"], webhook["body"].encode())


def totals(outcome: Outcome) -> tuple[Result, int, int, int]:
    return outcome.result, outcome.authorized, outcome.captured, outcome.refunded


def test_each_token_has_its_outcome(adapter: Development) -> None:
    assert totals(adapter.authorize(charge())) == (Result.CAPTURED, 1000, 1000, 0)
    assert totals(adapter.authorize(charge(capture=False))) == (Result.AUTHORIZED, 1000, 0, 0)
    declined = adapter.authorize(charge("tok_insufficient_funds"))
    assert (totals(declined), declined.decline_code) == ((Result.DECLINED, 0, 0, 0), "insufficient_funds")
    waiting = adapter.authorize(charge("tok_3ds"))
    assert totals(waiting) == (Result.NEEDS_ACTION, 0, 0, 0)
    assert waiting.action_url and waiting.action_url.endswith(f"/pay/{waiting.provider_ref}")
    assert adapter.authorize(charge("tok_pending")).result is Result.PENDING


def test_asked_again_it_is_the_same_payment(adapter: Development) -> None:
    asked = charge()
    assert adapter.authorize(asked) == adapter.authorize(asked)
    with pytest.raises(NoAnswer, match="idempotency_mismatch"):
        adapter.authorize(msgspec.structs.replace(asked, amount=Money(1001, "EUR")))


def test_a_token_that_nobody_knows_is_refused(adapter: Development) -> None:
    asked = charge("tok_nobody")
    with pytest.raises(Refused, match="invalid_token"):
        adapter.authorize(asked)
    assert adapter.look_up(asked, "").result is Result.UNKNOWN


@pytest.mark.parametrize("fault", [*DONE, *NOT_DONE])
def test_a_charge_without_an_answer_is_found_out_and_never_made_twice(
    adapter: Development, provider: Psp, fault: str
) -> None:
    asked = charge(f"tok_success~{fault}")
    with pytest.raises(NoAnswer):
        adapter.authorize(asked)
    found = adapter.look_up(asked, "")
    if fault in NOT_DONE:
        assert found == Outcome(result=Result.UNKNOWN, amount=TEN)
    else:
        assert totals(found) == (Result.CAPTURED, 1000, 1000, 0)
    assert totals(adapter.authorize(asked)) == (Result.CAPTURED, 1000, 1000, 0)
    assert len(provider.webhooks(str(asked.reference))) == 2


def test_tok_timeout_is_known_by_looking_it_up_alone(adapter: Development) -> None:
    asked = charge("tok_timeout")
    for _ in range(2):
        with pytest.raises(NoAnswer):
            adapter.authorize(asked)
    assert totals(adapter.look_up(asked, "")) == (Result.CAPTURED, 1000, 1000, 0)


def test_a_provider_that_lies_is_passed_on_as_it_lies(adapter: Development) -> None:
    assert adapter.authorize(charge("tok_success~wrong-amount")).amount == Money(1100, "EUR")
    assert adapter.authorize(charge("tok_success~wrong-currency")).amount == Money(1000, "USD")


def test_looking_up_may_fail_too_and_says_that_it_does_not_know(adapter: Development) -> None:
    asked, _ = reserved(adapter, "tok_success~lookup-malformed.2")
    for _ in range(2):
        with pytest.raises(NoAnswer):
            adapter.look_up(asked, "")
    assert adapter.look_up(asked, "").result is Result.AUTHORIZED


@pytest.mark.parametrize("fault", ["", *DONE, *NOT_DONE])
@pytest.mark.parametrize("operation", ["capture", "void", "refund"])
def test_each_operation_is_done_once_whatever_was_answered(adapter: Development, operation: str, fault: str) -> None:
    scenario = f"~{operation}-{fault}" if fault else ""
    asked, payment = reserved(adapter, f"tok_success{scenario}", capture=operation == "refund")
    key = uuid4()
    ask: Callable[[], object] = {
        "capture": lambda: adapter.capture(key, payment, Money(400, "EUR"), is_final=True),
        "void": lambda: adapter.void(key, payment),
        "refund": lambda: adapter.refund(key, payment, Money(400, "EUR")),
    }[operation]
    if fault:
        with pytest.raises(NoAnswer):
            ask()
    assert ask() == ask()
    assert totals(adapter.look_up(asked, payment.provider_ref)) == {
        "capture": (Result.CAPTURED, 1000, 400, 0), "void": (Result.VOIDED, 1000, 0, 0),
        "refund": (Result.CAPTURED, 1000, 1000, 400),
    }[operation]  # fmt: skip


def test_a_payment_whose_name_is_not_known_is_found_by_its_reference(adapter: Development) -> None:
    _, payment = reserved(adapter)
    nameless = msgspec.structs.replace(payment, provider_ref="")
    assert adapter.capture(uuid4(), nameless, TEN, is_final=True).captured == 1000
    with pytest.raises(Refused, match="payment_not_found"):
        adapter.void(uuid4(), msgspec.structs.replace(nameless, reference=uuid4()))


def test_more_than_there_is_is_refused(adapter: Development) -> None:
    asked, payment = reserved(adapter)
    with pytest.raises(Refused, match="amount_too_large"):
        adapter.capture(uuid4(), payment, Money(1001, "EUR"), is_final=True)
    with pytest.raises(Refused, match="amount_too_large"):
        adapter.refund(uuid4(), payment, Money(1, "EUR"))
    assert totals(adapter.look_up(asked, "")) == (Result.AUTHORIZED, 1000, 0, 0)


def test_refunds_fail_or_wait(adapter: Development, provider: Psp) -> None:
    _, payment = reserved(adapter, "tok_success~refund-fails", capture=True)
    failed = adapter.refund(uuid4(), payment, TEN)
    assert (failed.result, failed.failure_code) == (RefundResult.FAILED, "refund_failed")
    _, payment = reserved(adapter, "tok_success~refund-pending", capture=True)
    key = uuid4()
    pending = adapter.refund(key, payment, TEN)
    assert (pending.result, pending.refund_id) == (RefundResult.PENDING, key)
    provider.decides("refunds", pending.provider_ref)
    assert adapter.refund(key, payment, TEN).result is RefundResult.DONE


def test_partial_capture_says_what_was_taken(adapter: Development) -> None:
    assert totals(adapter.authorize(charge("tok_success~partial-capture"))) == (Result.CAPTURED, 1000, 500, 0)


def test_methods_are_saved_used_and_forgotten(adapter: Development) -> None:
    ada = uuid4()
    saved = adapter.save_method(uuid4(), ada, None, "tok_success").method
    assert saved is not None and saved.kind == "card"
    with_it = charge(saved.provider_ref, customer_ref=saved.customer_ref, customer_id=ada)
    assert adapter.authorize(with_it).result is Result.CAPTURED
    with pytest.raises(Refused, match="method_not_found"):
        adapter.authorize(charge(saved.provider_ref, customer_ref="cus_of_mallory"))
    for _ in range(2):
        adapter.forget_method(saved)
    assert adapter.look_up_method(saved.provider_ref).decline_code == "method_not_found"


def test_a_method_may_be_saved_by_a_payment_or_need_a_second_step_or_be_declined(
    adapter: Development, provider: Psp
) -> None:
    by_payment = adapter.authorize(charge(saves_method=True, customer_id=uuid4())).method
    assert by_payment is not None
    second = adapter.save_method(uuid4(), uuid4(), by_payment.customer_ref, "tok_3ds")
    assert second.method is None and second.action_url
    provider.takes_the_second_step(second.action_url)
    found = adapter.look_up_method(second.provider_ref).method
    assert found is not None and found.customer_ref == by_payment.customer_ref
    assert adapter.save_method(uuid4(), uuid4(), None, "tok_decline").decline_code == "card_declined"
    assert adapter.save_method(uuid4(), uuid4(), None, "tok_nobody").decline_code == "invalid_token"


def test_movements_are_listed_with_our_ids(adapter: Development) -> None:
    asked, payment = reserved(adapter, "tok_success~chargeback-won", capture=True)
    other, to_refund = reserved(adapter, capture=True)
    refund_id = uuid4()
    refund = adapter.refund(refund_id, to_refund, Money(300, "EUR"))
    now = datetime.now(UTC)
    moved = list(adapter.movements(now - timedelta(hours=1), now + timedelta(hours=1)))
    assert [(m.kind, m.amount, m.payment_id) for m in moved if m.payment_ref == payment.provider_ref] == [
        (kind, TEN, asked.reference) for kind in (MovementKind.CAPTURE, MovementKind.DISPUTE, MovementKind.DISPUTE_WON)
    ]
    back = next(m for m in moved if m.kind is MovementKind.REFUND and m.payment_id == other.reference)
    assert (back.refund_id, back.subject_ref, back.amount.amount) == (refund_id, refund.provider_ref, 300)


def test_webhooks_tell_what_happened(adapter: Development, provider: Psp) -> None:
    asked, payment = reserved(adapter, "tok_success~chargeback", capture=True)
    adapter.refund(uuid4(), payment, Money(300, "EUR"))
    provider.refunds({"id": payment.provider_ref, "currency": "EUR"}, 100)
    heard = [read(adapter, webhook) for webhook in provider.webhooks(str(asked.reference))]
    assert [told.kind for told in heard] == [
        "payment.authorized", "payment.captured", "dispute.open", "refund.done", "refund.done",
    ]  # fmt: skip
    assert {(told.payment_id, told.provider_ref) for told in heard} == {(asked.reference, payment.provider_ref)}
    authorized, captured, disputed, ours, theirs = heard
    assert authorized.outcome and captured.outcome and disputed.dispute and ours.refund and theirs.refund
    assert totals(authorized.outcome) == (Result.AUTHORIZED, 1000, 0, 0)
    assert totals(captured.outcome) == (Result.CAPTURED, 1000, 1000, 0)
    assert (disputed.dispute.state, disputed.dispute.amount) == (DisputeState.OPEN, TEN)
    assert ours.refund.refund_id is not None and theirs.refund.refund_id is None
    assert len({told.event_id for told in heard}) == 5


def test_a_webhook_of_an_unknown_type_says_nothing(adapter: Development, provider: Psp) -> None:
    asked, _ = reserved(adapter, "tok_3ds~webhook-unknown-type")
    blessed = read(adapter, provider.webhooks(str(asked.reference))[0])
    assert blessed == Notification(event_id=blessed.event_id, kind="payment.blessed")


@pytest.mark.parametrize("flaw", ["forged", "ancient"])
def test_a_webhook_that_nobody_may_believe_is_refused(adapter: Development, provider: Psp, flaw: str) -> None:
    asked, _ = reserved(adapter, f"tok_3ds~webhook-{flaw}")
    wrong, true = provider.webhooks(str(asked.reference))
    with pytest.raises(WebhookNotAuthentic):
        read(adapter, wrong)
    assert read(adapter, true).kind == "payment.needs_action"
    with pytest.raises(WebhookNotAuthentic), clock.held_at(clock.now() + timedelta(seconds=302)):
        read(adapter, true)
    with pytest.raises(WebhookNotAuthentic):
        adapter.read_webhook(true["headers"], true["body"].replace("1000", "1001").encode())


HEADER = st.one_of(st.text(), st.sampled_from(["", "0", "²", "9" * 400, "-1", "1e9", "\udcff", str(2**63)]))


@given(st.dictionaries(st.sampled_from(["Webhook-Timestamp", "webhook-signature", "Webhook-Id"]), HEADER), st.binary())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_sent_it_is_not_authentic(adapter: Development, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(WebhookNotAuthentic):
        adapter.read_webhook(headers, body)


PAYMENT = {
    "id": "pay_1", "reference": str(UUID(int=1)), "state": "captured", "amount": 1, "currency": "EUR", "authorized": 1,
    "captured": 1, "refunded": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"[]", b"{}", b'{"id": "evt_1", "type": "payment.captured", "data": 7}', b"[" * 5000,
        *(
            msgspec.json.encode({"id": "evt_1", "type": "payment.captured", "data": {"payment": PAYMENT | wrong}})
            for wrong in (
                {"amount": -1}, {"amount": 2**53}, {"currency": "EURO"}, {"state": "unknown"}, {"state": "blessed"},
                {"reference": "mine"}, {"captured": 0.5}, {"action_url": "javascript:alert(1)"},
            )
        ),
    ],
)  # fmt: skip
def test_nonsense_is_refused_even_if_it_is_signed(adapter: Development, settings: Settings, body: bytes) -> None:
    now = int(clock.now().timestamp())
    headers = {"Webhook-Timestamp": str(now), "Webhook-Signature": signature(settings.psp_secret, now, body)}
    with pytest.raises(WebhookNotAuthentic):
        adapter.read_webhook(headers, body)


def test_without_the_service_or_its_secret_nothing_is_known(adapter: Development, settings: Settings) -> None:
    asked, payment = reserved(adapter)
    for wrong in ({"psp_url": f"http://127.0.0.1:{free_port()}"}, {"psp_secret": secrets.token_hex(16)}):
        settings_module.use(msgspec.structs.replace(settings, **wrong))
        for ask in (
            lambda: adapter.authorize(charge()), lambda: adapter.look_up(asked, ""),
            lambda: adapter.capture(uuid4(), payment, TEN, is_final=True), lambda: adapter.void(uuid4(), payment),
            lambda: adapter.refund(uuid4(), payment, TEN), lambda: adapter.movements(clock.now(), clock.now()),
            lambda: adapter.save_method(uuid4(), uuid4(), None, "tok_success"), lambda: adapter.look_up_method("pm_1"),
        ):  # fmt: skip
            with pytest.raises(NoAnswer):
                ask()
    settings_module.use(settings)
    assert totals(adapter.look_up(asked, "")) == (Result.AUTHORIZED, 1000, 0, 0)
