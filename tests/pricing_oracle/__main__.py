"""`python -m tests.pricing_oracle`: both evaluators on so many carts, in several processes, from one seed."""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.pricing_oracle.carts import draw_cart
from tests.pricing_oracle.comparing import difference, told
from tests.pricing_oracle.counting import count, count_deciding, table
from tests.pricing_oracle.judging import judge

#: Carts that a process judges in one go, and how many of them without each of their conditions.
SHARE, LOOKED_AT = 1000, 20
#: After so many a line is printed.
PROGRESS = 100_000


def main() -> int:
    asked = arguments()
    if asked.show is not None:
        print(told(asked.show))
        return 0
    print(f"prove-prices: {asked.carts} carts from seed {asked.seed} on, {asked.jobs} processes", flush=True)
    began, last = time.monotonic(), asked.seed + asked.carts
    counts, differences = Counter[str](), list[str]()
    with ProcessPoolExecutor(asked.jobs) as pool:
        shares = [range(first, min(first + SHARE, last)) for first in range(asked.seed, last, SHARE)]
        for future in as_completed([pool.submit(prove, share) for share in shares]):
            found, differing = future.result()
            counts += found
            differences += differing
            if counts["carts"] % PROGRESS == 0:
                print(f"{counts['carts']} carts, {len(differences)} differences", flush=True)
            for one in differing:
                print(one, flush=True)
            if len(differences) >= asked.most:
                pool.shutdown(cancel_futures=True)
                break
    print(table(counts))
    print(f"{counts['carts']} carts in {time.monotonic() - began:.0f} s, {len(differences)} differences")
    return 1 if differences else 0


def prove(seeds: range) -> tuple[Counter[str], list[str]]:
    """What was counted, and each difference as it is told."""
    counts = Counter[str]()
    return counts, list(differing(seeds, counts))


def differing(seeds: range, counts: Counter[str]) -> Iterator[str]:
    for seed in seeds:
        rules, offer = draw_cart(seed)
        judgement = judge(rules, offer)
        counts.update(count(rules, offer, judgement))
        if seed % (SHARE // LOOKED_AT) == 0:
            counts.update(count_deciding(rules, offer, judgement))
        try:
            found = difference(rules, offer, judgement)
        except Exception:
            found = traceback.format_exc()
        if found:
            yield f"seed {seed}: {found}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make prove-prices ARGS=…", description=__doc__)
    parser.add_argument("--carts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first cart; the next ones count on from it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--most", type=int, default=10, help="stop after so many differences")
    parser.add_argument("--show", type=int, metavar="SEED", help="print this cart, and judge no other")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
