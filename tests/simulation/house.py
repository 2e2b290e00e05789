"""What a simulation runs on: a real PostgreSQL and Redis, the shop's and the provider's apps, in one process.

Each episode has a new database, copied from one that was migrated once, a new provider, and a seed of its own.
"""

import logging
import random
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import msgspec
import psycopg
import structlog
from sqlalchemy import make_url

from shopwright import app as shop
from shopwright import settings as settings_module
from shopwright.commerce.payments import work
from shopwright.commerce.payments.providers import development
from shopwright.kit import cache, db, events, schema
from shopwright.settings import Settings
from tests.simulation import chance, faults
from tests.simulation.provider import Provider
from tests.simulation.world import World

PSP_SECRET = "a-secret-of-the-provider-of-the-simulation"
QUIET = "ALTER TABLE {} SET (autovacuum_enabled = off)"


class House:
    """Made once a process; `episode` may be asked for as often as one likes."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self._name = f"sim_{uuid4().hex[:12]}"
        self._url = make_url(settings.database_url)
        self._outer = settings
        self.settings = msgspec.structs.replace(
            settings, psp_url="http://psp.test", psp_secret=PSP_SECRET, db_pool_size=4,
            database_url=self._of(self._name),
        )  # fmt: skip
        self._admin = psycopg.connect(
            self._url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        self._admin.execute(f"CREATE DATABASE {self._name}")
        self.app = shop.create_app(self.settings)
        self.app.testing = True
        # No worker listens here; the simulation relays when its dice say so.
        events.nudge = lambda: None
        schema.upgrade(self.settings)
        with db.engine().begin() as connection:
            for table in db.Base.metadata.tables:
                # So that plans, and with them the order of rows that nobody sorts, are the same in every run.
                connection.exec_driver_sql(QUIET.format(table))
        db.engine().dispose()

    def _of(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        db.engine().dispose()
        self._admin.execute(f"DROP DATABASE IF EXISTS {self._name}_now WITH (FORCE)")
        self._admin.execute(f"DROP DATABASE {self._name} WITH (FORCE)")
        self._admin.close()
        shop.configure(self._outer)

    @contextmanager
    def episode(self, seed: int) -> Iterator[World]:
        """A new shop with its provider, in which all that happens follows from the seed."""
        ours = random.Random(f"ids of {seed}")
        dice = random.Random(f"dice of {seed}")
        with ExitStack() as stack:
            settings = self._fresh_database(dice.random() < 0.5)
            stack.enter_context(chance.following(ours))
            provider = Provider(self.folder / f"psp-{uuid4().hex}", PSP_SECRET, seed)
            stack.callback(provider.close)
            log = _caught_log()
            injected = faults.Faults(dice)
            stack.enter_context(faults.in_the_database(injected, db.engine()))
            world = World(seed=seed, dice=dice, ids=ours, app=self.app, settings=settings, provider=provider,
                          faults=injected, log=log)  # fmt: skip
            stack.enter_context(_wired(world.wire))
            work._breakers.clear()
            world.set_up()
            yield world

    def _fresh_database(self, caches: bool) -> Settings:
        db.engine().dispose()
        name = f"{self._name}_now"
        self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY")
        settings = msgspec.structs.replace(self.settings, database_url=self._of(name), cache_enabled=caches)
        settings_module.use(settings)
        db.configure(settings)
        cache.configure(settings.redis_url or None, prefix=settings.cache_prefix, enabled=caches)
        cache.redis().flushdb()
        return settings


@contextmanager
def _wired(wire: faults.Wire) -> Iterator[None]:
    """Inside, the adapter of the development provider speaks over this wire instead of a socket."""
    client = development.httpx.Client(base_url="http://psp.test", transport=wire)
    before = development._client
    development._client = lambda _: client  # type: ignore[assignment]  # not cached: an episode has its own
    try:
        yield
    finally:
        development._client = before
        client.close()


def _caught_log() -> deque[Any]:
    """The last errors that were logged, for the report of a failure; nothing is written."""
    kept: deque[Any] = deque(maxlen=8)

    def catch(_: object, level: str, entry: dict[str, Any]) -> NoReturn:
        if level in ("error", "critical"):
            kept.append(entry)
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, catch],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
    )
    return kept
