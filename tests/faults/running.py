"""A whole shop of real processes, each of which a test may kill, stop, start again or cut off."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from shopwright import app
from shopwright.embedded import postgres, valkey
from shopwright.embedded.plan import UpPlan, shopwright
from shopwright.embedded.process import Process, Server, free_port, make_folder
from shopwright.kit import cache, db, queue, schema
from shopwright.settings import Settings
from tests.faults.guest import PERSONAL, Guest
from tests.faults.http import Answer, Client, Cut, until
from tests.faults.toxiproxy import Toxiproxy
from tests.shopping import Shop, make_shop

SECRET = "a-secret-that-is-only-for-tests-0123456789"
READY_SECONDS = 60.0
ALL = ("web", "worker", "beat")


@dataclass
class RunningShop:
    """One shop in a folder of its own. `through` is the proxy on the way from its programs to database and Redis."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ALL
    web_workers: int = 2
    web_threads: int = 10
    through: Toxiproxy | None = None
    database_settings: Mapping[str, str] = field(default_factory=dict)
    database_folder: Path | None = None

    database: Server = field(init=False)
    redis: Server = field(init=False)
    programs: dict[str, Process] = field(default_factory=dict, init=False)
    #: I13: what no log may hold. Beside what every guest says, the tokens that were given out.
    secrets: set[str] = field(default_factory=lambda: {SECRET, *PERSONAL}, init=False)
    port: int = field(default_factory=free_port, init=False)
    market: Shop = field(init=False)

    def open(self) -> None:
        """Start all of it, with an empty shop that sells in one market; ends when it is ready for customers."""
        make_folder(self.folder, is_passage=True)
        self.database = postgres.launch(
            self.database_folder or self.folder / "postgres", durable=True, tcp=self.through is not None,
            log=self._log("postgres"), settings=self.database_settings,
        )  # fmt: skip
        self.redis = valkey.launch(self.folder / "valkey", durable=True, log=self._log("valkey"))
        self.step_inside()
        schema.upgrade(self.settings)
        self.market = make_shop()
        plan = UpPlan(
            data_dir=self.folder, environment={}, port=self.port,
            web_workers=self.web_workers, web_threads=self.web_threads, has_indexer="indexer" in self.names,
        )  # fmt: skip
        commands = shopwright(plan, self.port).services
        self.programs = {
            name: Process(name, commands[name], self._log(name), environment=self._told(), folder=self.folder)
            for name in self.names
        }
        self.start(*self.names)
        self.is_ready_within(READY_SECONDS)

    def close(self) -> None:
        for program in self.programs.values():
            program.ask_to_stop()
        for program in self.programs.values():
            program.stop()
        db.engine().dispose()
        self.redis.stop()
        self.database.stop()

    def step_inside(self) -> None:
        """Have this process work in the shop's database and Redis, never through the proxy."""
        app.configure(self.settings)

    @property
    def settings(self) -> Settings:
        return Settings(
            environment="test", database_url=self.database.url, redis_url=self.redis.url, secret_key=SECRET,
            cache_enabled=False, storage_url=(self.folder / "media").as_uri(),
        )  # fmt: skip

    def _told(self) -> dict[str, str]:
        """The environment of its programs."""
        database, redis = self.database.url, self.redis.url
        if self.through:
            database = _by_way_of(database, self.through.stand_before("postgres", _port_of(database)))
            redis = _by_way_of(redis, self.through.stand_before("redis", _port_of(redis)))
        return {
            "PATH": os.defpath, "TZ": "UTC", "PYTHONUNBUFFERED": "1",
            "ENVIRONMENT": "test", "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": SECRET,
            "STORAGE_URL": self.settings.storage_url, "METRICS_DIR": str(self.folder / "metrics"),
            "READS_PER_MINUTE": "1000000", "WRITES_PER_MINUTE": "1000000", "SIGN_INS_PER_MINUTE": "1000000",
            "WEB_THREADS": str(self.web_threads), **self.environment,
        }  # fmt: skip

    def _log(self, name: str) -> Path:
        logs = make_folder(self.folder / "logs")
        return logs / f"{name}.log"

    # What can be done to it

    def start(self, *names: str) -> None:
        (self.folder / "metrics").mkdir(exist_ok=True)
        for name in names:
            self.programs[name].start()

    def stop(self, *names: str) -> None:
        """As an operator does: SIGTERM, and wait until what was begun is finished."""
        for name in names:
            self.programs[name].stop()

    def kill(self, *names: str) -> None:
        """SIGKILL to a program and all its children."""
        for name in names:
            self.programs[name].sweep()
            self.programs[name].stop()

    def children(self, name: str) -> list[int]:
        """The processes that do the work of a program."""
        return children_of(self.programs[name].pid or 0)

    def kill_children(self, name: str) -> None:
        """SIGKILL to the processes that do the work; the program above them lives on and has to notice."""
        for pid in self.children(name):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def crash_database(self) -> None:
        """SIGKILL to all of PostgreSQL at once, as a lost machine would end it."""
        pids = [self.database.pid or 0, *children_of(self.database.pid or 0)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.database.stop()
        _wait_until_gone(pids)

    def crash_redis(self) -> None:
        self.redis.sweep()
        self.redis.stop()

    # What can be asked of it

    @property
    def client(self) -> Client:
        return Client(self.port)

    def buyer(self) -> Guest:
        return Guest(self.client, self.market, secrets=self.secrets)  # type: ignore[arg-type]  # it answers like the test client

    def is_ready_within(self, seconds: float) -> None:
        def ready() -> bool:
            for name, program in self.programs.items():
                assert program.is_alive(), f"{name} ended with {program.ending()}:\n{program.last_words(30)}"
            try:
                return self.client.get("/readyz").status_code == 200
            except Cut:
                return False

        until(ready, seconds, "the shop is ready")

    def comes_back_within(self, seconds: float) -> None:
        """It is ready, if need be after a program that gave up was started anew, as any supervisor does.

        (granian ends when its workers die twice within seconds.)
        """

        def is_back() -> bool:
            for program in self.programs.values():
                if not program.is_alive():
                    program.start()
            try:
                return self.client.get("/readyz").status_code == 200
            except Cut:
                return False

        until(is_back, seconds, "the shop is back")

    def get(self, path: str) -> Answer:
        return self.client.get(path)

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A session beside the shop's, to look into its tables or to stand in its way."""
        with psycopg.connect(self.database.url.replace("+psycopg", "")) as connection:
            yield connection
            if not connection.closed:
                connection.rollback()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run it, committed at once; the rows, if it answers any."""
        with psycopg.connect(self.database.url.replace("+psycopg", ""), autocommit=True) as connection:
            found = connection.execute(statement, values)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def count(self, table_and_where: str, *values: Any) -> int:
        return int(self.sql(f"SELECT count(*) FROM {table_and_where}", *values)[0][0])

    @contextmanager
    def standing_in_the_way(self, statement: str, *values: Any) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Hold a lock that some step of a request needs, so that the request stops exactly there."""
        with self.connection() as connection:
            connection.execute(statement, values)  # type: ignore[call-overload]
            yield connection

    def waits_for_a_lock(self, fragment: str, seconds: float = 10.0) -> None:
        """Wait until one of the shop's sessions is held up in a statement that holds `fragment`."""
        sql = "pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
        until(lambda: self.count(sql, f"%{fragment}%"), seconds, f"somebody waits in {fragment}")

    @contextmanager
    def commits_that_hang(self) -> Iterator[None]:
        """Commits are made but not answered, from here on for everybody: the word of a second server is waited for in vain."""
        is_over = threading.Event()

        def probe() -> None:
            # Those that come before the setting has reached everybody do not hang.
            while not is_over.wait(0.02):
                self.sql("SELECT pg_logical_emit_message(true, 'is it so', '')")

        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        self.sql("SELECT pg_reload_conf()")
        hangs = "pg_stat_activity WHERE query LIKE '%%is it so%%' AND wait_event = 'SyncRep'"
        with ThreadPoolExecutor(1) as pool:
            try:
                pool.submit(probe)
                until(lambda: self.count(hangs), 10, "commits hang")
                yield
            finally:
                is_over.set()
                self.sql("ALTER SYSTEM RESET synchronous_standby_names")
                self.sql("SELECT pg_reload_conf()")

    @contextmanager
    def goes_on_to_its_commit(self, fragment: str, lock: psycopg.Connection[tuple[Any, ...]]) -> Iterator[None]:
        """Whoever waits for this lock in a statement that holds `fragment` goes on as far as the commit, which hangs."""
        self.waits_for_a_lock(fragment)
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
        [(pid,)] = self.sql(waiting, f"%{fragment}%")
        with self.commits_that_hang():
            lock.rollback()
            hangs = "pg_stat_activity WHERE pid = %s AND wait_event = 'SyncRep'"
            until(lambda: self.count(hangs, pid), 10, "the commit has happened")
            yield

    @contextmanager
    def no_commit_answered(self) -> Iterator[Callable[[], None]]:
        """Commits hang. Gives a wait for that of an order."""
        stuck = (
            "pg_stat_activity JOIN pg_locks USING (pid) WHERE wait_event = 'SyncRep'"
            " AND relation = 'orders'::regclass AND mode = 'RowExclusiveLock'"
        )
        with self.commits_that_hang():
            yield lambda: until(lambda: self.count(stuck), 10, "the commit of an order has happened")

    def is_quiet_within(self, seconds: float) -> None:
        """I10, I11: wait until every fact that was announced has been heard by everybody who is to hear it."""
        open_facts = (
            "outbox WHERE delivered_at IS NULL AND NOT EXISTS"
            " (SELECT FROM outbox_failures WHERE event_id = outbox.id AND set_aside_at IS NOT NULL)"
        )
        look_again = time.monotonic() + 3

        def is_quiet() -> bool:
            nonlocal look_again
            if time.monotonic() > look_again:
                # Lost on the way: sent again after half a minute, which `test_killed_job_process` waits for and others skip.
                self.sql("UPDATE outbox SET sent_at = sent_at - interval '30 seconds' WHERE delivered_at IS NULL")
                self.sql("UPDATE outbox_failures SET try_again_at = now() WHERE set_aside_at IS NULL")
                look_again += 3
            return not self.count(open_facts)

        until(is_quiet, seconds, "every fact is delivered")

    def logs(self) -> Iterator[tuple[str, str]]:
        """Each file that one of its programs wrote to, and all that it holds."""
        for file in sorted((self.folder / "logs").iterdir()):
            yield file.name, file.read_text(errors="replace")

    def forget_connections(self) -> None:
        """This process's own connections died with the database."""
        db.engine().dispose()
        cache.redis().connection_pool.disconnect()


def children_of(pid: int) -> list[int]:
    """All descendants, the nearest first."""
    parents: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(process.name))
    found, at = [], [pid]
    while at:
        at = [child for parent in at for child in parents.get(parent, [])]
        found += at
    return found


def _wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)


def _port_of(url: str) -> int:
    return urlsplit(url).port or 0


def _by_way_of(url: str, port: int) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition(":")[0] + f":{port}").geturl()


def tell_the_worker(task: str, **more: Any) -> None:
    """Send a task over a connection of its own: Celery keeps those to the broker of a shop that was here before."""
    with queue.celery.connection_for_write() as connection:
        queue.celery.send_task(task, connection=connection, **more)
