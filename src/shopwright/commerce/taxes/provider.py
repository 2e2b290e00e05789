"""What an external tax service is asked, and what it answers: the contract that each adapter in `providers/` keeps.

An adapter opens no transaction and keeps nothing. Asking is free of effects: the same question may be asked again.
"""

from typing import Annotated, Protocol
from uuid import UUID

from msgspec import Meta, Struct

#: The `id` of what is taxed of shipping, beside the ids of the lines.
SHIPPING = "shipping"


class TaxableLine(Struct, frozen=True, kw_only=True):
    """All pieces of a line: `amount` is what they cost after every promotion, in whole minor units."""

    id: str
    sku: str
    tax_class: str
    quantity: int
    amount: int


class TaxableShipping(Struct, frozen=True, kw_only=True):
    code: str
    tax_class: str
    amount: int


class Taxable(Struct, frozen=True, kw_only=True):
    """A basket whose taxes are asked for. It names no buyer and no street.

    With `prices_include_tax` the tax that is contained in the amounts is meant, else the tax that comes on top. `home` is
    the country that is sold from. `vat_id` and `certificate` are the buyer's. A buyer who is exempt is asked about like
    any other: the shop itself takes off what is not due from them.
    """

    channel_id: UUID
    currency: str
    prices_include_tax: bool
    home: str
    country: str
    region: str | None
    city: str | None
    postal_code: str | None
    vat_id: str | None
    certificate: str | None
    lines: tuple[TaxableLine, ...]
    shipping: TaxableShipping | None


class TaxedPart(Struct, frozen=True, kw_only=True):
    """The tax of one line, or of `shipping`: how much in minor units, and what a receipt says of it."""

    id: Annotated[str, Meta(max_length=40)]
    tax: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    rate_ppm: Annotated[int, Meta(ge=0, le=1_000_000)]
    name: Annotated[str, Meta(max_length=100)]


class TaxAnswer(Struct, frozen=True, kw_only=True):
    currency: str
    parts: tuple[TaxedPart, ...]


class NoAnswer(Exception):
    """None came, or none for now (timeout, 5xx, 429). `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotUnderstood(NoAnswer):
    """An answer came, and it is none to this question."""


class TaxProvider(Protocol):
    def taxes(self, question: Taxable) -> TaxAnswer:
        """Raises `NoAnswer`, `NotUnderstood`."""
