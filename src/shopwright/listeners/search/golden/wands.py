"""Wayfair's WANDS, as it is published: `query.csv`, `product.csv` and `label.csv` in one folder, with tabs between columns."""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from shopwright.listeners.search.golden.evaluation import Judged

#: The gains of the set's makers.
GAINS = {"Exact": 1.0, "Partial": 0.5, "Irrelevant": 0.0}
FIELDS = ("product_name", "product_class", "category hierarchy", "product_description", "product_features")
LOCALE = "en"


def judged(folder: Path) -> Iterator[Judged]:
    gains: dict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows(folder / "label.csv"):
        gains[row["query_id"]][row["product_id"]] = GAINS[row["label"]]
    for row in _rows(folder / "query.csv"):
        of_it = gains[row["query_id"]]
        yield Judged(
            id=row["query_id"], group=row.get("query_class") or "no class", text=row["query"], locale=LOCALE,
            gains={key: gain for key, gain in of_it.items() if gain},
            relevant=frozenset(key for key, gain in of_it.items() if gain == GAINS["Exact"]),
        )  # fmt: skip


def texts(folder: Path) -> dict[str, dict[str, str]]:
    """Each product's text by locale and id."""
    rows = _rows(folder / "product.csv")
    return {LOCALE: {row["product_id"]: " ".join(row[name] for name in FIELDS if row.get(name)) for row in rows}}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    # Descriptions are longer than what `csv` takes for an accident.
    csv.field_size_limit(sys.maxsize)
    with file.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t")
