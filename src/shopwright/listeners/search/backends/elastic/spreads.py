"""From which price to which a question's products went when it was asked last.

The borders of price ranges come from there, so who asks for the first time has to ask twice. Many ask the same: with what the last
answer said their ranges are asked for at once, and asked for again only if they turn out to be others.
"""

import msgspec

from shopwright.listeners.search.backend import Ask

#: From the lowest price to the highest, in minor units.
Spread = tuple[int, int]
#: Of about 100 bytes each.
MOST = 10_000


class Spreads:
    """Of one process; shared by its threads."""

    def __init__(self) -> None:
        self._known: dict[bytes, Spread] = {}

    def known(self, ask: Ask) -> Spread | None:
        return self._known.get(_key(ask))

    def learn(self, ask: Ask, spread: Spread) -> None:
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[_key(ask)] = spread


def _key(ask: Ask) -> bytes:
    """All that decides which products are counted."""
    decides = ask.channel_id, ask.locale, ask.terms, ask.excluded, ask.code, ask.filters, ask.hides
    return msgspec.msgpack.encode(decides)
