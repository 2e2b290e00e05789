"""Shoppers whose browsers keep a connection open and ask nothing, and clients that are slow on purpose."""

import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest

from shopwright.embedded.process import most_connections, raise_open_files
from tests.faults.http import insisting
from tests.faults.running import RunningShop

IDLE = 10_000
ASKED = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF_A_BODY = (
    b"POST /v1/carts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Idempotency-Key: 0123456789abcdef0123456789\r\nContent-Length: 100\r\n\r\n{"
)


def connected(shop: RunningShop) -> socket.socket:
    return socket.create_connection(("127.0.0.1", shop.port), timeout=10)


def open_a_cart(shop: RunningShop) -> Any:
    return shop.buyer().send("POST", "/v1/carts", {"channel": shop.market.channel.code})


def test_ten_thousand_idle_connections_keep_nobody_out(shop: RunningShop) -> None:
    raise_open_files()
    if most_connections() < IDLE:
        pytest.skip("this system does not let a process hold so many connections")
    with ExitStack() as open_ones:
        for _ in range(IDLE):
            open_ones.enter_context(connected(shop))
        answers = [shop.get("/livez") for _ in range(50)]
        assert {answer.status_code for answer in answers} == {200}
        # The last that came is served, and not only counted.
        last = open_ones.enter_context(connected(shop))
        last.sendall(ASKED)
        assert last.recv(12) == b"HTTP/1.1 200"


def test_clients_that_are_slow_to_ask_or_to_read_keep_nobody_waiting(shop: RunningShop) -> None:
    listing = f"/v1/products?channel={shop.market.channel.code}"
    with ExitStack() as open_ones:
        for _ in range(100):
            half_a_head = open_ones.enter_context(connected(shop))
            half_a_head.sendall(b"GET /livez HTTP/1.1\r\nHost: 127")
            half_a_body = open_ones.enter_context(connected(shop))
            half_a_body.sendall(HALF_A_BODY)
            never_reads = open_ones.enter_context(connected(shop))
            never_reads.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.5)
        answers = [shop.get(path) for path in ("/livez", listing) for _ in range(10)]
        # Who would buy now is refused rather than kept waiting, and served as soon as those are gone.
        assert open_a_cart(shop).end in ("201", "503 unavailable")
    assert {answer.status_code for answer in answers} == {200}
    assert max(answer.seconds for answer in answers) < 5
    assert insisting(lambda: open_a_cart(shop), 20).status_code == 201
