"""The provider's own list of what money moved, and its settlement file with the fees."""

import csv
import io
from collections.abc import Iterator

from shopwright.embedded.psp.models import Movement, Payment
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Doc, moment
from shopwright.kit.money import share

FEE_PER_MILLE, FEE_FIXED = 14, 25
COLUMNS = ("id", "kind", "amount", "currency", "at", "payment_ref", "subject_ref", "payment_id", "refund_id")


def note(desk: Desk, kind: str, payment: Payment, amount: int, subject_id: str | None = None) -> None:
    """`subject_id` names the refund or the dispute that it is part of."""
    count = desk.value("SELECT count(*) FROM movements WHERE payment_id = ?", payment.id)
    desk.put(
        Movement(
            id=desk.new_id("mv", payment.id, count), kind=kind, payment_id=payment.id, amount=amount,
            subject_id=subject_id, currency=payment.currency, at=desk.now,
        )
    )  # fmt: skip


def listed(desk: Desk, since: int, until: int) -> list[Doc]:
    """Oldest first. `payment_id` and `refund_id` are the shop's own, `payment_ref` and `subject_ref` are ours."""
    rows = desk.db.execute(
        "SELECT m.*, p.reference, r.reference AS refund_reference FROM movements m JOIN payments p ON p.id = m.payment_id"
        " LEFT JOIN refunds r ON r.id = m.subject_id WHERE m.at >= ? AND m.at < ? ORDER BY m.at, m.rowid",
        (since, until),
    )
    return [
        {
            "id": row["id"], "kind": row["kind"], "amount": row["amount"], "currency": row["currency"],
            "at": moment(row["at"]), "payment_ref": row["payment_id"], "subject_ref": row["subject_id"] or "",
            "payment_id": row["reference"],             "refund_id": row["refund_reference"],
        }
        for row in rows
    ]  # fmt: skip


def settlement(desk: Desk, since: int, until: int) -> str:
    """The same as CSV, each capture followed by its fee: 1.4 % and 25 minor units, rounded half up."""
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS)
    table.writeheader()
    table.writerows(_with_fees(listed(desk, since, until)))
    return written.getvalue()


def _with_fees(movements: list[Doc]) -> Iterator[Doc]:
    for movement in movements:
        yield movement
        if movement["kind"] == "capture":
            fee = share(movement["amount"], FEE_PER_MILLE, 1000) + FEE_FIXED
            yield movement | {"id": f"fee_{movement['id']}", "kind": "fee", "amount": fee}
