import csv
from collections.abc import Iterator
from io import StringIO

import pytest

from shopwright.kit import tables
from shopwright.kit.tables import Table


def written(*rows: tuple[str, ...]) -> str:
    with tables.write(Table("things", ("a", "b"), rows)) as file:
        file.seek(0)
        return file.read().decode()


def test_a_table_begins_with_its_columns_and_quotes_what_needs_it() -> None:
    text = written(("plain", 'with "quotes", and a comma'), ("two\nlines", "Größe"))
    assert text.startswith("a,b\r\nplain,")
    assert [*csv.reader(StringIO(text, newline=""))][1:] == [
        ["plain", 'with "quotes", and a comma'], ["two\nlines", "Größe"]
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert [*csv.reader(StringIO(written((cell, "a=1")), newline=""))][1] == ["'" + cell, "a=1"]


def test_a_table_without_rows_has_its_columns() -> None:
    assert written() == "a,b\r\n"


def test_a_file_is_closed_when_its_rows_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = tables.SpooledTemporaryFile
    monkeypatch.setattr(tables, "SpooledTemporaryFile", lambda size: made.append(real(size)) or made[-1])

    def rows() -> Iterator[tuple[str, ...]]:
        yield ("x", "y")
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        tables.write(Table("things", ("a", "b"), rows()))
    assert [file.closed for file in made] == [True]
