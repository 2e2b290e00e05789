"""Reading a provider's settlement file: `id,kind,amount,currency,at,payment_ref,subject_ref,payment_id,refund_id`,
amounts in whole minor units, times as RFC 3339. The last three may be left out or empty."""

import csv
from pathlib import Path
from typing import Any

import msgspec

from shopwright.commerce.payments.provider import Movement

NEEDED = {"id", "kind", "amount", "currency", "at", "payment_ref"}


class NoSettlementFile(ValueError):
    """Says every fault with its line; nothing of the file was used."""


def read(file: Path) -> list[Movement]:
    """All movements of the file. Raises `NoSettlementFile`."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            table = csv.DictReader(opened)
            if missing := sorted(NEEDED - set(table.fieldnames or ())):
                raise NoSettlementFile(f"{file}: these columns are missing: {', '.join(missing)}")
            rows = [(table.line_num, row) for row in table]
    except UnicodeDecodeError as fault:
        raise NoSettlementFile(f"{file}: is not UTF-8") from fault
    movements, faults = [], []
    for line, row in rows:
        try:
            movements.append(_movement(row))
        except (msgspec.ValidationError, ValueError) as fault:
            faults.append(f"{file}, line {line}: {fault}")
    if faults:
        raise NoSettlementFile("\n".join(faults))
    return movements


def _movement(row: dict[Any, Any]) -> Movement:
    if None in row:
        raise ValueError("has more cells than there are columns")
    amount = int(row["amount"] or "")
    if amount <= 0:
        raise ValueError("`amount` must be above zero")
    told = {name: value for name, value in row.items() if value and name not in ("amount", "currency")}
    return msgspec.convert(told | {"amount": {"amount": amount, "currency": row["currency"]}}, Movement, strict=False)
