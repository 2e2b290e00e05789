"""Becomes another program, after tying its life to the one that started it.

Run as a script, by path and with the standard library only, because what it does (leave root, ask the
kernel for a signal at the parent's death) must happen in a fresh process with a single thread.

    guard.py PARENT SIGNAL GRACE IDENTITY PROGRAM ARGUMENT...

PARENT is the pid that must stay alive, SIGNAL the number sent to the program when it does not. What is left of the
program's session GRACE seconds later is killed; 0 lets it take its time.
IDENTITY is `caller`, `namespace` (root only: a user namespace in which root's files are a normal user's)
or `UID:GID` (root only).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
USER_INSIDE = 1000


def main() -> int:
    parent, death_signal, grace, identity, *command = sys.argv[1:]
    take_identity(identity)
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        ask_for_signal(int(death_signal))
        if os.getppid() != int(parent):
            return 1
        if float(grace):
            leave_an_executor(int(parent), float(grace))
        os.execv(command[0], command)  # noqa: S606  no shell is wanted
    return watch(int(parent), signal.Signals(int(death_signal)), float(grace) or None, command)


def take_identity(identity: str) -> None:
    if identity == "namespace":
        enter_namespace()
    elif identity != "caller":
        user, group = identity.split(":")
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))


def enter_namespace() -> None:
    """Become a normal user inside, while every file stays readable as, and belongs to, root outside."""
    with contextlib.suppress(PermissionError):
        os.setgroups([])
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{USER_INSIDE} 0 1")
    Path("/proc/self/gid_map").write_text(f"{USER_INSIDE} 0 1")
    os.setresgid(USER_INSIDE, USER_INSIDE, USER_INSIDE)
    os.setresuid(USER_INSIDE, USER_INSIDE, USER_INSIDE)


def ask_for_signal(number: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def leave_an_executor(parent: int, grace: float) -> None:
    """Leave a child behind that ends this session, in which it is, some time after the parent's death.

    The kernel's signal reaches the program alone, which may wait long for its own children, or leave them behind.
    """
    family = [os.pidfd_open(parent), os.pidfd_open(os.getpid())]
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        one_is_dead, _, _ = select.select(family, [], [])
        if family[1] not in one_is_dead:
            select.select(family[1:], [], [], grace)
        os.killpg(0, signal.SIGKILL)


def watch(parent: int, death_signal: signal.Signals, grace: float | None, command: list[str]) -> int:
    """Stay beside the program where the kernel has no such promise (macOS), and pass signals on to it."""
    program = subprocess.Popen(command)  # noqa: S603
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda received, _frame: program.send_signal(received))
    while program.poll() is None:
        if os.getppid() != parent:
            program.send_signal(death_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(grace)
            program.kill()
        time.sleep(0.1)
    return program.returncode


if __name__ == "__main__":
    sys.exit(main())
