"""A shop that only listens: it takes down the webhooks that come, and answers as it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        return dict(msgspec.json.decode(self.body))


@dataclass
class Listener:
    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    #: The statuses of the next answers; 200 when they are used up.
    answers: list[int] = field(default_factory=list)
    seconds: float = 0.0
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, heard: Heard) -> int:
        with self._lock:
            self.heard.append(heard)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            status = self.answers.pop(0) if self.answers else 200
        time.sleep(self.seconds)
        with self._lock:
            self._at_once -= 1
        return status

    def kinds(self, payment: dict[str, Any]) -> list[str]:
        return [heard.event["type"] for heard in self.about(payment)]

    def about(self, payment: dict[str, Any]) -> list[Heard]:
        return [heard for heard in self.heard if payment["id"].encode() in heard.body]

    def waits_for(self, payment: dict[str, Any], count: int) -> list[Heard]:
        deadline = time.monotonic() + 20
        while len(self.about(payment)) < count:
            assert time.monotonic() < deadline, self.kinds(payment)
            time.sleep(0.01)
        return self.about(payment)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


@contextmanager
def listening(port: int = 0) -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = listener.take(Heard(self.path, dict(self.headers), body, time.time()))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test says what went wrong."""

    with _Server(("127.0.0.1", port), Handler) as server:
        listener.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
