"""Tables of any length for other programs: CSV (RFC 4180), made whole before it is sent.

Sent while it was read, a table would hold a connection as long as the network takes, and one that broke off in the
middle would look like a short one: the server ends the answer in good order. From a file it has a length that tells.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO

from shopwright.kit.bulkhead import Bulkhead

CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
#: Up to this size a table needs no room on the disk.
IN_MEMORY = 1 << 20
#: What is sent at once.
CHUNK = 1 << 16
#: Who takes a file slowly holds a thread all the while: so many of a process's may be held.
SENDING = Bulkhead(most=2)
#: What a spreadsheet may take for a formula if a cell begins with it (OWASP, "CSV Injection").
FORMULA = frozenset("=+-@\t\r\n")


@dataclass(frozen=True)
class Table:
    """An answer of rows that are read one after the other; none of them is kept in memory.

    A cell that a spreadsheet would take for a formula is sent with a `'` before it.
    """

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]


def write(table: Table) -> IO[bytes]:
    """The table as a file that is gone once it is closed, at its end."""
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  it is closed when it is sent
    try:
        text = TextIOWrapper(file, encoding="utf-8", newline="")
        lines = csv.writer(text)
        lines.writerow(table.columns)
        lines.writerows([_harmless(cell) for cell in row] for row in table.rows)
        text.detach()
    except BaseException:
        file.close()
        raise
    return file


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in FORMULA else cell
