"""Facts: a room announces them with `emit`, in the transaction that made them true; the outbox delivers them later."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Identity,
    Index,
    Integer,
    String,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from shopwright.kit import clock, ids
from shopwright.kit.db import Base, after_commit, session, table_of
from shopwright.kit.prepared import Prepared
from shopwright.kit.privacy import business


class OutboxEntry(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        # Read by the relay, which looks only at what is still to be delivered.
        Index("ix_outbox_waiting", "sequence", postgresql_where=text("delivered_at IS NULL")),
        Index("ix_outbox_aggregate", "aggregate_id", "sequence", postgresql_where=text("delivered_at IS NULL")),
        # Those that have no place in the feed yet: few, since the relay gives them one when it first sends them.
        Index("ix_outbox_unplaced", "sequence", postgresql_where=text("position IS NULL")),
    )

    id: Mapped[UUID] = business(primary_key=True)
    sequence: Mapped[int] = business(BigInteger, Identity(always=True), unique=True)
    # Where it stands in the feed (`kit.feed`); given by the relay once the row is committed.
    position: Mapped[int | None] = business(BigInteger, unique=True)
    name: Mapped[str] = business(String(100))
    version: Mapped[int] = business(Integer, server_default="1")
    aggregate_id: Mapped[UUID] = business()
    payload: Mapped[dict[str, Any]] = business()
    emitted_at: Mapped[datetime] = business()
    sent_at: Mapped[datetime | None] = business()
    delivered_at: Mapped[datetime | None] = business()


_outbox = table_of(OutboxEntry)
_facts = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("names", type_=ARRAY(String)),
        bindparam("versions", type_=ARRAY(Integer)),
        bindparam("aggregates", type_=ARRAY(Uuid())),
        bindparam("payloads", type_=ARRAY(Text)),
    )
    .table_valued("id", "name", "version", "aggregate_id", "payload", name="fact")
    .render_derived()
)
_EMIT = Prepared(
    insert(_outbox).from_select(
        ["id", "name", "version", "aggregate_id", "payload", "emitted_at"],
        select(
            _facts.c.id, _facts.c.name, _facts.c.version, _facts.c.aggregate_id, _facts.c.payload.cast(JSONB),
            bindparam("emitted_at", type_=DateTime(timezone=True)),
        ),
        include_defaults=False,
    )
)  # fmt: skip

_types: "dict[str, type[Event]]" = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact, in the past tense, that names ids and not rows. `aggregate` is whose facts must keep their order.

    Outsiders read it, too (`kit.feed`, webhooks), so it holds nothing personal. A field may be added if it has a default;
    any other change of its fields is a new `version`.
    """

    version: ClassVar[int] = 1

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _types[name_of(cls)] = cls

    @property
    def aggregate(self) -> UUID:
        """The id that is its first field, unless the event says otherwise."""
        return cast(UUID, getattr(self, self.__struct_fields__[0]))


E = TypeVar("E", bound=Event)
Hear = Callable[[E], None]

_subscribers: dict[str, dict[str, Callable[[Event], None]]] = {}
_noted_at_once: dict[str, list[Callable[[Event], None]]] = {}


_made_anew: ContextVar[set[UUID] | None] = ContextVar("made anew", default=None)


def all_types() -> dict[str, type[Event]]:
    """Every kind of fact that this process knows, heard or not, by its name."""
    return dict(sorted(_types.items()))


def name_of(event: type[Event]) -> str:
    """`shopwright.commerce.orders.events.OrderPlaced` is `orders.OrderPlaced`."""
    room = event.__module__.split(".")[-2]
    return f"{room}.{event.__name__}"


def subscriber(event: type[E]) -> Callable[[Hear[E]], Hear[E]]:
    """Have the function hear each such fact, in a transaction of its own, at least once and in order per aggregate."""

    def register(hear: Hear[E]) -> Hear[E]:
        name = name_of(event)
        room = hear.__module__.split(".")[-2]
        _subscribers.setdefault(name, {})[f"{room}.{hear.__name__}"] = cast("Callable[[Event], None]", hear)
        return hear

    return register


def at_once(event: type[E]) -> Callable[[Hear[E]], Hear[E]]:
    """Have the function called in the transaction that announces such a fact, to note what is done `after_commit`.

    What it notes dies with the process, so a subscriber has to do it, too.
    """

    def register(note: Hear[E]) -> Hear[E]:
        _noted_at_once.setdefault(name_of(event), []).append(cast("Callable[[Event], None]", note))
        return note

    return register


def subscribers_of(name: str) -> dict[str, Callable[[Event], None]]:
    return _subscribers.get(name, {})


def subscriptions() -> list[tuple[str, str]]:
    """Every fact's name with each of its subscribers."""
    return [(name, subscriber) for name, hearing in _subscribers.items() for subscriber in hearing]


def heard_by(subscriber: str) -> list[str]:
    """The names of the facts that this subscriber hears."""
    return [name for name, hearing in _subscribers.items() if subscriber in hearing]


def heard() -> list[str]:
    """The names of all facts that somebody hears."""
    return list(_subscribers)


def decode(name: str, payload: dict[str, Any]) -> Event:
    return msgspec.convert(payload, _types[name])


def emit(*facts: Event) -> None:
    """Announce facts: a row in the outbox each, committed with what made them true."""
    now = clock.now()
    _EMIT.run(
        {
            "ids": [ids.new() for _ in facts], "names": [name_of(type(fact)) for fact in facts],
            "versions": [fact.version for fact in facts], "aggregates": [fact.aggregate for fact in facts],
            "payloads": [msgspec.json.encode(fact).decode() for fact in facts], "emitted_at": now,
        },
    )  # fmt: skip
    for fact in facts:
        for note in _noted_at_once.get(name_of(type(fact)), ()):
            note(fact)
    # What nobody waits for is brought by the clock's round, and needs no nudge, which is a publish and a task.
    is_heard = any(subscribers_of(name_of(type(fact))) for fact in facts)
    if is_heard and not session.info.setdefault("emitted", False):
        session.info["emitted"] = True
        after_commit(lambda: nudge())


def _nobody() -> None:
    """Without a relay to nudge, the clock's next round delivers."""


#: Called after a commit that announced something; `kit.outbox` puts its relay here.
nudge: Callable[[], None] = _nobody


@contextmanager
def batch() -> Iterator[None]:
    """The facts that one subscriber hears in here were all committed before it began."""
    token = _made_anew.set(set())
    try:
        yield
    finally:
        _made_anew.reset(token)


def still_to_make(wanted: Iterable[UUID]) -> list[UUID]:
    """What a fact wants to be made anew, without what was made since its batch began, when all that it tells was true already.

    What is answered counts as made once the running transaction is committed.
    """
    made = _made_anew.get()
    if made is None:
        return [*wanted]
    left = [each for each in wanted if each not in made]
    after_commit(lambda: made.update(left))
    return left
