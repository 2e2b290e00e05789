"""How an engine is spoken to: over connections that are kept, to nobody who cannot show who they are."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shopwright.listeners.search.backends.elastic.node import client, spoken
from shopwright.listeners.search.errors import EngineAway
from tests.kit.test_outbound import certificate


class Engine(ThreadingHTTPServer):
    """Says its name, and remembers the connections that it was asked by."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *, hangs_up: bool = False) -> None:
        self.asked_by: list[int] = []
        self.hangs_up = hangs_up
        self.left = threading.Semaphore(0)
        super().__init__(("127.0.0.1", 0), Handler)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.left.release()

    def handle_error(self, *_: Any) -> None:
        """A caller that refuses its certificate is none of its faults."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Engine

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        self.server.asked_by.append(self.client_address[1])
        self.send_response(200)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        # Without a word, as after it was idle for long.
        self.close_connection = self.server.hangs_up


@contextmanager
def running(engine: Engine, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    if tls:
        engine.socket = tls.wrap_socket(engine.socket, server_side=True)
    thread = threading.Thread(target=engine.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://localhost:{engine.server_port}"
    finally:
        engine.shutdown()
        thread.join()
        engine.server_close()


def test_questions_that_follow_each_other_share_a_connection() -> None:
    engine = Engine()
    with running(engine) as url, client(url) as asking:
        asking.info()
        asking.info()
    assert len(engine.asked_by) == 2
    assert len(set(engine.asked_by)) == 1


def test_a_connection_that_the_engine_has_closed_is_not_asked_by_again() -> None:
    engine = Engine(hangs_up=True)
    with running(engine) as url, client(url) as asking:
        once = asking.options(max_retries=0)
        once.info()
        assert engine.left.acquire(timeout=5)
        once.info()
    assert len(set(engine.asked_by)) == 2


def test_an_engine_that_cannot_show_who_it_is_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, _ = certificate("localhost", tmp_path)
    engine = Engine()
    with running(engine, tls) as url:
        with client(url) as asking, pytest.raises(EngineAway, match="certificate"), spoken():
            asking.info()
        assert engine.asked_by == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        with client(url) as asking:
            asking.info()
    assert len(engine.asked_by) == 1
