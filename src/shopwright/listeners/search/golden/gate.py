"""That a search has not become worse than what was accepted last, on the half of the queries that nobody tunes by."""

import json
from collections.abc import Iterator, Mapping

from shopwright.listeners.search.golden.evaluation import ALL, Report
from shopwright.listeners.search.golden.terms import DATA

FILE = DATA / "accepted.json"
#: By how much nDCG@10 may drop, over all queries and within a class.
DROP, DROP_OF_CLASS = 0.01, 0.03

Marks = Mapping[str, float]


def marks(report: Report) -> Marks:
    """nDCG@10 by group, as it is written down."""
    return {group: round(row.ndcg, 4) for group, row in report.rows.items()}


def accepted() -> dict[str, Marks]:
    """By the name of the search, what it reached when somebody accepted it."""
    found: dict[str, Marks] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def accept(name: str, reached: Marks) -> None:
    FILE.write_text(json.dumps({**accepted(), name: reached}, indent=2) + "\n", encoding="utf-8")


def drops(reached: Marks, before: Marks) -> Iterator[str]:
    """A line for each mark that dropped by more than it may. A class that is gone has dropped to nothing."""
    for group, mark in before.items():
        allowed = DROP if group == ALL else DROP_OF_CLASS
        now = reached.get(group, 0.0)
        # As they are written down, to four places: no drop of exactly what is allowed fails by a rounding error.
        if round(mark - now, 4) > allowed:
            yield f"{group}: nDCG@10 is {now:.4f}, {mark:.4f} was accepted (it may drop by {allowed})"
