"""`python -m shopwright.serve`: granian's command line, in a process that has read the shop's code before it makes workers.

They are forks of it: what was read stands in memory once and not once a worker, 50 MB for each. Nothing here may open a
connection or start a thread, which a fork would share or lose.
"""

import gc

from granian.cli import entrypoint

import shopwright.app  # noqa: F401

if __name__ == "__main__":
    # What is frozen the collector leaves alone: to look at it is to write to it, and what is written to is no longer shared.
    gc.collect()
    gc.freeze()
    entrypoint()  # type: ignore[no-untyped-call]  # granian left it so
