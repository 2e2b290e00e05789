"""What the edge costs: a page from the cache beside a bare Flask route of the same bytes, in this process, and what each part adds.

`python -m bench.edge`. CPU time of the thread (`thread_time`), the least of many rounds in which all take turns, so that a
busy machine shows as little as it can. A server's own work is not in it: `make bench` measures that.
"""

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import bare
from flask import Flask

from shopwright import settings
from shopwright.app import create_app
from shopwright.commerce.accounts import access_tokens, tokens
from shopwright.embedded import postgres, valkey
from shopwright.kit import clock, db, known, logging, metrics, outbox, ratelimit, schema, web
from shopwright.kit.transaction import steadily
from shopwright.settings import Settings
from shopwright.surfaces.transfer import demo

ROUNDS, EACH = 60, 100
CHANNEL = "channel=eu"
#: The shoppers stand behind a proxy, each with an address of its own.
PROXY, SHOPPERS = "127.0.0.1", [f"198.51.100.{number}" for number in range(250)]

Ask = Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.edge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    with shop() as app:
        detail = _detail(app)
        told("a page", measure(pages(app, detail), asked.rounds))
        told("a part", measure(parts(detail), asked.rounds))


def told(what: str, least: dict[str, float]) -> None:
    first = next(iter(least.values()))
    print(f"\n| {what} | µs | by the first |\n| --- | ---: | ---: |")
    for name, seconds in least.items():
        print(f"| {name} | {seconds * 1e6:.1f} | {seconds / first:.2f} |")


def pages(app: Flask, detail: str) -> dict[str, Ask]:
    """Each page beside a bare Flask route of as many bytes: as it is asked for again, and by the whole way through Flask."""
    asks: dict[str, Ask] = {}
    for name, target in {"product detail": detail, "listing of 24": f"/v1/products?{CHANNEL}&limit=24"}.items():
        size, tag = _size_and_tag(app, target)
        asks[f"bare Flask, {size} bytes"] = asking(bare.create_app(), f"/{size}")
        asks[name] = asking(app, target)
        asks[f"{name}, 304"] = asking(app, target, HTTP_IF_NONE_MATCH=tag)
        # Somebody's own request is never answered past Flask.
        asks[f"{name}, through Flask"] = asking(app, target, HTTP_CART_TOKEN="somebody's")
    return asks


def parts(detail: str) -> dict[str, Ask]:
    """What stands between the server and a page, each around or beside nothing."""
    in_force = settings.current()
    reads = ratelimit.Limit("reads", in_force.reads_per_minute, 60, on_trust=True)
    token = access_tokens.issue("customer", uuid4(), uuid4(), clock.now(), in_force)
    pages, words = known.KnownPages(), {"REQUEST_METHOD": "GET", "HTTP_HOST": PROXY, "PATH_INFO": detail}
    addresses = cycle(SHOPPERS)

    def nothing(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b""]

    return {
        "nothing (what asking costs)": asking(nothing, detail),
        "id, headers, log; with the metrics": asking(web.AroundAll(nothing, in_force), detail),
        "of it metrics": lambda: metrics.observe("GET", "/v1/products/<slug>", 200, 0.001),
        "addresses behind a trusted proxy": asking(web.TrustedProxies(nothing, in_force), detail),
        "rate limit": lambda: ratelimit.take(reads, next(addresses)),
        "known words, nobody's token": lambda: pages.find(words),
        "a customer's token, where one is sent": lambda: tokens.authenticate(f"Bearer {token}"),
        "begin and end of a read": lambda: steadily(int),
    }


@contextmanager
def shop() -> Iterator[Flask]:
    """The shop as it is in production: log, metrics in files, rate limits, proxy, cache."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stops:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user than root
        database = postgres.launch(Path(folder) / "pg", durable=False)
        stops.callback(database.stop)
        redis = valkey.launch(Path(folder) / "valkey", durable=False)
        stops.callback(redis.stop)
        in_force = Settings(
            environment="test", database_url=database.url, redis_url=redis.url, trusted_proxies=(PROXY,),
            allowed_hosts=("127.0.0.1",), metrics_dir=f"{folder}/metrics", storage_url=f"file://{folder}/media",
        )  # fmt: skip
        app = create_app(in_force)
        logging.configure(json=True, aside=True)
        schema.upgrade(in_force)
        demo.seed(if_empty=True)
        outbox.drain()
        stops.callback(lambda: db.engine().dispose())
        yield app


def _detail(app: Flask) -> str:
    listed = app.test_client().get(f"/v1/products?{CHANNEL}&limit=1", base_url=f"http://{PROXY}").get_json()
    return f"/v1/products/{listed['items'][0]['slug']}?{CHANNEL}"


def _size_and_tag(app: Flask, target: str) -> tuple[int, str]:
    answer = app.test_client().get(target, base_url=f"http://{PROXY}")
    return len(answer.data), answer.headers["ETag"]


def asking(app: Any, target: str, **headers: str) -> Ask:
    """One request as granian would make it, by the next shopper."""
    path, _, query = target.partition("?")
    environ = {
        **os.environ, "GATEWAY_INTERFACE": "CGI/1.1", "SCRIPT_NAME": "", "SERVER_SOFTWARE": "Granian",
        "wsgi.errors": None, "wsgi.input_terminated": True, "wsgi.multiprocess": False, "wsgi.multithread": True,
        "wsgi.run_once": False, "wsgi.version": (1, 0), "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000", "REMOTE_ADDR": PROXY, "REQUEST_METHOD": "GET", "PATH_INFO": path,
        "QUERY_STRING": query, "wsgi.url_scheme": "http", "wsgi.input": None, "HTTP_HOST": "127.0.0.1:8000", **headers,
    }  # fmt: skip
    addresses = cycle(SHOPPERS)

    def ask() -> Any:
        said: list[Any] = []
        answer = app(environ | {"HTTP_X_FORWARDED_FOR": next(addresses)}, lambda *start: said.extend(start))
        if not isinstance(answer, list):
            b"".join(answer)
            if close := getattr(answer, "close", None):
                close()
        return said[1]

    return ask


def measure(asks: dict[str, Ask], rounds: int, each: int = EACH) -> dict[str, float]:
    """The least CPU seconds of one call of each."""
    least = dict.fromkeys(asks, float("inf"))
    for ask in asks.values():
        for _ in range(each):
            ask()
    gc.collect()
    gc.disable()
    for _ in range(rounds):
        for name, ask in asks.items():
            began = time.thread_time()
            for _ in range(each):
                ask()
            least[name] = min(least[name], (time.thread_time() - began) / each)
    gc.enable()
    return least


if __name__ == "__main__":
    main()
