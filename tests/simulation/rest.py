"""After the storm: every fault is over, all that waits is worked off, and what is left is compared with the model."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from shopwright.commerce.payments import reconciliation
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.transaction import reading
from tests.auditor import audit
from tests.simulation import surroundings
from tests.simulation.chance import BEGAN
from tests.simulation.model import must
from tests.simulation.world import Asked, World

ROUNDS = 120
#: What must have come to an end, but for payments of which the provider tells lies: those are for people.
UNFINISHED = {
    "payments that wait": "SELECT id::text, state FROM payments WHERE state IN ('pending', 'needs_action')",
    "operations that wait": "SELECT payment_id::text, kind, amount FROM payment_operations WHERE state = 'pending'",
    "facts that nobody heard": """
        SELECT o.id::text, o.name, coalesce(f.reason, '') FROM outbox o LEFT JOIN outbox_failures f ON f.event_id = o.id
        WHERE o.delivered_at IS NULL""",
    "webhooks that nobody worked off": "SELECT id::text, kind FROM payment_webhooks WHERE processed_at IS NULL",
    "orders that wait to be paid": "SELECT id::text FROM orders WHERE state = 'open' AND expires_at IS NOT NULL",
    "holds beyond their time": "SELECT order_id::text FROM reservations WHERE state = 'held'",
}
#: Issues that must have a reason in what the provider did, and the reasons.
REASONS = {
    "provider-disagrees": {"lied"}, "refund-disagrees": {"lied", "by-hand", "refund-fails"},
    "refund-failed": {"refund-fails", "by-hand", "lied"}, "dispute": {"disputed"},
    "dispute-disagrees": {"disputed"}, "order-without-capture": {"lied"}, "refund-returned": {"refund-fails"},
}  # fmt: skip


def comes_to_rest(world: World) -> None:
    """All that waits has its turn until nothing is left to be done."""
    world.depth = 1
    world.faults.clear()
    world.wire.is_down = False
    surroundings.answer_staff(world)
    for again in list(world.ghosts.values()):
        again()
    for number in range(ROUNDS):
        _round(world)
        # Twice: what the first puts right lets the second see more, as one hour after the other does.
        if number in (3, 6):
            reconciliation.reconcile("development", BEGAN - timedelta(days=1), clock.now() + timedelta(days=1))
        elif number > 6 and not _unfinished(world):
            break
    left = _unfinished(world)
    must(not left, f"after {ROUNDS} rounds there are still {left}")


def _round(world: World) -> None:
    clock.advance(timedelta(minutes=20))
    world.provider.decide_due()
    for delivery in world.provider.waiting():
        surroundings.deliver(world, delivery)
    for work in (surroundings.relays, surroundings.completes, surroundings.expires, surroundings.sweeps):
        work(world)


def _unfinished(world: World) -> dict[str, list[Any]]:
    lied = _marked(world, "wrong-")
    with reading():
        found = {name: [tuple(row) for row in session.execute(text(sql))] for name, sql in UNFINISHED.items()}
    found = {name: [row for row in rows if row[0] not in lied] for name, rows in found.items()}
    if world.provider.is_undecided():
        found["what the provider has not decided"] = [()]
    return {name: rows for name, rows in found.items() if rows}


def _marked(world: World, mark: str) -> set[str]:
    """The shop's ids of the payments whose scenario has this in it."""
    return {payment.reference for payment in world.provider.payments() if mark in _scenario(world, payment)}


def _scenario(world: World, payment: Any) -> str:
    with world.provider.store.desk() as desk:
        of_method = desk.value("SELECT token FROM methods WHERE id = ?", payment.token)
    return str(of_method or payment.token)


def compares(world: World) -> None:
    """Everything is as the model, the ledger and the provider say."""
    audit()
    _see_all(world)
    _compare_stock(world)
    lied = _marked(world, "wrong-")
    _compare_payments(world, lied)
    _compare_orders(world, lied)
    _explain_issues(world, lied)


def _see_all(world: World) -> None:
    for purchase in world.model.purchases.values():
        said = world.send(Asked("GET", f"/v1/admin/orders/{purchase.id}", who=world.staff))
        must(said.code == "done", f"order {purchase.id} was answered for, and is {said.code}")
        world.model.saw(purchase, said.body)
        must(purchase.state != "open" or purchase.paid or said.body["payment_status"] == "authorized",
             f"order {purchase.id} is open, and neither paid nor reserved")  # fmt: skip
    known = set(world.model.purchases)
    with reading():
        strangers = [row.id for row in session.execute(text("SELECT id::text FROM orders")) if row.id not in known]
    must(not strangers, f"nobody was told of the orders {strangers}")


