"""The server to fall back on: the same shop under gunicorn's threads, with the words of the guide."""

import re
import sys
from pathlib import Path

from shopwright.embedded.process import Process, free_port
from tests.faults.guest import Guest
from tests.faults.http import Client, Cut, until
from tests.faults.running import RunningShop

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "running.md"


def words_of_the_guide() -> list[str]:
    found = re.search(r"`(gunicorn [^`]+)`", GUIDE.read_text())
    assert found is not None
    return found[1].replace('"', "").split()


def test_a_shop_under_gunicorn_shows_and_sells(shop: RunningShop) -> None:
    port = free_port()
    command = [sys.executable, "-m", *words_of_the_guide(), "--bind", f"127.0.0.1:{port}"]
    server = Process("gunicorn", command, shop._log("gunicorn"), environment=shop._told(), folder=shop.folder)
    client = Client(port)

    def is_ready() -> bool:
        assert server.is_alive(), server.last_words(30)
        try:
            return client.get("/readyz").status_code == 200
        except Cut:
            return False

    mug = shop.market.product(stock_of=1)
    server.start()
    try:
        until(is_ready, 60, "gunicorn is ready")
        assert client.get(f"/v1/products?channel={shop.market.channel.code}").status_code == 200
        buyer = Guest(client, shop.market, secrets=shop.secrets)  # type: ignore[arg-type]  # it answers like the test client
        buyer.fills_a_cart(mug)
        assert buyer.asks_to_order().status_code == 201
        assert shop.sql("SELECT reserved FROM stock_levels WHERE variant_id = %s", mug) == [(1,)]
    finally:
        server.stop()
    assert server.exit_code == 0
