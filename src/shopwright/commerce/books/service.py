"""Writing into the ledger: whoever moves money says so here, in the transaction that moves it."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, String, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.books.models import Account, Kind, Posting
from shopwright.kit import clock, ids
from shopwright.kit.prepared import Prepared

_postings = cast(Table, Posting.__table__)
_sides = (
    func.unnest(bindparam("accounts", type_=ARRAY(String)), bindparam("amounts", type_=ARRAY(BigInteger)))
    .table_valued("account", "amount", name="side")
    .render_derived()
)
_POST = Prepared(
    insert(_postings)
    .from_select(
        ["entry_id", "account", "currency", "amount", "kind", "cause_id", "order_id", "payment_id", "at"],
        select(
            bindparam("entry_id", type_=Uuid()),
            _sides.c.account,
            bindparam("currency", type_=String),
            _sides.c.amount,
            bindparam("kind", type_=String),
            bindparam("cause_id", type_=Uuid()),
            bindparam("order_id", type_=Uuid()),
            bindparam("payment_id", type_=Uuid()),
            bindparam("at", type_=DateTime(timezone=True)),
        ),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
    .returning(_postings.c.entry_id)
)


def post(
    kind: Kind,
    cause_id: UUID,
    currency: str,
    sides: Mapping[Account, int],
    *,
    order_id: UUID | None = None,
    payment_id: UUID | None = None,
) -> bool:
    """Make one entry: what each account is debited (above zero) or credited (below). Zeros are left out.

    Answers whether it was made now: a cause that was booked before under this kind is not booked again. The
    database refuses sides that do not add up to nothing.
    """
    moved = _moved(sides)
    return bool(moved and _POST.all(_entry(kind, cause_id, currency, moved, order_id, payment_id)))


def note(
    kind: Kind,
    cause_id: UUID,
    currency: str,
    sides: Mapping[Account, int],
    *,
    order_id: UUID,
    payment_id: UUID | None = None,
) -> None:
    """As `post`, where nobody asks whether it was made before: nothing is waited for."""
    if moved := _moved(sides):
        _POST.run(_entry(kind, cause_id, currency, moved, order_id, payment_id))


def _moved(sides: Mapping[Account, int]) -> dict[Account, int]:
    return {account: amount for account, amount in sides.items() if amount}


def _entry(
    kind: Kind,
    cause_id: UUID,
    currency: str,
    moved: Mapping[Account, int],
    order_id: UUID | None,
    payment_id: UUID | None,
) -> dict[str, Any]:
    return {
        "entry_id": ids.new(), "accounts": [str(account) for account in moved], "amounts": [*moved.values()],
        "currency": currency, "kind": str(kind), "cause_id": cause_id, "order_id": order_id,
        "payment_id": payment_id, "at": clock.now(),
    }  # fmt: skip
