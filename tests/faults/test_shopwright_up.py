"""F1, F2, F4, F8, F33 as a user has it: `shopwright up` itself, whose every part is killed in turn, and then all at once."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from shopwright.embedded.process import Process, free_port, make_folder
from shopwright.kit.cache import redis
from tests.embedded.conftest import processes_of
from tests.faults.conftest import end_of
from tests.faults.http import until
from tests.faults.running import SECRET, RunningShop, children_of
from tests.shopping import Buyer, make_shop


@dataclass
class ShopOfUp(RunningShop):
    """The same shop, with the supervisor in charge instead of the test."""

    def open(self) -> None:
        make_folder(self.folder, is_passage=True)
        logs = make_folder(self.folder / "logs")
        self.port = free_port()
        told = {
            "PATH": os.defpath, "DATA_DIR": str(self.folder), "PORT": str(self.port), "SEED": "0", "SECRET_KEY": SECRET,
            "ENVIRONMENT": "test", "READS_PER_MINUTE": "1000000", "WRITES_PER_MINUTE": "1000000",
        }  # fmt: skip
        command = [sys.executable, "-m", "shopwright.cli", "up"]
        self.programs = {"up": Process("up", command, logs / "up.log", environment=told, folder=self.folder)}
        self.names = ("worker", "beat")
        self.start("up")
        self.is_ready_within(90)
        self.enter()
        self.market = make_shop()

    def enter(self) -> None:
        """Where the supervisor put database and Redis; a new Redis has a new password and port."""
        socket = quote(str(next(self.folder.glob("postgres/socket*"), self.folder)))
        conf = (self.folder / "valkey" / "valkey.conf").read_text()
        [port], [password] = re.findall(r"^port (\d+)", conf, re.M), re.findall(r"^requirepass (\w+)", conf, re.M)
        url = f"postgresql+psycopg://shopwright@/shopwright?host={socket}&port=5432"
        self.database: Any = SimpleNamespace(url=url)
        self.redis: Any = SimpleNamespace(url=f"redis://:{password}@127.0.0.1:{port}/0")
        self.step_inside()

    def close(self) -> None:
        self.stop("up")

    def part(self, fragment: str) -> int:
        """The process below the supervisor whose command line has this in it: the first, so the parent of others."""
        for pid in children_of(self.programs["up"].pid or 0):
            with suppress(OSError):
                if fragment in (Path(f"/proc/{pid}") / "cmdline").read_bytes().decode().replace("\0", " "):
                    return pid
        raise AssertionError(f"nothing runs {fragment}")


@pytest.fixture(scope="module")
def _up(_nothing_is_left: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOfUp]:
    shop = ShopOfUp(tmp_path_factory.mktemp("up"))
    try:
        shop.open()
        yield shop
    finally:
        shop.close()


@pytest.fixture
def up(_up: ShopOfUp) -> Iterator[ShopOfUp]:
    _up.enter()
    yield _up
    _up.enter()
    end_of(_up)


def test_up_brings_back_each_of_its_parts(up: ShopOfUp) -> None:
    mug = up.market.product(stock_of=50)
    for part in (
        "/postgres -D", "valkey-server", "shopwright.app:create_app", "shopwright.embedded.psp", " worker ", " beat ",
    ):  # fmt: skip
        buyer = up.buyer()
        buyer.fills_a_cart(mug)
        before = up.part(part)
        os.kill(before, signal.SIGKILL)
        until(lambda before=before: not Path(f"/proc/{before}").exists(), 10, f"{part} is gone")
        until(lambda part=part: _is_there(up, part), 30, f"another {part} has taken its place")
        up.is_ready_within(30)
        buyer.orders()
        until(lambda buyer=buyer: _is_paid(buyer), 60, "what was ordered is paid")


def _is_paid(buyer: Buyer) -> bool:
    """A provider that has just come back may have missed the first payment, which then ends as never asked for."""
    buyer.asks_to_pay()
    return bool(buyer.looks_at_the_order()["payment_status"] == "paid")


def _is_there(up: ShopOfUp, part: str) -> bool:
    try:
        return up.part(part) > 0
    except AssertionError:
        return False


def test_garbage_in_the_queue_is_thrown_away_and_the_worker_comes_back(up: ShopOfUp) -> None:
    for name in ("critical", "default"):
        redis().lpush(name, b"\xff\x00 not a message", b'{"body": "e30=", "headers": {}, "properties": {}}')
    mug = up.market.product(price=1700)
    listed = "listings JOIN variants USING (product_id) WHERE variants.id = %s AND lowest_amount = 1700"
    until(lambda: up.count(listed, mug), 60, "the worker goes on with what it can do")


def test_a_killed_supervisor_takes_all_with_it_and_its_shop_opens_again(up: ShopOfUp) -> None:
    mug, buyer = up.market.product(stock_of=5), up.buyer()
    buyer.fills_a_cart(mug)
    order = buyer.orders()
    up.forget_connections()
    os.kill(up.programs["up"].pid or 0, signal.SIGKILL)
    up.programs["up"].stop()
    until(lambda: not processes_of(up.folder), 30, "nothing is left of it")
    up.start("up")
    up.is_ready_within(60)
    assert buyer.asks_to_order().get_json()["id"] == order["id"]
    buyer.pays()
    assert buyer.looks_at_the_order()["payment_status"] == "paid"
