"""What staff decide about a way to ship."""

from typing import TypedDict

from msgspec import Struct

from shopwright.commerce.shipping.models import RateKind
from shopwright.kit.money import Money


class Rate(Struct, frozen=True):
    """Thresholds and what is paid: up to so many grams, or from so much of goods on. A flat rate is one tier from 0."""

    kind: RateKind
    tiers: tuple[tuple[int | Money, Money], ...]


class Terms(TypedDict, total=False):
    """What staff decide about a method. The code, the name and the rate are needed to add one."""

    code: str
    name: str
    translations: dict[str, str]
    rate: Rate
    free_from: Money | None
    min_days: int | None
    max_days: int | None
    tax_class: str
    position: int
    is_active: bool
