"""A CSV file as rows that know their line, or every reason why it is none."""

import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from shopwright.surfaces.transfer.report import Fault

LARGEST_FILE = 64 * 2**20
LONGEST_CELL = 100_000


class Row(Struct, frozen=True):
    """One record: the line that it begins in, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Empty if the file has no such column."""
        return self.cells.get(column, "")


class Sheet(NamedTuple):
    """What was read of a file; without faults it is all of it."""

    file: Path
    rows: list[Row]
    faults: list[Fault]

    def fault(self, line: int, column: str, problem: str) -> None:
        self.faults.append(Fault(self.file.name, line, column, problem))


def read(file: Path, required: Collection[str]) -> Sheet:
    """The rows of a UTF-8 file with a header line. Faults of single rows do not end the reading."""
    sheet = Sheet(file, [], [])
    text = _text(sheet)
    if text is None:
        return sheet
    records = _records(sheet, text)
    header = [name.strip() for name in next(records, (1, []))[1]]
    if not _is_header(sheet, header, required):
        return sheet
    for line, values in records:
        if any(value.strip() for value in values):
            _take(sheet, header, line, values)
    if not sheet.rows and not sheet.faults:
        sheet.fault(0, "", "there is a header, but nothing below it")
    return sheet


def _text(sheet: Sheet) -> str | None:
    try:
        if sheet.file.stat().st_size > LARGEST_FILE:
            sheet.fault(0, "", f"larger than {LARGEST_FILE // 2**20} MB; split it")
            return None
        raw = sheet.file.read_bytes()
    except OSError as fault:
        sheet.fault(0, "", f"cannot be read: {fault.strerror}")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        # Of the bytes that were decoded, which lack the mark that utf-8-sig takes off.
        before = fault.object[: fault.start]
        byte = fault.start - before.rfind(b"\n")
        sheet.fault(before.count(b"\n") + 1, f"byte {byte}", "not UTF-8; export or save the file as CSV in UTF-8")
        return None
    if "\x00" in text:
        sheet.fault(text[: text.index("\x00")].count("\n") + 1, "", "holds the character U+0000; this is no text file")
        return None
    if not text.strip():
        sheet.fault(0, "", "the file is empty")
        return None
    return text


def _records(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins in."""
    # So that a huge cell is told by its line and column; the limit of the whole process is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_FILE))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for values in reader:
            yield line, values
            line = reader.line_num + 1
    except csv.Error as fault:
        sheet.fault(line, "", f"not well-formed CSV from here on: {fault}")


def _is_header(sheet: Sheet, header: list[str], required: Collection[str]) -> bool:
    for name in required:
        if name not in header:
            sheet.fault(1, name, "this column is missing")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        sheet.fault(1, name, "this column stands here more than once")
    return not sheet.faults


def _take(sheet: Sheet, header: list[str], line: int, values: list[str]) -> None:
    if len(values) != len(header):
        sheet.fault(line, "", f"has {len(values)} cells, but the header has {len(header)}")
        return
    is_sound = True
    for name, value in zip(header, values, strict=True):
        if len(value) > LONGEST_CELL:
            sheet.fault(line, name, f"{len(value)} characters are too many; at most {LONGEST_CELL} fit")
            is_sound = False
    if is_sound:
        sheet.rows.append(Row(line, {name: value.strip() for name, value in zip(header, values, strict=True)}))
