"""Amazon's ESCI (Shopping Queries Data Set), as its user has it: judgments as CSV or TSV, products as JSON lines.

The set is published as Parquet; `duckdb` or `pandas` write the one as the other in a line.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from shopwright.listeners.search.golden.evaluation import Judged

#: The gains of the task's makers: exact, substitute, complement, irrelevant.
GAINS = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
FIELDS = ("title", "brand", "color", "bullets", "description")
ANYWHERE = "us"


def judged(file: Path) -> Iterator[Judged]:
    """Columns: query_id, query, product_id, esci_label, and product_locale where there is more than one."""
    gains: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t" if file.suffix == ".tsv" else ","):
            asked = row["query_id"], row["query"], row.get("product_locale") or ANYWHERE
            gains[asked][row["product_id"]] = GAINS[row["esci_label"][0].upper()]
    for (id_, text, locale), of_it in gains.items():
        yield Judged(
            id=id_, group=locale, text=text, locale=locale,
            gains={key: gain for key, gain in of_it.items() if gain},
            relevant=frozenset(key for key, gain in of_it.items() if gain == GAINS["E"]),
        )  # fmt: skip


def texts(file: Path) -> dict[str, dict[str, str]]:
    """Each product's text by locale and id. Names of fields may begin with `product_`, as they do in the original."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            said = {name.removeprefix("product_"): value for name, value in json.loads(line).items()}
            text = " ".join(str(said[name]) for name in FIELDS if said.get(name))
            found[said.get("locale") or ANYWHERE][said["id"]] = text
    return found
