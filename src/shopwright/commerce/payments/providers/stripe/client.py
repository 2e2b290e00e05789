"""How Stripe is asked: one client per key, short timeouts, no retries, and what a fault means for the money."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import msgspec

from shopwright.commerce.payments.provider import KeyReused, NoAnswer, Refused
from shopwright.commerce.payments.providers.stripe import wire
from shopwright.settings import current

if TYPE_CHECKING:
    from stripe import StripeClient, StripeError, StripeObject

#: The webhook endpoint is to be made with the same one.
API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 1.0, 5.0
#: Besides all from 500 on: a rival holds the same key or the object (409), a third party failed (424), too many (429).
UNDECIDED = frozenset({408, 409, 424, 425, 429})

T = TypeVar("T")


class CardDeclined(Refused):
    """The means of payment was declined; Stripe names the intent that it belongs to."""

    def __init__(self, fault: wire.Fault) -> None:
        self.fault = fault
        super().__init__(fault.word or "card_declined")


def ask(shape: type[T], call: Callable[["StripeClient"], "StripeObject"]) -> T:
    """What Stripe answers to this call. Raises `CardDeclined`, `Refused` and `NoAnswer`."""
    with _faults():
        answer = call(_client(current().stripe_secret_key, current().stripe_api_base))
    # The SDK makes a list of a list, and a number of a number.
    response = getattr(answer, "last_response", None)
    if response is None:
        raise NoAnswer("unexpected answer")
    try:
        return msgspec.json.decode(response.body, type=shape)
    except msgspec.ValidationError as fault:
        raise NoAnswer(f"unexpected answer: {fault}") from None


def read(shape: type[T], call: Callable[["StripeClient"], "StripeObject"]) -> T:
    """`ask` for what moves nothing: whatever is no answer is `NoAnswer`."""
    try:
        return ask(shape, call)
    except Refused as refused:
        raise NoAnswer(refused.code) from None


@lru_cache(maxsize=4)
def _client(secret_key: str, api_base: str) -> "StripeClient":
    import stripe

    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api_base} if api_base else {},
        # Whoever asks tries again later with the same key; a retry in here would only hold a thread.
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


@contextmanager
def _faults() -> Iterator[None]:
    import stripe

    try:
        yield
    except stripe.APIConnectionError:
        raise NoAnswer("connection") from None
    except stripe.IdempotencyError:
        # The key was used with other parameters: what the first request did is not known.
        raise KeyReused("idempotency") from None
    except stripe.StripeError as fault:
        raise _meaning(fault) from None


def _meaning(fault: "StripeError") -> NoAnswer | Refused:
    status = fault.http_status
    if status is None or status < 400 or status >= 500 or status in UNDECIDED:
        return NoAnswer(f"status {status}")
    try:
        told = msgspec.convert(fault.json_body, wire.ErrorAnswer).error
    except msgspec.ValidationError:
        # Not Stripe's way to say no: something between it and us spoke.
        return NoAnswer(f"status {status}")
    if status == 402 or told.type == "card_error":
        return CardDeclined(told)
    return Refused(told.word or f"status_{status}")
