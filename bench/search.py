"""`python -m bench.search`: what a search costs beside Elasticsearch answering the same bodies alone.

The shop's whole request runs in this process; what it sent to the engine is sent again, word for word and alone, in turns. It
needs what `make search-node` fetches. Made by COPY: products of `bench.million`, indexed as the worker does it.
"""

import argparse
import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
import psycopg
from bench import million, processes, report, servers
from bench.million_things import NOUNS
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from shopwright import app
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Kind, Percentage, Terms
from shopwright.embedded import engines as programs
from shopwright.embedded import plan, valkey
from shopwright.kit import outbox
from shopwright.kit.db import session
from shopwright.kit.transaction import reading, transaction
from shopwright.listeners.search import engines, indexing, reindexing, states, tasks
from shopwright.listeners.search.backends.elastic.adapter import ElasticBackend
from shopwright.listeners.search.backends.elastic.indices import own_alias
from shopwright.listeners.search.backends.elastic.node import PATIENT_SECONDS
from shopwright.listeners.search.models import SearchState
from shopwright.settings import current

P50, P95, SUGGESTED_MS, OWN_MS, BULK_SECONDS, OF_RAW_BULK = 1.3, 1.5, 50.0, 4.0, 90.0, 0.6
Mark = tuple[str, str, bool]
WARM_SECONDS = 120.0
COLOURS = ("black", "red", "green", "large", "oak", "cotton")


class Sent(NamedTuple):
    method: str
    target: str
    body: bytes | None
    headers: Any


