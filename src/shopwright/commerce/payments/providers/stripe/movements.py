"""What moved on the shop's balance at Stripe, for reconciliation."""

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shopwright.commerce.payments.provider import Movement, MovementKind
from shopwright.commerce.payments.providers.stripe import wire
from shopwright.commerce.payments.providers.stripe.amounts import from_stripe
from shopwright.commerce.payments.providers.stripe.client import read
from shopwright.kit.money import Money

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams

PAGE = 100
KINDS = {
    "charge": MovementKind.CAPTURE,
    "payment": MovementKind.CAPTURE,
    "refund": MovementKind.REFUND,
    "payment_refund": MovementKind.REFUND,
    # A debit that the bank did not honour after all.
    "payment_failure_refund": MovementKind.REFUND,
    "stripe_fee": MovementKind.FEE,
    "stripe_fx_fee": MovementKind.FEE,
    "tax_fee": MovementKind.FEE,
}

#: Those whose source is a thing of its own, which webhooks name as well.
NAMED = (MovementKind.REFUND, MovementKind.DISPUTE, MovementKind.DISPUTE_WON)


def between(since: datetime, until: datetime) -> Iterable[Movement]:
    """Payouts and the like are none of ours. A fee is in the currency of the balance, all else in the buyer's."""
    # Stripe counts whole seconds.
    first, end = math.ceil(since.timestamp()), math.ceil(until.timestamp())
    newest_first = list(_listed(first, end))
    return [movement for entry in reversed(newest_first) for movement in _of(entry)]


def _listed(first: int, end: int) -> Iterator[wire.BalanceTransaction]:
    params: BalanceTransactionListParams = {
        "created": {"gte": first, "lt": end},
        "limit": PAGE,
        "expand": ["data.source"],
    }
    while True:
        page = read(wire.BalanceTransactions, lambda stripe: stripe.v1.balance_transactions.list(params))
        yield from page.data
        if not page.has_more:
            return
        params["starting_after"] = page.data[-1].id


def _of(entry: wire.BalanceTransaction) -> Iterator[Movement]:
    source = entry.source if isinstance(entry.source, wire.Source) else None
    kind = _kind(entry, source)
    if kind is None:
        return
    # A fee that is given back has no kind of its own; it stands in the shop's statement at Stripe.
    if entry.amount and not (kind is MovementKind.FEE and entry.amount > 0):
        yield _movement(entry, source, entry.id, kind, _amount(entry, source))
    if entry.fee > 0:
        fee = from_stripe(entry.fee, entry.currency)
        yield _movement(entry, source, f"{entry.id}/fee", MovementKind.FEE, fee)


def _kind(entry: wire.BalanceTransaction, source: wire.Source | None) -> MovementKind | None:
    if source and source.object == "dispute":
        return MovementKind.DISPUTE if entry.amount < 0 else MovementKind.DISPUTE_WON
    return KINDS.get(entry.type)


def _amount(entry: wire.BalanceTransaction, source: wire.Source | None) -> Money:
    """Of the balance's own currency the entry is exact, of another one the source is: the entry was converted."""
    if source is None or source.currency in ("", entry.currency):
        return from_stripe(abs(entry.amount), entry.currency)
    of_source = source.amount if source.amount_captured is None else source.amount_captured
    return from_stripe(abs(of_source), source.currency)


def _movement(
    entry: wire.BalanceTransaction, source: wire.Source | None, name: str, kind: MovementKind, amount: Money
) -> Movement:
    metadata = source.metadata if source else {}
    return Movement(
        id=name, kind=kind, amount=amount, at=datetime.fromtimestamp(entry.created, UTC),
        payment_ref=(source.payment_intent or "") if source else "",
        subject_ref=source.id if source and kind in NAMED else "",
        payment_id=wire.our_id(metadata, "payment_id"),
        refund_id=wire.our_id(metadata, "refund_id") if kind is MovementKind.REFUND else None,
    )  # fmt: skip
