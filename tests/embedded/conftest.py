import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shopwright.embedded import postgres


def processes_of(folder: Path) -> set[int]:
    """Every process that works in this folder or was told of it."""
    if sys.platform != "linux":
        found = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False)
        return {int(pid) for pid in found.stdout.split()}
    pids = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes().decode(errors="replace")
            place = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in told or place.startswith(str(folder)):
            pids.add(int(process.name))
    return pids


@pytest.fixture(scope="session")
def made_cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty PostgreSQL folder, to be copied: half a second cheaper than a new one."""
    folder = tmp_path_factory.mktemp("made")
    postgres.launch(folder, durable=False).stop()
    return folder


@pytest.fixture
def left_in() -> Callable[..., set[int]]:
    """Says which processes are left in a folder, giving them a few seconds to go."""

    def left(folder: Path, seconds: float = 5) -> set[int]:
        deadline = time.monotonic() + seconds
        while (pids := processes_of(folder)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return pids

    return left
