"""The ledger of what came and went."""

from collections.abc import Iterable

from shopwright.commerce.inventory.levels import Change
from shopwright.commerce.inventory.models import Reason, StockMovement
from shopwright.kit import clock, principal
from shopwright.kit.db import session


def write_down(changes: Iterable[Change], reason: Reason, reference: str) -> None:
    """Note every change of what is on hand, in the current principal's name."""
    who = principal.current()
    session.add_all(
        StockMovement(
            variant_id=change.variant_id, location_id=change.location_id, delta=change.on_hand, reason=reason,
            reference=reference, actor=f"{who.kind}:{who.id}" if who.id else str(who.kind), at=clock.now(),
        )
        for change in changes
        if change.on_hand
    )  # fmt: skip
    session.flush()
