"""A merchant's system that is called: a real HTTP server on the loopback, which answers as a test wants."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    #: How the server sees its own name in TLS and `Host`.
    host: str

    @property
    def data(self) -> Any:
        return msgspec.json.decode(self.body)


Answer = int | tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """`answer` says what is answered, by default 204; `drips` seconds it waits before each byte of a never-ending answer."""

    port: int = 0
    scheme: str = "http"
    answer: Callable[[Received], Answer] = lambda _: 204
    drips: float | None = None
    received: list[Received] = field(default_factory=list)
    is_closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def answers(self, *answers: Answer) -> None:
        """One after the other; the last one from then on."""
        left = list(answers)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A caller that hangs up is none of the receiver's faults."""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = Received(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body,
                self.headers["Host"],
            )  # fmt: skip
            receiver.received.append(got)
            if receiver.drips is not None:
                self.drip(receiver.drips)
                return
            answer = receiver.answer(got)
            status, headers, content = answer if isinstance(answer, tuple) else (answer, {}, b"")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def drip(self, pause: float) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not receiver.is_closing.wait(pause):
                self.wfile.write(b"z")

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.is_closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until it is so; an AssertionError if it never is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
