import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from shopwright.embedded import engine_files as files
from shopwright.embedded.engines import LAUNCHERS
from shopwright.embedded.process import CannotStart, PortTaken, Server
from tests.embedded.test_supervisor import Run
from tests.engines import needed

VERSIONS = {"elasticsearch": "9.4.3", "opensearch": "3.8.0"}


@pytest.fixture
def launch() -> Iterator[Callable[[str, Path], Server]]:
    """Starts an engine, and sees to it that it ends with the test."""
    with ExitStack() as stops:

        def launched(engine: str, folder: Path) -> Server:
            server = LAUNCHERS[engine](folder, is_brief=True)
            stops.callback(server.stop)
            return server

        yield launched


@pytest.fixture(params=sorted(LAUNCHERS))
def engine(request: pytest.FixtureRequest) -> str:
    return needed(request.param)


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def asked(server: Server, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=30)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


#: Starts an engine, gives it something, and is killed before it could stop it.
STARTER = """
import json, os, pathlib, sys, urllib.request
from shopwright.embedded.engines import LAUNCHERS

server = LAUNCHERS[sys.argv[1]](pathlib.Path(sys.argv[2]), is_brief=True)
mug = json.dumps({"title": "A blue mug"}).encode()
put = urllib.request.Request(
    f"{server.url}/mugs/_doc/1?refresh=true", mug, {"Content-Type": "application/json"}, method="PUT"
)
print(urllib.request.urlopen(put, timeout=30).status, flush=True)
os.kill(os.getpid(), 9)
"""


def test_an_engine_dies_with_its_starter_keeps_what_it_was_given_and_speaks_to_this_machine_alone(
    engine: str, tmp_path: Path, launch: Callable[[str, Path], Server], left_in: Callable[..., set[int]]
) -> None:
    starter = [sys.executable, "-c", STARTER, engine, str(tmp_path)]
    killed = subprocess.run(starter, capture_output=True, text=True, check=False)
    assert (killed.stdout, killed.returncode) == ("201\n", -signal.SIGKILL), killed.stderr
    assert left_in(tmp_path, 25) == set()

    server = launch(engine, tmp_path)
    assert asked(server, "/")["version"]["number"] == VERSIONS[engine]
    with (
        pytest.raises(OSError, match=r"refused|timed out"),
        socket.create_connection(("127.0.0.2", port_of(server)), 2),
    ):
        pass
    own = [tmp_path / "data", tmp_path / "config"] if engine == "elasticsearch" else [tmp_path]
    assert [folder.stat().st_mode & 0o077 for folder in own] == [0] * len(own)
    found = asked(server, "/mugs/_search?q=title:mug")
    assert [hit["_source"] for hit in found["hits"]["hits"]] == [{"title": "A blue mug"}]
    server.stop()
    assert left_in(tmp_path) == set()


def test_up_starts_the_engine_that_was_asked_for_and_tells_the_shop_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_in: Callable[..., set[int]]
) -> None:
    monkeypatch.setenv("SEARCH", needed("opensearch"))
    run = Run(tmp_path / "data", "opensearch")
    run.wait_for(lambda: "stops everything" in run.said() and (run.data / "worker-pid").exists(), 120)
    shown = re.search(r"Search +(http://127\.0\.0\.1:\d+)", run.said())
    assert shown is not None
    assert run.end() == 0
    assert (run.data / "search-told").read_text() == f"||{shown[1]}"
    assert left_in(run.data) == set()


def test_a_taken_port_is_said(engine: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1, meant for the search engine, is taken"):
            LAUNCHERS[engine](tmp_path, port=port)


def test_an_engine_that_was_not_fetched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name, program in (("elasticsearch", files.ELASTICSEARCH), ("opensearch", files.OPENSEARCH)):
        with pytest.raises(CannotStart, match=f"{program} is not here: `make search-node` fetches it"):
            LAUNCHERS[name](tmp_path / "data")


def test_what_is_in_the_way_of_fetching_is_named_and_counts_where_it_is_needed(tmp_path: Path) -> None:
    without = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    for words, code in (([], 0), (["--needed"], 1)):
        run = subprocess.run(
            [sys.executable, "-m", "shopwright.embedded.engine_files", *words],
            capture_output=True, text=True, env=without, check=False,
        )  # fmt: skip
        assert run.returncode == code
        assert run.stderr.count("cannot be had, so what needs it is skipped: ") == 2


def made_jdk(folder: Path, version: str, modules: str) -> Path:
    folder.mkdir()
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="java.base {modules}"\n')
    return folder


def test_java_home_is_taken_unless_it_is_too_old_or_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made_jdk(tmp_path / "whole", "21.0.2", files.NEEDED_OF_JAVA)
    monkeypatch.setattr(files, "JAVA_HOMES", (f"{tmp_path}/whole*",))
    newer = made_jdk(tmp_path / "newer", "25", files.NEEDED_OF_JAVA)
    for home, taken in (
        (newer, newer),
        (made_jdk(tmp_path / "old", "17.0.15", files.NEEDED_OF_JAVA), whole),
        (made_jdk(tmp_path / "reduced", "25.0.3", ""), whole),
        (tmp_path / "nowhere", whole),
    ):
        monkeypatch.setenv("JAVA_HOME", str(home))
        assert files.find_jdk() == taken
    (whole / "release").unlink()
    with pytest.raises(CannotStart, match="There is no JDK 21 or newer on this machine"):
        files.find_jdk()
