import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from shopwright.embedded import postgres
from shopwright.embedded.process import CannotStart, Server

LeftIn = Callable[..., set[int]]


@contextmanager
def running(folder: Path, durable: bool = False, tcp: bool = False) -> Iterator[Server]:
    server = postgres.launch(folder, durable=durable, tcp=tcp)
    try:
        yield server
    finally:
        server.stop()


def ask(server: Server, statement: LiteralString) -> object:
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


@pytest.fixture
def folder(made_cluster: Path) -> Path:
    """The one cluster, used by all tests that leave it as it was."""
    return made_cluster


def test_data_outlives_a_stop(tmp_path: Path, made_cluster: Path, left_in: LeftIn) -> None:
    shutil.copytree(made_cluster / "data", tmp_path / "data")
    with running(tmp_path, durable=True) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert left_in(tmp_path, 0) == set()
    with running(tmp_path, durable=True) as server:
        assert ask(server, "SELECT answer FROM kept") == 42
        assert ask(server, "SHOW fsync") == "on"


def test_case_is_folded_without_the_help_of_the_machine(folder: Path) -> None:
    with running(folder) as server:
        assert ask(server, "SELECT lower('ÉÀŠ')") == "éàš"


def test_only_its_owner_reaches_it(folder: Path) -> None:
    with running(folder) as server:
        assert (folder / "socket").stat().st_mode & 0o777 == 0o700
        assert (folder / "socket" / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
        assert ask(server, "SHOW listen_addresses") == ""


def test_the_application_has_a_role_of_its_own_in_data_of_a_former_version_too(folder: Path) -> None:
    with running(folder) as server:
        ask(server, "DROP ROLE shopwright_app")
    with running(folder) as server, psycopg.connect(postgres.as_application(server).replace("+psycopg", "")) as shop:
        row = shop.execute("SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert row.fetchone() == ("shopwright_app", False, False)


def test_a_port_wants_the_password(folder: Path) -> None:
    with running(folder, tcp=True) as server:
        assert ask(server, "SELECT inet_server_addr()::text") == "127.0.0.1/32"
        address, _, rest = server.url.replace("+psycopg", "").rpartition("@")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"{address[:-1]}x@{rest}")


def test_a_killed_parent_leaves_no_server(folder: Path, left_in: LeftIn) -> None:
    script = (
        "import os, sys, pathlib; from shopwright.embedded import postgres; "
        "postgres.launch(pathlib.Path(sys.argv[1]), durable=False); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert parent.returncode == -signal.SIGKILL
    assert left_in(folder) == set()


def test_a_server_left_by_an_earlier_run_makes_way(folder: Path) -> None:
    with running(folder) as left_over, running(folder) as server:
        assert not left_over.is_alive()
        assert ask(server, "SELECT 1") == 1


def test_a_pid_that_now_belongs_to_another_program_is_forgotten(folder: Path) -> None:
    with running(folder):
        pass
    (folder / "data" / "postmaster.pid").write_text(f"{os.getppid()}\n")
    with running(folder) as server:
        assert ask(server, "SELECT 1") == 1


def test_data_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    mark = tmp_path / "data" / "PG_VERSION"
    mark.parent.mkdir()
    mark.write_text("9\n")
    with pytest.raises(CannotStart, match=r"made by PostgreSQL 9, but PostgreSQL \d+ is installed"):
        postgres.launch(tmp_path, durable=False)
    assert list(mark.parent.iterdir()) == [mark]


def test_a_path_too_long_for_a_socket_is_no_hindrance(tmp_path: Path, made_cluster: Path) -> None:
    deep = tmp_path / ("long" * 20) / ("longer" * 10)
    shutil.copytree(made_cluster / "data", deep / "data")
    with running(deep) as server:
        assert ask(server, "SELECT 1") == 1
    sockets = Path(server.url.partition("host=")[2].partition("&")[0])
    assert not sockets.is_relative_to(tmp_path)
    sockets.rmdir()


def test_a_cluster_whose_making_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.unfinished" / "base").mkdir(parents=True)
    with running(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1
    assert not (tmp_path / "data.unfinished").exists()


def test_missing_programs_are_said(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="set DATABASE_URL"):
        postgres.launch(tmp_path, durable=False, bin_dir=tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="for root only")
def test_root_opens_no_folder_to_others(folder: Path) -> None:
    before = [(parent.stat().st_mode, parent.stat().st_uid) for parent in folder.parents]
    with running(folder) as server:
        assert ask(server, "SELECT current_user") == "shopwright"
    assert [(parent.stat().st_mode, parent.stat().st_uid) for parent in folder.parents] == before
    assert (folder / "data").stat().st_mode & 0o777 == 0o700


def test_where_the_kernel_gives_no_word_a_watcher_stops_the_program(tmp_path: Path, left_in: LeftIn) -> None:
    watcher = "import os, sys; from shopwright.embedded import guard; guard.watch(os.getppid(), 15, sys.argv[1:])"
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]
    parent = (
        "import os, subprocess, sys, time; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); "
        "time.sleep(0.5); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", parent, watcher, *sleeper], check=False)
    assert left_in(tmp_path) == set()
