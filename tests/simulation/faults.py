"""What goes wrong below the shop: its database and its way to the payment provider. Armed by a step, met by the next."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shopwright.kit import db


class Crash(BaseException):
    """The process dies here: nothing that would handle an error runs, and the database rolls back.

    Whoever catches it calls `buried`, since a dead process has no connections.
    """


def buried() -> None:
    db.engine().dispose()


RAISE = "DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{}'; END $$"
#: What the database answers to a statement, by the name of the fault.
STATEMENTS = {
    "serialization": RAISE.format("40001"),
    "deadlock": RAISE.format("40P01"),
    "lock-timeout": RAISE.format("55P03"),
    "connection-lost": "SELECT pg_terminate_backend(pg_backend_pid())",
}
NEED_LOCKS = ("serialization", "deadlock", "lock-timeout")
AT_STATEMENT = (*STATEMENTS, "crash")
AT_COMMIT = ("crash-before-commit", "crash-after-commit", "commit-unanswered")
ON_THE_WIRE = (
    "no-connection", "no-answer-undone", "no-answer-done", "500-undone", "500-done", "429", "cut-off", "nonsense",
    "crash-before-asking", "crash-after-asking",
)  # fmt: skip
#: Only these wait for locks, or are in a transaction that others may run into.
LOCKING = re.compile(r"\bFOR (NO KEY )?UPDATE\b|^\s*(INSERT|UPDATE|DELETE)\b")
#: How many statements from now a fault may lie.
FURTHEST = 30


class Faults:
    """At most one of each kind is armed; what nobody met is taken off at the end of the step."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.clear()

    def clear(self) -> None:
        self.statement, self.countdown = "", 0
        self.commit, self.wire, self.answer = "", "", ""
        self.met: list[str] = []

    def arm(self) -> str:
        """One fault for the next step, by chance; answers what it is."""
        kind = self._chance.choice(("statement", "commit", "wire", "wire", "answer"))
        if kind == "statement":
            self.statement, self.countdown = self._chance.choice(AT_STATEMENT), self._chance.randrange(FURTHEST)
            return f"{self.statement} at statement {self.countdown}"
        if kind == "commit":
            self.commit = self._chance.choice(AT_COMMIT)
            return self.commit
        if kind == "wire":
            self.wire = self._chance.choice(ON_THE_WIRE)
            return self.wire
        self.answer = "the answer is lost"
        return self.answer

    @property
    def may_be_unavailable(self) -> bool:
        return any(fault in ("connection-lost", "commit-unanswered") for fault in self.met)

    def take(self, name: str) -> str:
        """The fault armed under that name, which is met now."""
        fault: str = getattr(self, name)
        setattr(self, name, "")
        if fault:
            self.met.append(fault)
        return fault


@contextmanager
def in_the_database(faults: Faults, engine: Engine) -> Iterator[None]:
    """Inside, statements and commits on this engine meet what is armed."""

    def at_statement(_c: Any, _cur: Any, statement: str, parameters: Any, _ctx: Any, many: bool) -> tuple[str, Any]:
        if not faults.statement:
            return statement, parameters
        if faults.countdown or (faults.statement in NEED_LOCKS and not LOCKING.search(statement)):
            faults.countdown = max(0, faults.countdown - 1)
            return statement, parameters
        fault = faults.take("statement")
        if fault == "crash":
            raise Crash(fault)
        # Once, also in the place of what would be executed for each of many rows.
        return STATEMENTS[fault], [()] if many else ()

    def before_commit(_: Any) -> None:
        if faults.commit == "crash-before-commit":
            raise Crash(faults.take("commit"))

    def after_commit(_: Session) -> None:
        if faults.commit == "crash-after-commit":
            raise Crash(faults.take("commit"))
        if faults.commit == "commit-unanswered":
            lost = psycopg.OperationalError(faults.take("commit"))
            raise OperationalError("COMMIT", None, lost, connection_invalidated=True)

    heard: list[tuple[Any, str, Callable[..., Any], dict[str, bool]]] = [
        (engine, "before_cursor_execute", at_statement, {"retval": True}),
        (engine, "commit", before_commit, {}),
        (Session, "after_commit", after_commit, {}),
    ]
    for target, name, hear, options in heard:
        event.listen(target, name, hear, **options)
    try:
        yield
    finally:
        for target, name, hear, _ in heard:
            event.remove(target, name, hear)


class Wire(httpx.BaseTransport):
    """The way from the shop to the provider, in this process. While a request is on it, `meanwhile` may do anything."""

    def __init__(self, provider: Any, faults: Faults, meanwhile: Callable[[], None]) -> None:
        self._to = httpx.WSGITransport(provider)
        self._faults, self._meanwhile = faults, meanwhile
        self.is_down = False
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # The rule that all of this stands on: nobody waits for the network inside a transaction.
        assert not db.is_open(), f"a transaction is open while {request.method} {request.url.path} is asked"
        self.asked += 1
        fault = "no-connection" if self.is_down else self._faults.take("wire")
        self._meanwhile()
        if fault in ("no-connection", "no-answer-undone", "crash-before-asking"):
            raise _never_arrived(fault, request)
        if fault in ("500-undone", "429"):
            return httpx.Response(int(fault[:3]), json={"error": {"code": "injected", "message": "injected"}})
        answer = self._to.handle_request(request)
        body = answer.read()
        self._meanwhile()
        return _spoilt(fault, request, answer.status_code, body)


def _never_arrived(fault: str, request: httpx.Request) -> BaseException:
    if fault == "crash-before-asking":
        return Crash(fault)
    if fault == "no-connection":
        return httpx.ConnectError(fault, request=request)
    return httpx.ReadTimeout(fault, request=request)


def _spoilt(fault: str, request: httpx.Request, status: int, body: bytes) -> httpx.Response:
    if fault == "crash-after-asking":
        raise Crash(fault)
    if fault == "no-answer-done":
        raise httpx.ReadTimeout(fault, request=request)
    if fault == "500-done":
        return httpx.Response(500, content=b"oops")
    if fault == "cut-off":
        return httpx.Response(status, content=body[: len(body) // 2])
    if fault == "nonsense":
        return httpx.Response(200, content=b'{"id": 7, "state": []}')
    return httpx.Response(status, content=body, headers={"Content-Type": "application/json"})
