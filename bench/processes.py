"""What a server's processes use of processor and memory, from /proc; where there is none (macOS), nothing is said."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
QUIET = 0.15  # of one core
LONGEST_WAIT = 10.0


def cpu_seconds(root: int, but: int = 0) -> float:
    """User and system time of a process and all its descendants, also of those that have ended; without that of `but`."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for pid, fields in _stats():
        # A child that ended is counted by its parent: fields 16 and 17 of proc_pid_stat(5).
        parents[pid], used[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    ticks = sum(
        ticks
        for pid, ticks in used.items()
        if _is_below(pid, root, parents) and not (but and _is_below(pid, but, parents))
    )
    return ticks / os.sysconf("SC_CLK_TCK")


def _stats() -> Iterator[tuple[int, list[str]]]:
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        yield int(stat.parent.name), fields


def _is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def started_with(root: int, word: str) -> int:
    """The descendant that was started with this word first: a service and not what it started. 0 if there is none."""
    parents = {pid: int(fields[1]) for pid, fields in _stats()}
    found = [pid for pid in parents if pid != root and _is_below(pid, root, parents) and word in _command(pid)]
    return next((pid for pid in found if parents[pid] not in found), 0)


def _command(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return []


def megabytes(root: int) -> float:
    """The proportional set size of a process and all its descendants: what they share is counted once."""
    parents = {pid: int(fields[1]) for pid, fields in _stats()}
    return sum(_pss_kb(pid) for pid in parents if _is_below(pid, root, parents)) / 1024


def _pss_kb(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def idle(root: int, seconds: float) -> float:
    """Processor seconds that it uses each second, while nobody asks anything of it."""
    before = cpu_seconds(root)
    time.sleep(seconds)
    return (cpu_seconds(root) - before) / seconds


def settle(root: int, longest: float = LONGEST_WAIT) -> None:
    """Wait until what was left to do in the background is done."""
    deadline = time.monotonic() + longest
    before = cpu_seconds(root)
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = cpu_seconds(root)
        if now - before < QUIET * 0.5:
            return
        before = now
