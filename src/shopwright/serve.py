"""`python -m shopwright.serve`: granian's command line, in a process that has read the shop's code before it makes workers.

They are forks of it, and share what was read until it is written to (decision 2). Nothing here may open a
connection or start a thread, which a fork would share or lose.
"""

import gc

from granian.cli import entrypoint

import shopwright.app  # noqa: F401  workers are to find it read

if __name__ == "__main__":
    # What is frozen the collector leaves alone: to look at it is to write to it, and what is written to is no longer shared.
    gc.collect()
    gc.freeze()
    entrypoint()  # type: ignore[no-untyped-call]  # granian left it so
