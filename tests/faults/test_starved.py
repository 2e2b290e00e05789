"""F5, F7: every connection of the pool is in use; the database's disk is full."""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import end_of, opened
from tests.faults.http import Answer, insisting, until
from tests.faults.load import copies, outcomes
from tests.faults.running import RunningShop
from tests.races.parallel import together

VOLUME_BYTES = 150_000_000


@pytest.fixture(scope="module")
def small_shop(_nothing_is_left: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """Two connections for eight threads, in one web process."""
    folder = tmp_path_factory.mktemp("small")
    yield from opened(RunningShop(folder, {"DB_POOL_SIZE": "2"}, names=("web",), web_workers=1))


def test_an_exhausted_pool_refuses_at_once_and_leaves_the_process_alive(small_shop: RunningShop) -> None:
    shop = small_shop
    shop.step_inside()
    mug, first = shop.market.product(stock_of=100), shop.buyer()
    first.fills_a_cart(mug)
    holders, others = copies(shop, first, 2), copies(shop, first, 40)
    with ThreadPoolExecutor(2) as pool:
        with shop.standing_in_the_way("SELECT FROM stock_levels WHERE variant_id = %s FOR UPDATE", mug):
            held = [pool.submit(holder.asks_to_order) for holder in holders]
            until(lambda: shop.count("pg_stat_activity WHERE wait_event_type = 'Lock'") == 2, 5, "both are held")
            started = time.monotonic()
            answers = together([other.asks_to_order for other in others], threads=20)
            assert outcomes(answers) == {"503 unavailable": 40}
            assert max(answer.seconds for answer in answers if isinstance(answer, Answer)) < 3.5
            alive, ready = shop.get("/livez"), shop.get("/readyz")
            assert (alive.status_code, ready.end) == (200, "503 unavailable")
            assert alive.seconds < 1 and ready.seconds < 2
            assert time.monotonic() - started < 4.5, "the lock's own limit has freed them"
        assert [future.result().status_code for future in held] == [201, 201]
    assert outcomes(together([other.asks_to_order for other in others], threads=2)) == {"201": 40}
    end_of(shop)


@pytest.fixture(scope="module")
def small_volume(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of its own, as a database's volume is."""
    volume = tmp_path_factory.mktemp("volume")
    options = f"size={VOLUME_BYTES},mode=0711"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(volume)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("a full disk needs a file system of its own, which only root may mount")
    yield volume
    subprocess.run(["umount", str(volume)], check=True)


@pytest.fixture(scope="module")
def shop_on_a_small_volume(
    _nothing_is_left: object, small_volume: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningShop]:
    yield from opened(
        RunningShop(
            tmp_path_factory.mktemp("full"),
            web_workers=1,
            database_folder=small_volume / "postgres",
            database_settings={"min_wal_size": "32MB", "max_wal_size": "64MB"},
        )
    )


def test_on_a_full_disk_reads_go_on_and_writes_wait(shop_on_a_small_volume: RunningShop, small_volume: Path) -> None:
    shop = shop_on_a_small_volume
    shop.step_inside()
    shop.market.product(price=1900)
    shop.is_quiet_within(60)
    listing = f"/v1/products?channel={shop.market.channel.code}"
    opened: list[str] = []

    def open_cart() -> Answer:
        answer: Answer = shop.buyer().send("POST", "/v1/carts", {"channel": shop.market.channel.code})  # type: ignore[assignment]
        if answer.status_code == 201:
            opened.append(answer.get_json()["id"])
        return answer

    assert open_cart().status_code == 201
    filler = small_volume / "filler"
    _fill(filler)
    try:
        ends = [open_cart().end for _ in range(200)]
        assert set(ends) <= {"201", "503 unavailable"}
        assert ends[-20:] == ["503 unavailable"] * 20
        assert shop.get("/livez").status_code == 200
        assert {shop.get(f"{listing}&limit={limit}").status_code for limit in range(1, 30)} == {200}
    finally:
        filler.unlink()
    assert insisting(open_cart, 20).status_code == 201
    assert shop.count("carts WHERE id = ANY(%s)", opened) == len(opened)
    end_of(shop)


def _fill(filler: Path) -> None:
    """Take what is left of the volume."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4_096))
    assert os.statvfs(filler).f_bavail < 4
