"""localstripe and stripe-mock, as processes of their own; both are for development and tests only."""

import json
import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from shopwright.embedded.process import Server, free_port

STRIPE_MOCK = "stripe-mock-v0.203.0"
KEY = "sk_test_0123456789"
#: Beside every program's own tests of ours, another program's first import takes its time on a busy machine.
READY_SECONDS = 60.0


def localstripe(folder: Path) -> Server | None:
    """None if it cannot be had. It keeps state, and sends webhooks; `Relay` says what it does not know."""
    if find_spec("localstripe") is None or not _has_ipv6():
        return None
    port = free_port()
    return _server(
        "localstripe", [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)], port, folder
    )


def _has_ipv6() -> bool:
    """localstripe listens on `::` and nothing else."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


def stripe_mock(folder: Path) -> Server | None:
    """None if `make peers` did not build it. It knows Stripe's OpenAPI document, and keeps no state."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache / "shopwright" / "peers" / STRIPE_MOCK
    if not program.exists():
        return None
    port = free_port()
    # It would take 12112 for HTTPS, of which there is one on the machine.
    command = [program, "-http-addr", f"127.0.0.1:{port}", "-https-addr", "127.0.0.1:"]
    return _server("stripe-mock", command, port, folder)


def _server(name: str, command: list[str | Path], port: int, folder: Path) -> Server:
    url = f"http://127.0.0.1:{port}"
    return Server(
        name=name, command=command, log=folder / f"{name}.log", folder=folder, url=url,
        answers=lambda: _answers(url), ready_limit=READY_SECONDS,
    )  # fmt: skip


def _answers(url: str) -> bool:
    try:
        status, _ = call("GET", f"{url}/v1/refunds")
    except (URLError, OSError):
        return False
    return status == 200


def call(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    sent = {"Authorization": f"Bearer {KEY}", **(headers or {})}
    try:
        with urlopen(Request(url, data=body or None, headers=sent, method=method), timeout=20) as answer:
            return answer.status, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def post(address: str, **data: object) -> dict[str, object]:
    """Ask localstripe by its own means, in JSON."""
    status, body = call("POST", address, json.dumps(data).encode(), {"Content-Type": "application/json"})
    assert status == 200, body
    return json.loads(body or b"{}")
