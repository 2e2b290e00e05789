"""`python -m tests.simulation`: so many steps, in so many processes, from one seed."""

import argparse
import gc
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from shopwright.embedded import postgres, valkey
from shopwright.settings import Settings
from tests.simulation import run
from tests.simulation.house import House

SECRET = "a-secret-that-is-only-for-simulations-0123456789"


def main() -> int:
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else run.a_seed()
    episodes = max(1, -(-asked.steps // run.EPISODE))
    print(f"simulation: seed {seed}, {asked.steps} steps in {episodes} episodes, {asked.jobs} processes", flush=True)
    began = time.monotonic()
    shares = [range(seed + job, seed + episodes, asked.jobs) for job in range(asked.jobs)]
    steps = min(asked.steps, run.EPISODE)
    done, failures, outcomes = 0, [], Counter[str]()
    with ProcessPoolExecutor(asked.jobs) as pool:
        futures = [pool.submit(_share, share, steps, asked.keep_going, asked.shrink) for share in shares if share]
        for future in as_completed(futures):
            for result in future.result():
                done += result.steps
                outcomes.update(result.outcomes)
                failures += [result.failure] if result.failure else []
    seconds = time.monotonic() - began
    print(f"answers: {dict(outcomes.most_common())}")
    print(f"{done} steps in {seconds:.0f} s ({done / seconds:.0f} a second), {len(failures)} failures, seed {seed}")
    return 1 if failures else 0


def _share(seeds: Sequence[int], steps: int, keep_going: bool, shrink: bool) -> list[run.Result]:
    """What one process does, with a PostgreSQL and a Redis of its own."""
    # Whoever is told to go takes the servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    results: list[run.Result] = []
    with tempfile.TemporaryDirectory(prefix="simulation-") as place:
        folder = Path(place)
        database = postgres.launch(folder / "pg", durable=False)
        redis = valkey.launch(folder / "valkey", durable=False)
        try:
            house = House(_settings(database.url, redis.url), folder)
            # What was loaded stays, so it need not be looked at again and again.
            gc.freeze()
            for seed in seeds:
                results.append(run.episode(house, seed, steps))
                failure = results[-1].failure
                if failure:
                    print(failure.told(), flush=True)
                if failure and shrink:
                    print(f"seed {seed} needs only the steps {run.shrunk(house, failure)}", flush=True)
                if failure and not keep_going:
                    break
            house.close()
        finally:
            redis.stop()
            database.stop()
    return results


def _settings(database_url: str, redis_url: str) -> Settings:
    return Settings(
        environment="test", database_url=database_url, redis_url=redis_url, secret_key=SECRET,
        reads_per_minute=1_000_000, writes_per_minute=1_000_000, sign_ins_per_minute=1_000_000, codes_per_minute=1_000_000,
    )  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make simulate ARGS=…", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, help="by chance, and printed, if left out")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--keep-going", action="store_true", help="do not stop a process at its first failure")
    parser.add_argument("--shrink", action="store_true", help="find the steps that a failure needs; takes minutes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
