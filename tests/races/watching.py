"""Shoppers of one process, who write down what they were shown and when; as a program they are those of another process.

Its first line of input is the settings and whether to keep pages; then each line asks for the pages of some paths, once,
or to be read at random until the next line.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from flask import Flask

from shopwright import app as shop
from shopwright.settings import Settings

THREADS = 4
PAUSE_SECONDS = 0.002
#: Few: each of them also brings the new page to those who did not ask for it.
HOW_MANY_ASK_ANEW = 0.01


class Seen(NamedTuple):
    """An answer; of two that are the same, `shown` is the same."""

    path: str
    is_anew: bool
    asked_at: float
    told_at: float
    shown: str


class Work(msgspec.Struct):
    paths: list[str]
    is_at_random: bool = False


def ask(app: Flask, path: str, is_anew: bool = False) -> Seen:
    headers = {"Cache-Control": "no-cache"} if is_anew else {}
    asked_at = time.time()
    answer = app.test_client().get(path, headers=headers)
    return Seen(path, is_anew, asked_at, time.time(), f"{answer.status_code} {answer.headers.get('ETag')}")


class Shoppers:
    def __init__(self, app: Flask, paths: Sequence[str]) -> None:
        self.seen: list[Seen] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(app, paths)) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def _read(self, app: Flask, paths: Sequence[str]) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            self.seen.append(ask(app, random.choice(paths), random.random() < HOW_MANY_ASK_ANEW))

    def stop(self) -> list[Seen]:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.seen


def main() -> None:
    # What is logged goes elsewhere.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    app = shop.create_app(msgspec.json.decode(sys.stdin.buffer.readline(), type=Settings))
    shoppers: Shoppers | None = None
    while line := sys.stdin.buffer.readline():
        work = msgspec.json.decode(line, type=Work)
        seen = shoppers.stop() if shoppers else [ask(app, path) for path in work.paths if not work.is_at_random]
        shoppers = Shoppers(app, work.paths) if work.is_at_random else None
        answers.write(msgspec.json.encode(seen) + b"\n")
        answers.flush()
    if shoppers:
        shoppers.stop()


if __name__ == "__main__":
    main()
