"""One shop's side of `bench.scale`: a line on its input has it ask for every page once, and answer what each cost."""

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from werkzeug.test import EnvironBuilder, run_wsgi_app

from shopwright import app as shop
from shopwright.kit import db
from shopwright.settings import Settings

#: Pages of 24, all filled anew; what is compared are lists that are full in either shop.
LISTS: dict[str, dict[str, Any]] = {
    "everything, newest": {},
    "everything by price": {"sort": "price"},
    "everything by title": {"sort": "title"},
    "everything in German, by title": {"sort": "title", "locale": "de"},
    "a large category": {"category": "aisle-1"},
    "a large category by price": {"category": "aisle-1", "sort": "price"},
    "a middle category by price": {"category": "shelf-0", "sort": "price"},
    "3 filters by price": {"category": "aisle-1", "attribute": "organic:true", "available": "true", "sort": "price"},
    "3 filters that few meet, by price": {
        "category": "aisle-1", "attribute": "color:blue", "available": "true", "sort": "price",
    },
    "3 filters, dearest first": {
        "category": "aisle-1", "attribute": "organic:true", "price_min": 1000, "sort": "-price",
    },
    "a collection": {"collection": "collection-3"},
    "a collection by price": {"collection": "collection-3", "sort": "price"},
}  # fmt: skip
PAGES_DEEP = 60
REPEATS = 4
SLUG = "SELECT slug FROM products WHERE published_at IS NOT NULL AND archived_at IS NULL AND title LIKE '%Mug%' ORDER BY id LIMIT 1"


def main() -> None:
    url, redis_url = sys.argv[1:]
    # The log goes elsewhere than the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    app = shop.create_app(
        Settings(
            environment="test", database_url=url, redis_url=redis_url, secret_key="x" * 40, cache_enabled=False,
            db_pool_size=1,
        )
    )  # fmt: skip
    asker = Asker(app)
    with psycopg.connect(url.replace("+psycopg", "")) as database:
        (slug,) = database.execute(SLUG).fetchone() or ("",)
    pages = {name: f"/v1/products?{urlencode({'channel': 'eu', **asked})}" for name, asked in LISTS.items()}
    pages |= {f"{name}, deep": asker.deep(path) for name, path in pages.items()}
    pages |= {"product detail": f"/v1/products/{slug}?channel=eu", "category tree": "/v1/categories?channel=eu"}
    for _ in range(2):
        asker.costs(pages)
    for _ in sys.stdin:
        print(json.dumps(asker.costs(pages)), file=answers, flush=True)


class Asker:
    """Speaks WSGI to the app in this thread, whose one connection answers all."""

    def __init__(self, app: Any) -> None:
        self.app = app
        with db.engine().connect() as connection:
            self.backend = Path(f"/proc/{connection.exec_driver_sql('SELECT pg_backend_pid()').scalar_one()}/schedstat")

    def deep(self, path: str) -> str:
        """The page after many others that has another one behind it, so that it is as full as the first."""
        at = before = path
        for _ in range(PAGES_DEEP):
            cursor = json.loads(self.get(at))["next_cursor"]
            if cursor is None:
                return before
            before, at = at, f"{path}&cursor={cursor}"
        return before

    def get(self, path: str) -> bytes:
        body, status, _ = run_wsgi_app(self.app, EnvironBuilder(path).get_environ())
        answer = b"".join(body)
        if status != "200 OK":
            raise SystemExit(f"{path}: {status} {answer.decode()}")
        return answer

    def costs(self, pages: dict[str, str]) -> dict[str, float]:
        return {name: min(self._cost(path) for _ in range(REPEATS)) for name, path in pages.items()}

    def _cost(self, path: str) -> float:
        before = self._used()
        self.get(path)
        return self._used() - before

    def _used(self) -> float:
        """Of this thread and the connection's process, in seconds: how long they ran is the first number of schedstat."""
        return time.thread_time() + int(self.backend.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
