"""`python -m bench.scale`: what lists and pages cost at a million variants beside a thousand, on a cache miss.

Two PostgreSQLs, each with a catalog of `bench.million`, are asked in turns by one process for each (`bench.scale_asked`).
What is compared is processor time, of the web process and of its database connection together: the least of many rounds.
`--data FOLDER` keeps the catalogs there, and takes those that it finds.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from bench import million, report, servers, smoke

from shopwright import app
from shopwright.embedded import postgres, valkey
from shopwright.embedded.process import Server
from shopwright.kit import db, schema
from shopwright.settings import Settings

MARK, ROUNDS = 1.5, 30
#: A million rows are written faster with fewer checkpoints.
SETTINGS = {"max_wal_size": "8GB", "checkpoint_timeout": "30min"}
READY = "ready"

Costs = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--variants", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--seed", default="scale")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", type=Path, help="where the catalogs are kept")
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    servers.prepare_environment()
    with contextlib.ExitStack() as stack:
        folder = asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL may have to run as another user than root
        redis = valkey.launch(folder / "valkey", durable=False)
        stack.callback(redis.stop)
        few, many = (
            stack.enter_context(asking(folder / str(count), count, asked.seed, redis.url))
            for count in (asked.few, asked.variants)
        )
        costs = [(few.cost(), many.cost()) for _ in range(asked.rounds)]
    ratios = tell(costs)
    tree, detail = ratios.pop("category tree"), ratios.pop("product detail")
    worst = max(ratios.values())
    if not asked.dry:
        told = f"lists {min(ratios.values()):.2f} to {worst:.2f}, detail {detail:.2f}; the category tree {tree:.0f}"
        report.note("lists and pages at a million variants", told, is_reached=max(worst, detail) <= MARK)


class Asking:
    """A process that asks a shop for each of its pages when it is told to."""

    def __init__(self, url: str, redis_url: str) -> None:
        command = [sys.executable, "-m", "bench.scale_asked", url, redis_url]
        self.process = subprocess.Popen(
            command, cwd=smoke.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def cost(self) -> Costs:
        """Seconds of processor time a page, by its name."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)


@contextlib.contextmanager
def asking(folder: Path, variants: int, seed: str, redis_url: str) -> Iterator[Asking]:
    """A shop with so many variants; they are made if it has none."""
    server = postgres.launch(folder, durable=False, settings=SETTINGS)
    try:
        _fill(server, variants, seed)
        asked = Asking(server.url, redis_url)
        try:
            yield asked
        finally:
            asked.stop()
    finally:
        server.stop()


def _fill(server: Server, variants: int, seed: str) -> None:
    settings = Settings(environment="test", database_url=server.url, log_json=False, cache_enabled=False)
    app.configure(settings)
    schema.upgrade(settings)
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as database:
        found = database.execute("SELECT count(*) FROM (SELECT FROM variants LIMIT 1)").fetchone()
        if found == (0,):
            began = time.monotonic()
            million.make(database, variants, seed)
            print(f"Made {variants:,} variants in {time.monotonic() - began:.0f} s", flush=True)
    db.engine().dispose()


def tell(costs: list[tuple[Costs, Costs]]) -> dict[str, float]:
    """Print a table; answers the ratio of the least costs of each page."""
    print("| page | few, ms CPU | many, ms CPU | ratio |\n| --- | ---: | ---: | ---: |")
    ratios: dict[str, float] = {}
    for name in costs[0][0]:
        few, many = (min(pair[place][name] for pair in costs) for place in (0, 1))
        ratios[name] = many / few
        print(f"| {name} | {few * 1000:.2f} | {many * 1000:.2f} | {many / few:.2f} |")
    return ratios


if __name__ == "__main__":
    main()
