"""The servers that are measured: the shop as `make up` starts it, a bare Flask, and a PostgreSQL of its own for pgbench."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx
from bench import smoke

from shopwright import app
from shopwright.embedded import plan, postgres
from shopwright.embedded.process import free_port
from shopwright.kit import db, schema
from shopwright.settings import Settings

MOST_CONNECTIONS = 4096
#: Of a machine that others use, too.
READY_LIMIT = 300.0
PROXY = "127.0.0.1"


@dataclass(frozen=True)
class HttpServer:
    pid: int
    port: int


def prepare_environment() -> None:
    """Nothing of the caller's is touched, the client is a proxy that is believed, and sockets are allowed in numbers."""
    for name in (
        "DATABASE_URL",
        "MIGRATION_DATABASE_URL",
        "REDIS_URL",
        "ENVIRONMENT",
        "MAKEFLAGS",
        "MAKELEVEL",
        "ARGS",
    ):
        os.environ.pop(name, None)
    os.environ |= {"TRUSTED_PROXIES": PROXY, "PYTHONPATH": str(smoke.ROOT)}
    signal.signal(signal.SIGTERM, _end)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    # As Ctrl-C does, so that all that was started is stopped.
    raise KeyboardInterrupt


@contextlib.contextmanager
def shop(data: Path) -> Iterator[HttpServer]:
    port = free_port()
    process = smoke.start(str(data), port)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            smoke.wait_until_ready(client, process, READY_LIMIT)
        yield HttpServer(process.pid, port)
    finally:
        smoke.stop(process, str(data))


@contextlib.contextmanager
def bare_flask(folder: Path) -> Iterator[HttpServer]:
    """Under granian, told the same as the shop's own, without the shop's code."""
    port = free_port()
    planned = plan.UpPlan(folder, dict(os.environ), port=port)
    python, _, _, *words, _ = plan.shopwright(planned, port).services["web"]
    command = [python, "-m", "granian", *words]
    with (folder / "bare.log").open("wb") as log:
        process = subprocess.Popen([*command, "bench.bare:create_app"], cwd=smoke.ROOT, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/10", process)
        yield HttpServer(process.pid, port)
    finally:
        process.terminate()
        process.wait(40)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            sys.exit(f"the bare Flask ended with {process.returncode}")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            return
        time.sleep(0.1)
    sys.exit("the bare Flask did not answer within 30 s")


@dataclass(frozen=True)
class Database:
    """A PostgreSQL to be reached by its unix socket. `pid` is 0 for the shop's own."""

    sockets: Path
    pid: int = 0

    def arguments(self) -> list[str]:
        return ["-h", str(self.sockets), "-p", str(postgres.SOCKET_PORT), "-U", postgres.USER]

    def conninfo(self) -> str:
        return f"host={self.sockets} port={postgres.SOCKET_PORT} user={postgres.USER} dbname={postgres.DATABASE}"


@contextlib.contextmanager
def tables_alone() -> Iterator[str]:
    """A PostgreSQL with the shop's tables, for what is measured in this very process; its address."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may have to run as another user than root
        server = postgres.launch(Path(folder) / "pg", durable=False)
        try:
            settings = Settings(environment="test", database_url=server.url, log_json=False, cache_enabled=False)
            app.configure(settings)
            schema.upgrade(settings)
            yield server.url.replace("+psycopg", "")
        finally:
            db.engine().dispose()
            server.stop()


def database_of_shop(data: Path) -> Database:
    return Database(data / "postgres" / "socket")


@contextlib.contextmanager
def this_process_in(data: Path) -> Iterator[None]:
    """Have this process speak with the shop's database, as a second web process would."""
    sockets = database_of_shop(data).sockets
    url = f"postgresql://{postgres.USER}@/{postgres.DATABASE}?host={sockets}&port={postgres.SOCKET_PORT}"
    app.configure(Settings(environment="test", database_url=url, log_json=False, cache_enabled=False))
    try:
        yield
    finally:
        db.engine().dispose()


@contextlib.contextmanager
def copy_of(original: Database, folder: Path) -> Iterator[Database]:
    """A second server with the same settings and the same data, but room for a thousand connections."""
    server = postgres.launch(folder, durable=True, settings={"max_connections": "1100"})
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        copied = Database(folder / "socket", pid)
        _copy(original, copied)
        yield copied
    finally:
        server.stop()


def _copy(source: Database, target: Database) -> None:
    programs = postgres.find_programs()
    dump = [programs / "pg_dump", *source.arguments(), postgres.DATABASE]
    load = [programs / "psql", *target.arguments(), "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", postgres.DATABASE]
    with subprocess.Popen(dump, stdout=subprocess.PIPE) as dumping:
        subprocess.run(load, stdin=dumping.stdout, check=True)
    subprocess.run([programs / "psql", *target.arguments(), "-qc", "VACUUM ANALYZE", postgres.DATABASE], check=True)
