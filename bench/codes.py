"""`python -m bench.codes`: how long a million unique codes take to make and to export, and how much memory."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple
from uuid import UUID

from bench import report, servers

from shopwright.commerce.promotions import service as promotions
from shopwright.commerce.promotions.rules import Code, Kind, Percentage, Terms
from shopwright.kit.transaction import transaction

MARK = 60.0
FEW = 20_000
#: More memory than for a few codes that is still called the same: pages of the interpreter come and go.
SPARE_MB = 15


class Run(NamedTuple):
    seconds: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.codes", description=__doc__)
    parser.add_argument("--codes", type=int, default=1_000_000)
    parser.add_argument("--dry", action="store_true", help="leave bench/README.md as it is")
    asked = parser.parse_args()
    with servers.tables_alone() as url:
        made, exported, is_constant = measure(url, asked.codes)
    told = f"{made.seconds:.0f} s, {made.peak_mb:.0f} MB; export {exported.seconds:.0f} s, {exported.peak_mb:.0f} MB"
    is_reached = made.seconds < MARK and is_constant
    print(f"{asked.codes:,} codes: {told}: {'reached' if is_reached else 'missed'}")
    if not asked.dry:
        report.note("a million unique codes", told, is_reached=is_reached)


def measure(url: str, count: int) -> tuple[Run, Run, bool]:
    """Making and exporting so many, and whether it takes no more memory than `FEW` do."""
    environment = {**os.environ, "DATABASE_URL": url, "ENVIRONMENT": "test"}
    few, many = (new_promotion() for _ in range(2))
    made_few, made = (
        run(environment, "make-codes", str(id_), "--count", str(n)) for id_, n in ((few, FEW), (many, count))
    )
    exported_few, exported = (
        run(environment, "export-codes", str(id_), lines=n) for id_, n in ((few, FEW), (many, count))
    )
    is_constant = all(
        more.peak_mb <= less.peak_mb + SPARE_MB for less, more in ((made_few, made), (exported_few, exported))
    )
    return made, exported, is_constant


def new_promotion() -> UUID:
    with transaction():
        terms = Terms(name="Codes", kind=Kind.CART, effect=Percentage(ppm=100_000), conditions=(Code(),))
        return promotions.activate_promotion(promotions.create_promotion(terms).id).id


def run(environment: dict[str, str], *words: str, lines: int | None = None) -> Run:
    """A command of the shop's own; if asked for, that it prints so many different lines."""
    with tempfile.TemporaryFile() as printed:
        began = time.monotonic()
        child = subprocess.Popen([sys.executable, "-m", "shopwright.cli", *words], env=environment, stdout=printed)
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        if child.returncode or (lines is not None and len(set(printed)) != lines):
            raise SystemExit(f"{words[0]} ended with {child.returncode}, or printed something else than {lines} codes")
    return Run(seconds, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
