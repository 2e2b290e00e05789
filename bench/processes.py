"""What a server's processes have used of the processor, from /proc; where there is none (macOS), nothing is said."""

import os
import time
from pathlib import Path

PROC = Path("/proc")
QUIET = 0.15  # of one core
LONGEST_WAIT = 10.0


def cpu_seconds(root: int) -> float:
    """User and system time of a process and all its descendants, also of those that have ended."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        pid = int(stat.parent.name)
        # A child that ended is counted by its parent: fields 16 and 17 of proc_pid_stat(5).
        parents[pid], used[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    return sum(ticks for pid, ticks in used.items() if _is_below(pid, root, parents)) / os.sysconf("SC_CLK_TCK")


def _is_below(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid and pid != root:
        pid = parents.get(pid, 0)
    return pid == root


def settle(root: int) -> None:
    """Wait until what was left to do in the background is done."""
    deadline = time.monotonic() + LONGEST_WAIT
    before = cpu_seconds(root)
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = cpu_seconds(root)
        if now - before < QUIET * 0.5:
            return
        before = now
