"""`python -m bench.soak --minutes 20`: whether the web processes' memory stays flat while shoppers come and go."""

import argparse
import tempfile
import threading
from pathlib import Path
from statistics import median

from bench import crowd, marks, processes, report, servers, stage
from bench.crowd import Way

SHOPPERS = 200
EVERY = 5.0
#: Of the time: what the first requests leave for good (compiled statements, pools, copies of pages) is not a leak.
WARMING = 0.2
MOST_GROWTH = 1.05


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    seen = measure(round(asked.minutes * 60))
    told, is_flat = judged(seen)
    print("MB: " + " ".join(f"{megabytes:.0f}" for megabytes in seen))
    print(f"{asked.minutes:g} minutes: {told}, {'reached' if is_flat else 'missed'}")
    if not asked.dry:
        report.note("memory over 20 minutes", told, is_reached=is_flat)


def measure(seconds: int) -> list[float]:
    """Megabytes of the web processes, every few seconds, while shoppers come."""
    servers.prepare_environment()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with stage.opened(folder, stage.IN_LITTLE, 1) as made:
            offers = crowd.catalog(made.shop.port, made.offers, folder)
            with _Watch(processes.started_with(made.shop.pid, stage.WEB)) as watch:
                came = crowd.come(made.shop.port, offers, Way(seconds, warming=0, shoppers=SHOPPERS))
    print(f"{came.asked:,} requests, {came.errors} errors")
    return watch.seen


def judged(seen: list[float]) -> tuple[str, bool]:
    """The last quarter beside the first after the warming, and the most that there ever was."""
    warm = seen[int(WARMING * len(seen)) :]
    quarter = max(1, len(warm) // 4)
    first, last = median(warm[:quarter]), median(warm[-quarter:])
    is_flat = last <= first * MOST_GROWTH and max(seen) <= marks.MEGABYTES
    return f"{first:.0f} MB, then {last:.0f} MB; at most {max(seen):.0f} MB", is_flat


class _Watch:
    """Notes the memory of a process tree in a thread of its own, until it is left."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.seen: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(EVERY):
            self.seen.append(processes.megabytes(self.pid))


if __name__ == "__main__":
    main()
