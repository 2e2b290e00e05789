"""More comes than the shop can do: what waited for too long is refused, the rest is served, and then all is as before."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import opened
from tests.faults.http import Answer, Client
from tests.faults.load import outcomes
from tests.faults.running import RunningShop

LONGEST_WAIT_MS = 40
CLIENTS, SECONDS = 96, 3.0


@pytest.fixture
def small_shop(_nothing_is_left: Path, tmp_path: Path) -> Iterator[RunningShop]:
    """One process of two threads, behind a proxy that says since when it has a request."""
    environment = {"TRUSTED_PROXIES": "127.0.0.1", "LONGEST_WAIT_MS": str(LONGEST_WAIT_MS)}
    shop = RunningShop(tmp_path / "shop", environment=environment, names=("web",), web_workers=1, web_threads=2)
    yield from opened(shop)


def asks(shop: RunningShop) -> Answer:
    """For a page that is made anew."""
    headers = {"Cache-Control": "no-cache", "X-Request-Start": f"t={time.time():.3f}"}
    return Client(shop.port).open(f"/v1/products?channel={shop.market.channel.code}", headers=headers)


def keeps_asking(shop: RunningShop, until: float) -> list[Answer]:
    answers = []
    while time.monotonic() < until:
        answers.append(asks(shop))
    return answers


def test_f38_what_waits_for_too_long_is_refused_and_the_rest_is_served(small_shop: RunningShop) -> None:
    for _ in range(12):
        small_shop.market.product(stock_of=1)
    assert asks(small_shop).end == "200"
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        asking = [pool.submit(keeps_asking, small_shop, until) for _ in range(CLIENTS)]
    answers = [answer for each in asking for answer in each.result()]

    assert set(outcomes(answers)) == {"200", "503 unavailable"}
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 503} == {"2"}
    # When the crowd is gone, all is as before: of who comes then, no more than a hiccup of the machine is refused.
    assert outcomes(asks(small_shop) for _ in range(20))["200"] >= 15
