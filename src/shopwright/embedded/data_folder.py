"""The folder that holds one shop's data: only one run at a time, its secret, its logs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shopwright.embedded.process import CannotStart, make_folder

LARGEST_OLD_LOG = 10_000_000


@dataclass(frozen=True)
class DataFolder:
    path: Path
    lock: IO[str]
    was_killed: bool
    """The run before this one did not come to its end; its children may still be stopping."""

    def log(self, name: str) -> Path:
        """The log file of that name. One that grew large in earlier runs is put aside."""
        logs = self.path / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        log = logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LARGEST_OLD_LOG:
            log.replace(log.with_suffix(".log.1"))
        return log

    def secret(self, name: str) -> str:
        """This shop's own random secret of that name: made once, readable only by its owner."""
        kept = self.path / name
        if not kept.exists():
            unfinished = kept.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(48))
            unfinished.rename(kept)
        return kept.read_text()

    def note(self, about: str) -> None:
        """Leave word for a second start, which says this when it refuses."""
        self.lock.truncate(0)
        self.lock.write(f"process {os.getpid()}{about}")
        self.lock.flush()


@contextlib.contextmanager
def hold(path: Path) -> Iterator[DataFolder]:
    """Have the folder to ourselves, made if it was not there. Raises CannotStart if another run has it."""
    try:
        path = make_folder(path, is_passage=True)
        lock = (path / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"The data folder {path} cannot be used: {error.strerror}.") from error
    with lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A shop already runs from {path} ({lock.read()}). Stop it first, or set DATA_DIR to another folder."
            ) from None
        folder = DataFolder(path, lock, was_killed=bool(lock.read()))
        folder.note("")
        yield folder
        lock.truncate(0)
