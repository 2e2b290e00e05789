"""A running shop with a real search engine behind Toxiproxy, and what tests of search ask of it."""

import http.client
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import msgspec

from shopwright.commerce.catalog import service as catalog
from shopwright.commerce.pricing import service as pricing
from shopwright.embedded import engines
from shopwright.embedded.process import Server
from shopwright.kit.money import Money
from shopwright.kit.transaction import transaction
from tests.faults.http import Answer
from tests.faults.running import ALL, RunningShop, children_of
from tests.faults.toxiproxy import Toxiproxy

PROXY = "engine"
#: `SEARCHED_BY=opensearch` tries that one instead.
ENGINE = os.environ.get("SEARCHED_BY", "elasticsearch")


@dataclass
class SearchingShop(RunningShop):
    names: tuple[str, ...] = (*ALL, "indexer")
    engine_through: Toxiproxy | None = None
    engine: Server = field(init=False)

    def open(self) -> None:
        self.engine = engines.LAUNCHERS[ENGINE](self.folder / "engine", log=self._log("engine"))
        super().open()

    def close(self) -> None:
        super().close()
        self.engine.stop()

    def _told(self) -> dict[str, str]:
        assert self.engine_through is not None
        port = self.engine_through.stand_before(PROXY, urlsplit(self.engine.url).port or 0)
        return super()._told() | {f"{ENGINE.upper()}_URL": f"http://127.0.0.1:{port}"}

    # What is done to the engine

    def crash_engine(self) -> None:
        """SIGKILL, to the JVM and who started it."""
        self._signal_engine(signal.SIGKILL)
        self.engine.stop()

    @contextmanager
    def frozen_engine(self) -> Iterator[None]:
        """It takes connections, and answers none."""
        self._signal_engine(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal_engine(signal.SIGCONT)

    def _signal_engine(self, which: signal.Signals) -> None:
        for pid in [self.engine.pid or 0, *children_of(self.engine.pid or 0)]:
            with suppress(ProcessLookupError):
                os.kill(pid, which)

    @contextmanager
    def read_only_engine(self) -> Iterator[None]:
        """As it makes its indexes when its disk is nearly full."""
        self.tells_engine("PUT", "/_all/_settings", {"index.blocks.read_only_allow_delete": True})
        try:
            yield
        finally:
            self.tells_engine("PUT", "/_all/_settings", {"index.blocks.read_only_allow_delete": None})

    @contextmanager
    def engine_without_memory(self) -> Iterator[None]:
        """Its own circuit breaker refuses every search and every write."""
        limit = "indices.breaker.total.limit"
        self.tells_engine("PUT", "/_cluster/settings", {"persistent": {limit: "1%"}})
        try:
            yield
        finally:
            self.tells_engine("PUT", "/_cluster/settings", {"persistent": {limit: None}})

    def empties_engine(self) -> None:
        self.tells_engine("PUT", "/_cluster/settings", {"persistent": {"action.destructive_requires_name": False}})
        self.tells_engine("DELETE", "/products-*")

    def tells_engine(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(self.engine.url).port or 0, timeout=30)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        assert answer.status == 200, said

    # What is asked of the shop

    def search(self, words: str, **more: str) -> Answer:
        asked = {"q": words, "channel": self.market.channel.code, "locale": "en"} | more
        return self.get("/v1/search?" + "&".join(f"{name}={quote(value)}" for name, value in asked.items()))

    def finds(self, words: str, **more: str) -> bool:
        """The engine itself finds something, and PostgreSQL does not answer in its place."""
        answer = self.search(words, **more)
        found = answer.get_json()
        return answer.status_code == 200 and bool(found["items"]) and not found["degraded"]

    def changes(self, variant_id: UUID, *, title: str, price: int) -> None:
        with transaction():
            pricing.set_price(variant_id, self.market.channel.id, Money(price, "EUR"))
            catalog.change_product(self._product_of(variant_id), {"title": title})

    def is_given_a_price(self, variant_id: UUID, price: int, staff: Mapping[str, str]) -> None:
        """Over HTTP, so that its web process tells the worker at once."""
        path = f"/v1/admin/variants/{variant_id}/prices/{self.market.channel.id}"
        headers = {**staff, "Content-Type": "application/json", "If-Match": "*", "Idempotency-Key": str(uuid4())}
        body = msgspec.json.encode({"price": {"amount": price, "currency": "EUR"}})
        assert self.client.open(path, "PUT", body, headers).status_code == 200

    def _product_of(self, variant_id: UUID) -> UUID:
        [(product_id,)] = self.sql("SELECT product_id FROM variants WHERE id = %s", variant_id)
        return UUID(str(product_id))
