"""A client on a real socket, cheap enough that fifty of them do not become what is measured."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec


class Cut(Exception):
    """The connection was refused, or ended before the whole answer: whether it was done, nobody knows."""


@dataclass(frozen=True)
class Answer:
    """Looks like the test client's, so that `tests.shopping.Buyer` speaks through either."""

    status_code: int
    headers: Mapping[str, str]
    data: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.data.decode(errors="replace")

    def get_json(self) -> Any:
        return msgspec.json.decode(self.data)

    @property
    def end(self) -> str:
        """Its status, and the code of a refusal."""
        if self.status_code < 400:
            return str(self.status_code)
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return f"{self.status_code} {self.get_json()['code'] if is_problem else self.text}"


@dataclass
class Client:
    """Each request on a connection of its own, so that a dead server is never taken for an idle connection that ended."""

    port: int
    limit: float = 60.0
    environ_base: dict[str, Any] = field(default_factory=dict)

    def open(
        self, path: str, method: str = "GET", data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises `Cut`, and never asks twice."""
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.limit)
        try:
            connection.request(method, path, body=data, headers={**(headers or {}), "Connection": "close"})
            got = connection.getresponse()
            body = got.read()
        except (OSError, http.client.HTTPException) as fault:
            raise Cut(repr(fault)) from fault
        finally:
            connection.close()
        told = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, told, body, time.monotonic() - started)

    def get(self, path: str) -> Answer:
        return self.open(path)


def insisting(ask: Callable[[], Answer], seconds: float = 30.0) -> Answer:
    """What a patient client gets in the end: the same request again after a cut or a 503."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
        except Cut:
            if time.monotonic() > deadline:
                raise
        else:
            if answer.status_code != 503 or time.monotonic() > deadline:
                return answer
        time.sleep(0.1)


def until(is_so: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait until it is so; answers what it was then."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return found
