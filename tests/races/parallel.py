from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def together(tasks: Iterable[Callable[[], T]], threads: int = 32) -> list[T | Exception]:
    """What each task answered or raised, in their order, when so many threads ran them all and began at one moment."""
    tasks = list(tasks)
    threads = min(threads, len(tasks))
    start = Barrier(threads)

    def caught(number: int, task: Callable[[], T]) -> T | Exception:
        if number < threads:
            start.wait(timeout=30)
        try:
            return task()
        except Exception as fault:
            return fault

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(caught, range(len(tasks)), tasks))