class Taken(NamedTuple):
    """Milliseconds, of each search."""

    shop: list[float]
    engine: list[float]
    own: list[float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument("--variants", type=int, default=250_000, help="a fifth as many products")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    servers.prepare_environment()
    for name, measured, is_reached in measured_marks(asked.variants, asked.rounds):
        print(f"{name}: {measured}, {'reached' if is_reached else 'missed'}", flush=True)
        if not asked.dry:
            report.note(name, measured, is_reached=is_reached)


def measured_marks(variants: int, rounds: int) -> Iterator[Mark]:
    """Each as soon as it is known: the whole takes a quarter of an hour."""
    with opened(variants) as (browser, engine, pid):
        products, seconds, cpu = everything_changes(engine, pid)
        told = f"{products:,} in {seconds:.0f} s; {cpu}"
        yield "50,000 products that change at once, found", told, seconds <= BULK_SECONDS
        seconds, raw = reindexed(engine)
        told = f"{raw / seconds:.2f} of its speed ({seconds:.0f} s, {raw:.0f} s)"
        yield "a whole reindex beside raw bulk", told, raw / seconds >= OF_RAW_BULK
        warm(browser)
        yield from judged(searches(browser, engine, rounds))
        yield suggested(browser, rounds)


@contextlib.contextmanager
def opened(variants: int) -> Iterator[tuple[FlaskClient, ElasticBackend, int]]:
    """A shop with its index in Elasticsearch, whose process is told too, and in PostgreSQL."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)  # the servers may have to run as another user than root
        url = stack.enter_context(servers.tables_alone())
        redis, engine = valkey.launch(folder / "valkey", durable=False), programs.elasticsearch(folder / "engine")
        stack.callback(redis.stop)
        stack.callback(engine.stop)
        with psycopg.connect(url, autocommit=True) as database:
            million.make(database, variants, "search")
        settings = msgspec.structs.replace(
            current(), redis_url=redis.url, elasticsearch_url=engine.url, cache_enabled=True, reads_per_minute=10**9
        )
        browser = app.create_app(settings).test_client()
        with transaction():
            states.touch_all()
        indexing.run()
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("VACUUM ANALYZE")
        backend = engines.written()[-1]
        assert isinstance(backend, ElasticBackend)
        yield browser, backend, engine.pid or 0


def everything_changes(engine: ElasticBackend, pid: int) -> tuple[int, float, str]:
    """A promotion of all products begins: the indexer of `make up` writes their prices into both indexes, until the last is
    found. How many products, in how many seconds, and whose processor time that was."""
    with indexer() as worker:
        with transaction():
            terms = Terms(name="A fifth", kind=Kind.CATALOG, effect=Percentage(ppm=200_000))
            promotions.activate_promotion(promotions.create_promotion(terms).id)
        before, began = cpu_of_each(pid, worker.pid), time.monotonic()
        outbox.drain()
        wait_until_indexed(worker)
        with reading():
            locales, products = channels.active_locales(), session.scalar(select(func.count(SearchState.product_id)))
        for locale in locales:
            engine.refresh(locale)
        seconds = time.monotonic() - began
        used = (f"{name} {now - before[name]:.0f} s" for name, now in cpu_of_each(pid, worker.pid).items())
        return products or 0, seconds, f"CPU: {', '.join(used)}"


@contextlib.contextmanager
def indexer() -> Iterator[subprocess.Popen[bytes]]:
    """Once it indexes; connected as this process is."""
    settings = current()
    names = "environment", "database_url", "redis_url", "elasticsearch_url"
    environment = os.environ | {name.upper(): getattr(settings, name) for name in names}
    command = plan.shopwright(plan.UpPlan(Path(), {}, has_indexer=True), 0).services["indexer"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with transaction():
            states.touch(session.scalars(select(SearchState.product_id).limit(1)).all())
        wait_until_indexed(process)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait_until_indexed(indexer: subprocess.Popen[bytes]) -> None:
    asks = 0.0
    while True:
        with reading():
            if not states.lag().waiting:
                return
        assert indexer.poll() is None, f"the indexer ended with {indexer.returncode}"
        if time.monotonic() >= asks:
            # As the clock does.
            tasks.index.delay()
            asks = time.monotonic() + 2
        time.sleep(0.1)


def cpu_of_each(engine_pid: int, indexer_pid: int) -> dict[str, float]:
    own, engine, indexer = time.process_time(), processes.cpu_seconds(engine_pid), processes.cpu_seconds(indexer_pid)
    # This process began all of them, Redis too, which does next to nothing.
    rest = processes.cpu_seconds(os.getpid()) - own - engine - indexer
    return {"indexer": indexer, "engine": engine, "PostgreSQL": rest}


def reindexed(engine: ElasticBackend) -> tuple[float, float]:
    """How many seconds it takes, and its own bulks, sent again as they were to new indexes."""
    with recorded(engine) as sent:
        began = time.monotonic()
        made = reindexing.reindex(engine).used
        seconds = time.monotonic() - began
    bulks = [each for each in sent if "_bulk" in each.target]
    copies = {index: engine.create(locale) for locale, index in made.items()}
    raw = {own_alias(index): own_alias(copy) for index, copy in copies.items()}
    again(engine, bulks[:1], raw)  # the first of all pays for what the engine has to get ready
    began = time.monotonic()
    again(engine, bulks[1:], raw)
    raw = (time.monotonic() - began) * len(bulks) / (len(bulks) - 1)
    reindexing.drop_kept(engine)
    for copy in copies.values():
        engine.drop(copy)
    return seconds, raw


def warm(browser: FlaskClient) -> None:
    """Until each query was answered by the engine, which after so much writing still merges, and reads nothing from memory."""
    deadline = time.monotonic() + WARM_SECONDS
    for query in queries():
        while asked(browser, query)["degraded"]:
            assert time.monotonic() < deadline, f"Elasticsearch does not answer {query!r} in time"
            time.sleep(1)


def queries() -> list[str]:
    return [*NOUNS, *(f"{colour} {noun}" for colour in COLOURS for noun in NOUNS[:5])]


def asked(browser: FlaskClient, query: str) -> Any:
    answer = browser.get("/v1/search", query_string={"q": query})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def searches(browser: FlaskClient, engine: ElasticBackend, rounds: int) -> Taken:
    taken = Taken([], [], [])
    with reading():
        backends = int(session.scalar(text("SELECT pg_backend_pid()")) or 0)
    for _ in range(rounds):
        for query in queries():
            with recorded(engine) as sent:
                cpu = time.thread_time() + processes.cpu_seconds(backends)
                whole, answer = timed(lambda q=query: browser.get("/v1/search", query_string={"q": q}))
                cpu = time.thread_time() + processes.cpu_seconds(backends) - cpu
            assert answer.status_code == 200 and not answer.get_json()["degraded"], answer.text
            alone, _ = timed(lambda s=sent: again(engine, s))
            taken.shop.append(whole)
            taken.engine.append(alone)
            taken.own.append(1000 * cpu)
    return taken


def suggested(browser: FlaskClient, rounds: int) -> Mark:
    taken = [timed(lambda q=q: browser.get("/v1/search/suggestions", query_string={"q": q}))[0] for q in typed(rounds)]
    _, late = middle_and_late(taken)
    return "suggestions", f"p95 {late:.0f} ms", late <= SUGGESTED_MS


def typed(rounds: int) -> list[str]:
    return [noun[:length].lower() for noun in NOUNS for length in (2, 3, 4)] * rounds


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    answer = work()
    return 1000 * (time.perf_counter() - began), answer


@contextlib.contextmanager
def recorded(engine: ElasticBackend) -> Iterator[list[Sent]]:
    """What is sent to the engine meanwhile."""
    node, sent = next(iter(engine.client.transport.node_pool.all())), []
    original = node.perform_request

    def note(method: str, target: str, body: bytes | None = None, headers: Any = None, **rest: Any) -> Any:
        sent.append(Sent(method, target, body, headers))
        return original(method, target, body=body, headers=headers, **rest)

    node.perform_request = note  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        del node.perform_request


def again(engine: ElasticBackend, sent: Sequence[Sent], instead: Mapping[str, str] = MappingProxyType({})) -> None:
    """`instead`: other indexes than those that they were sent to."""
    node = next(iter(engine.client.transport.node_pool.all()))
    for method, target, body, headers in sent:
        index = target.split("/")[1]
        target = target.replace(index, instead.get(index, index))
        node.perform_request(method, target, body=body, headers=headers, request_timeout=PATIENT_SECONDS)


def judged(taken: Taken) -> list[Mark]:
    (shop50, shop95), (engine50, engine95) = middle_and_late(taken.shop), middle_and_late(taken.engine)
    own = sum(taken.own) / len(taken.own)
    ratios = shop50 / engine50, shop95 / engine95
    beside = f"({shop50:.0f} and {shop95:.0f} ms; the engine alone {engine50:.0f} and {engine95:.0f})"
    return [
        (
            "a search with 8 facets beside its engine", f"p50 {ratios[0]:.2f}, p95 {ratios[1]:.2f} {beside}",
            ratios[0] <= P50 and ratios[1] <= P95,
        ),
        ("our own share of a search", f"{own:.1f} ms CPU", own <= OWN_MS),
    ]  # fmt: skip


def middle_and_late(values: list[float]) -> tuple[float, float]:
    """The 50th and the 95th of a hundred."""
    cuts = quantiles(values, n=100)
    return cuts[49], cuts[94]


if __name__ == "__main__":
    main()