def _compare_stock(world: World) -> None:
    claimed: dict[str, int] = {}
    for purchase in world.model.purchases.values():
        for ware_id, quantity in purchase.left.items():
            if purchase.state == "open":
                claimed[ware_id] = claimed.get(ware_id, 0) + quantity
    with reading():
        rows = session.execute(text("SELECT variant_id::text, on_hand, reserved, claimed FROM stock_levels")).all()
    for row in rows:
        ours = (world.model.wares[row.variant_id].on_hand, 0, claimed.get(row.variant_id, 0))
        must(
            tuple(row[1:]) == ours, f"of {row.variant_id} (on hand, reserved, claimed) are {tuple(row[1:])}, not {ours}"
        )


def _compare_payments(world: World, lied: set[str]) -> None:
    theirs = {payment.reference: payment for payment in world.provider.payments()}
    moved = world.provider.moved()
    with reading():
        ours = session.execute(text("SELECT id::text, state, captured_amount, refunded_amount FROM payments")).all()
        booked = {
            row.payment_id: row.amount
            for row in session.execute(text("""
                SELECT payment_id::text, sum(amount)::bigint AS amount FROM book_postings
                WHERE account = 'captured' AND payment_id IS NOT NULL GROUP BY 1"""))
        }  # fmt: skip
    must(set(theirs) <= {row.id for row in ours}, "the provider has payments that the shop does not know")
    for row in ours:
        if row.id in lied:
            continue
        payment = theirs.get(row.id)
        must(
            payment or row.state in ("declined", "voided"), f"payment {row.id} is {row.state}, and was never asked for"
        )
        told = (payment.captured, payment.refunded) if payment else (0, 0)
        here = (row.captured_amount, row.refunded_amount)
        must(here == told, f"of payment {row.id} (captured, refunded) are {here}, at the provider {told}")
        booked_here, moved_there = booked.get(row.id, 0), moved.get(row.id, 0)
        must(booked_here == moved_there, f"of payment {row.id} {booked_here} is booked, {moved_there} at the provider")


def _compare_orders(world: World, lied: set[str]) -> None:
    """What the provider keeps for an order is what the order was paid, less what went back; nothing once closed."""
    fails = _marked(world, "refund-fails") | _failed_refunds(world)
    kept: dict[str, int] = {}
    with reading():
        owners = {
            row.id: row.order_id for row in session.execute(text("SELECT id::text, order_id::text FROM payments"))
        }
    excused = {owners[payment_id] for payment_id in lied | fails if payment_id in owners}
    for payment in world.provider.payments():
        order_id = owners[payment.reference]
        kept[order_id] = kept.get(order_id, 0) + payment.captured - payment.refunded
    for purchase in world.model.purchases.values():
        if purchase.id in excused:
            continue
        have = kept.get(purchase.id, 0)
        wanted = 0 if purchase.is_closed else purchase.paid - purchase.refunded
        must(have == wanted, f"order {purchase.id} is {purchase.state}: the provider keeps {have} of it, not {wanted}")


def _failed_refunds(world: World) -> set[str]:
    """The shop's ids of the payments of which a refund failed at the provider, or was refused by it."""
    at_provider = {refund.payment_id for refund in world.provider.refunds() if refund.state == "failed"}
    names = {payment.id: payment.reference for payment in world.provider.payments()}
    with reading():
        refused = session.execute(text(
            "SELECT payment_id::text AS id FROM payment_operations WHERE kind = 'refund' AND state = 'failed'"
        ))  # fmt: skip
        return {names[payment_id] for payment_id in at_provider} | {row.id for row in refused}


def _explain_issues(world: World, lied: set[str]) -> None:
    names = {payment.id: payment.reference for payment in world.provider.payments()}
    reasons: dict[str, set[str]] = {payment_id: {"lied"} for payment_id in lied}
    failed = {refund.payment_id for refund in world.provider.refunds() if refund.state == "failed"}
    by_hand = {refund.payment_id for refund in world.provider.refunds() if refund.reference is None}
    with world.provider.store.desk() as desk:
        disputed = {row["payment_id"] for row in desk.db.execute("SELECT payment_id FROM disputes")}
    for reason, found in (("refund-fails", failed), ("by-hand", by_hand), ("disputed", disputed)):
        for name in found:
            reasons.setdefault(names[name], set()).add(reason)
    with reading():
        issues = session.execute(text("SELECT kind, payment_id::text AS payment_id, facts FROM payment_issues")).all()
    for issue in issues:
        explained = REASONS.get(issue.kind, set()) & reasons.get(issue.payment_id, set())
        must(explained, f"nothing explains the issue {issue.kind} of payment {issue.payment_id}: {issue.facts}")
