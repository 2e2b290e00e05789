"""What staff say of a promotion: all of its rule but the id and the version."""

from datetime import datetime
from typing import Any

from msgspec import Struct, to_builtins

from shopwright.commerce.promotions.rules import Condition, Effect, Kind, Limits

#: These are columns of their own; all else of a rule is kept as one JSON object.
COLUMNS = ("name", "starts_at", "ends_at")


class Terms(Struct, frozen=True, kw_only=True):
    """As in `Rule`, where each field is explained."""

    name: str
    kind: Kind
    effect: Effect
    conditions: tuple[Condition, ...] = ()
    priority: int = 100
    exclusive_group: str | None = None
    is_final: bool = False
    is_announced: bool = False
    floor_margin_ppm: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limits: Limits = Limits()

    def as_rule(self) -> dict[str, Any]:
        """What is kept as JSON."""
        return {name: value for name, value in to_builtins(self).items() if name not in COLUMNS}
