"""Many buyers at once, and a steady stream of requests while something breaks."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from uuid import uuid4

import msgspec
import psycopg

from shopwright.kit import ids
from tests.faults.http import Answer, Cut
from tests.faults.running import RunningShop
from tests.shopping import Buyer

End = Answer | Cut


@contextmanager
def repeated(do: Callable[[], object], seconds: float) -> Iterator[None]:
    """In the background, every so many seconds, until the block ends. What it raises ends it, and is raised then."""
    over = Event()

    def work() -> None:
        while not over.wait(seconds):
            do()

    with ThreadPoolExecutor(1) as aside:
        working = aside.submit(work)
        try:
            yield
        finally:
            over.set()
            working.result()


@dataclass
class Load:
    """`rate` requests a second, begun on time whatever became of those before."""

    ask: Callable[[int], Answer]
    rate: int = 200
    threads: int = 16
    ends: list[tuple[float, End]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """In the background, until the block ends and what was begun has ended."""
        stop, began = Event(), time.monotonic()
        with ThreadPoolExecutor(self.threads) as pool:
            streams = [pool.submit(self._stream, number, began, stop) for number in range(self.threads)]
            try:
                yield
            finally:
                stop.set()
            for stream in streams:
                stream.result()

    def _stream(self, number: int, began: float, stop: Event) -> None:
        while not stop.wait(max(0.0, began + number / self.rate - time.monotonic())):
            self.ends.append((time.monotonic(), self._asked(number)))
            number += self.threads

    def _asked(self, number: int) -> End:
        try:
            return self.ask(number)
        except Cut as cut:
            return cut

    @property
    def outcomes(self) -> Counter[str]:
        return outcomes(end for _, end in self.ends)


def outcomes(ends: Iterable[End | Exception]) -> Counter[str]:
    """How many had which end; an exception is one of its own."""
    return Counter("cut" if isinstance(end, Cut) else end.end if isinstance(end, Answer) else repr(end) for end in ends)


def copies(shop: RunningShop, buyer: Buyer, number: int) -> list[Buyer]:
    """So many buyers with a cart like this one's, made in the database: filling it is not what is tested."""
    copied = []
    with psycopg.connect(shop.database.url.replace("+psycopg", "")) as connection:
        for _ in range(number):
            cart_id, token = str(uuid4()), ids.secret_token()
            own = msgspec.json.encode({"id": cart_id, "token_hash": "\\x" + ids.hashed(token).hex()}).decode()
            connection.execute(
                "INSERT INTO carts SELECT (jsonb_populate_record(c, %s::jsonb)).* FROM carts c WHERE id = %s",
                (own, buyer.cart["id"]),
            )
            connection.execute(
                "INSERT INTO cart_lines SELECT (jsonb_populate_record(l, jsonb_build_object("
                "'id', gen_random_uuid(), 'cart_id', %s::uuid))).* FROM cart_lines l WHERE cart_id = %s",
                (cart_id, buyer.cart["id"]),
            )
            copied.append(Buyer(buyer.client, buyer.shop, cart=buyer.cart | {"id": cart_id, "token": token}))
    return copied


def percentile(seconds: Iterable[float], share: float) -> float:
    found = sorted(seconds)
    return found[min(len(found) - 1, int(share * len(found)))]
