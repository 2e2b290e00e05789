"""What comes of one rule: something to give, or a reason why not."""

from typing import Any, NamedTuple

from shopwright.commerce.promotions.offers import OfferGift, RefusalKind
from shopwright.commerce.promotions.state import Line


class Given(NamedTuple):
    """What a rule takes off, before it is done: amounts by line, pieces used up by line, shipping, a gift."""

    off: list[tuple[Line, int]] = []
    used: list[tuple[Line, int]] = []
    shipping: int = 0
    gift: OfferGift | None = None

    @property
    def total(self) -> int:
        return sum([amount for _, amount in self.off]) + self.shipping + (self.gift.unit_amount if self.gift else 0)


class Denied(NamedTuple):
    kind: RefusalKind
    facts: dict[str, Any] = {}


Outcome = Given | Denied
NO_DISCOUNT = Denied(RefusalKind.NO_DISCOUNT)
AT_FLOOR = Denied(RefusalKind.AT_FLOOR)
USED_UP = Denied(RefusalKind.USED_UP)


def lacking(pieces: int) -> Denied:
    """So many pieces are missing for the effect to begin."""
    return Denied(RefusalKind.MORE_PIECES_NEEDED, {"missing": pieces})
