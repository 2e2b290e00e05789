"""Who is asking: set by the edge (or a task), read by the queries that decide what may be seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from uuid import UUID

import msgspec


class Kind(StrEnum):
    ANONYMOUS = "anonymous"
    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The caller. Tokens of carts and orders are held hashed, as they are stored."""

    kind: Kind = Kind.ANONYMOUS
    id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    cart_token: bytes | None = None
    order_token: bytes | None = None

    @property
    def customer_id(self) -> UUID | None:
        return self.id if self.kind is Kind.CUSTOMER else None

    @property
    def is_staff(self) -> bool:
        return self.kind is Kind.STAFF

    @property
    def name(self) -> str:
        """A stable name for logs, limits and idempotency; a guest is its token."""
        token = self.cart_token or self.order_token
        return f"{self.kind}:{self.id or (token.hex() if token else '-')}"


ANONYMOUS = Principal()
SYSTEM = Principal(kind=Kind.SYSTEM)

_current: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)


def current() -> Principal:
    return _current.get()


@contextmanager
def acting_as(principal: Principal) -> Iterator[None]:
    """Do what follows in this one's name."""
    token = _current.set(principal)
    try:
        yield
    finally:
        _current.reset(token)
