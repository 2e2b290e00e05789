"""A client of fixed work: N keep-alive connections send K requests each, and every latency is counted.

Each connection sends its next request when the answer to its last is there, and the run ends with the last answer of
the slowest connection, so that starved connections show. One process and one loop, to leave the machine to the server.
What a connection says is a sequence of requests, or a `Talk` where a request is made of the answers before it.
"""

import selectors
import socket
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

ANSWER_LIMIT = 60.0
HEAD_END = b"\r\n\r\n"

Talk = Generator[bytes, bytes, None]
"""Gives requests, and is sent the body of the answer to each."""


@dataclass(frozen=True)
class Result:
    """Latencies are in seconds, sorted."""

    seconds: float
    latencies: list[float] = field(repr=False)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def quantile(self, part: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(part * len(self.latencies)))]


def request(method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    if body:
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))} | (headers or {})
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Connection:
    __slots__ = ("answer", "sent_at", "socket", "talk", "wanted")

    def __init__(self, port: int, talk: Talk) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.talk = talk
        self.answer = b""
        self.wanted = 0
        self.sent_at = 0.0

    def send_next(self) -> bool:
        """False when this connection's work is done."""
        try:
            asked = self.talk.send(self.answer.partition(HEAD_END)[2]) if self.answer else next(self.talk)
        except StopIteration:
            return False
        self.answer, self.wanted = b"", 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(asked)  # a request fits the socket's buffer
        return True

    def receive(self) -> bool:
        """True when the whole answer is there. Ends the program for any but a 2xx or 304."""
        part = self.socket.recv(262_144)
        if not part:
            sys.exit(f"The server closed a connection after {self.answer[:300]!r}")
        self.answer += part
        if not self.wanted:
            self.wanted = _length(self.answer)
        return 0 < self.wanted <= len(self.answer)


def _length(answer: bytes) -> int:
    """How long the whole answer is, or 0 while its head is not complete."""
    end = answer.find(HEAD_END)
    if end < 0:
        return 0
    if answer[9:12] == b"304":
        return end + len(HEAD_END)
    if answer[9:10] != b"2":
        sys.exit(f"Not the expected answer: {answer.decode(errors='replace')[:1000]}")
    head = answer[:end].lower() + b"\r\n"
    at = head.index(b"content-length:") + len(b"content-length:")
    return end + len(HEAD_END) + int(head[at : head.index(b"\r\n", at)])


def run(port: int, work: Sequence[Iterable[bytes] | Talk]) -> Result:
    """Send each connection's requests: `work` holds what each connection says."""
    connections = [_Connection(port, said if isinstance(said, Generator) else _saying(said)) for said in work]
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        began = time.perf_counter()
        busy = sum(connection.send_next() for connection in connections)
        latencies = _answers(selector, busy)
        ended = time.perf_counter()
    for connection in connections:
        connection.socket.close()
    return Result(ended - began, sorted(latencies))


def _saying(requests: Iterable[bytes]) -> Talk:
    for asked in requests:  # noqa: UP028  what is iterated takes no answers
        yield asked


def _answers(selector: selectors.BaseSelector, busy: int) -> list[float]:
    latencies: list[float] = []
    while busy:
        ready = selector.select(ANSWER_LIMIT)
        if not ready:
            sys.exit(f"{busy} connections had no answer within {ANSWER_LIMIT:g} s")
        for key, _ in ready:
            connection = key.data
            if connection.receive():
                latencies.append(time.perf_counter() - connection.sent_at)
                busy -= not connection.send_next()
    return latencies
