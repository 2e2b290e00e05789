"""One request to the provider, with what its scenario does to it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec
from flask import Response, current_app, request

from shopwright.embedded.psp import keys, methods, scenarios, webhooks
from shopwright.embedded.psp.errors import PspError, invalid
from shopwright.embedded.psp.scenarios import Operation, Script, UnknownToken, number
from shopwright.embedded.psp.sending import Sender
from shopwright.embedded.psp.settings import PspSettings
from shopwright.embedded.psp.store import Desk, Store
from shopwright.embedded.psp.wire import Doc

T = TypeVar("T")

JSON = "application/json"
EXTENSION = "psp"
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+", re.ASCII)
LONGEST_KEY = 255
LOOK_SECONDS = 0.01
NO_SCRIPT = Script("success", {}, frozenset())


@dataclass(frozen=True)
class Service:
    settings: PspSettings
    store: Store
    sender: Sender

    def answer(
        self, operation: Operation, key: str, token_of: Callable[[Desk], str], act: Callable[[Desk], Doc], status: int = 200
    ) -> Response:  # fmt: skip
        """Do it, once per key, and answer; unless the scenario of its token has it otherwise."""
        with self.store.desk() as desk:
            token = token_of(desk)
            script = _script(desk, token)
            attempt = keys.count_attempt(desk, operation, key, token)
        faults = script.faults_at(operation, attempt, self.settings.seed, key)
        if "busy429" in faults:
            return failure(429, "busy", "Too many requests.", {"Retry-After": "1"})
        if "error500-before" in faults:
            return failure(500, "internal", "Something went wrong.")
        with self.store.desk() as desk:
            doc = act(desk)
        self.sender.wake()
        if "webhook-before-answer" in script.marks and operation is not Operation.LOOKUP:
            self._wait_until_heard(doc.get("payment_id") or doc["id"])
        return self._spoilt(webhooks.lie(doc, faults), status, faults, (operation, key, attempt))

    def _spoilt(self, doc: Doc, status: int, faults: frozenset[str], asked: tuple[object, ...]) -> Response:
        timings = self.store.timings
        if "slow" in faults:
            time.sleep(timings.slow_seconds)
        if "timeout" in faults:
            # Who still listens hears from something in between, as with a real provider.
            time.sleep(timings.hold_seconds)
            return failure(504, "timeout", "No answer came in time.")
        if "error500-after" in faults:
            return failure(500, "internal", "Something went wrong.")
        if "malformed" in faults:
            whole = msgspec.json.encode(doc)
            is_cut = number(2, self.settings.seed, *asked) == 0
            return Response(
                whole[: len(whole) // 2] if is_cut else b'{"id": 7, "state": []}', status, content_type=JSON
            )
        return answered(doc, status)

    def _wait_until_heard(self, subject: str) -> None:
        deadline = time.monotonic() + self.store.timings.slow_seconds
        waiting = "SELECT 1 FROM deliveries WHERE subject = ? AND state = 'waiting' AND attempts = 0"
        while time.monotonic() < deadline:
            with self.store.desk() as desk:
                if not desk.value(waiting, subject):
                    return
            time.sleep(LOOK_SECONDS)


def _script(desk: Desk, token: str) -> Script:
    if not token:
        return NO_SCRIPT
    try:
        return scenarios.read(methods.test_token(desk, token))
    except UnknownToken as fault:
        raise PspError(400, "invalid_token", str(fault)) from None


def service() -> Service:
    """The one that this process runs."""
    running: Service = current_app.extensions[EXTENSION]
    return running


def idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= LONGEST_KEY:
        raise invalid("Send an Idempotency-Key.")
    return key


def body(wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(request.get_data(), type=wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise invalid(str(fault)) from None


def check_address(url: str) -> None:
    """Raises `PspError` for what no browser should be sent to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise invalid("The return_url is no address.") from None
    if url and (parts.scheme not in ("http", "https") or not HOST.fullmatch(parts.netloc)):
        raise invalid("The return_url needs to be an address with http or https.")


def answered(doc: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(doc), status, content_type=JSON)


def failure(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    answer = answered({"error": {"code": code, "message": message}}, status)
    answer.headers.extend(headers or {})
    return answer
