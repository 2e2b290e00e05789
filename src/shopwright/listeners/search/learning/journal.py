"""Searches and clicks on their way to the tables: put into a stream of Redis by who answers, written in batches by the
worker. It is browsing, so a lost one is no loss, and nobody waits for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, cast
from uuid import UUID

import msgspec
from msgspec import Struct
from redis.exceptions import RedisError
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from shopwright import settings
from shopwright.commerce.channels.models import Channel
from shopwright.kit import cache, clock, principal
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.learning.models import Kind, SearchAsked, SearchTold

#: What does not fit is forgotten, the oldest first: an hour of 50 searches a second.
LONGEST = 200_000
BATCH = 1_000
KEPT_FOR = timedelta(days=90)
ANYBODY = "anonymous:-"
LONGEST_TEXT, LONGEST_WORDS = 500, 1000

log = get("search")


class Asked(Struct, frozen=True, kw_only=True, tag="asked"):
    search_id: UUID
    at: datetime
    channel_id: UUID
    locale: str
    text: str
    words: str
    level: str
    total: int
    visitor: bytes | None = None


class Told(Struct, frozen=True, kw_only=True, tag="told"):
    search_id: UUID
    kind: Kind
    product_id: UUID
    place: int
    cart_id: UUID | None
    at: datetime


Entry = Asked | Told
_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


def note(*entries: Entry) -> None:
    """Never raises, and waits for nothing but Redis."""
    try:
        line = cache.redis().pipeline(transaction=False)
        for entry in entries:
            line.xadd(_stream(), {"entry": msgspec.json.encode(entry)}, maxlen=LONGEST, approximate=True)
        line.execute()
    except RedisError:
        return


def visitor() -> bytes | None:
    """Who asks, so that it says nothing about them next week; None for who shows neither a token nor a cart."""
    name = principal.current().name
    if name == ANYBODY:
        return None
    week = f"{clock.now():%G-W%V}"
    return blake2b(f"{week} {name}".encode(), key=settings.current().secret_key.encode()[:64], digest_size=16).digest()


def write_down() -> int:
    """Put what waits into the tables; answers how much that was. Asked again after it died in between, it writes nothing twice."""
    written = 0
    while waiting := cast("list[tuple[bytes, dict[bytes, bytes]]]", cache.redis().xrange(_stream(), count=BATCH)):
        _write_all([fields[b"entry"] for _, fields in waiting])
        cache.redis().xdel(_stream(), *(entry_id for entry_id, _ in waiting))
        written += len(waiting)
    return written


def _write_all(entries: Sequence[bytes]) -> None:
    """What cannot be written is dropped, and holds up nothing else."""
    try:
        decoded = [_decoder.decode(entry) for entry in entries]
        with transaction():
            _write([each for each in decoded if isinstance(each, Asked)])
            _tell([each for each in decoded if isinstance(each, Told)])
    except (msgspec.MsgspecError, DataError, IntegrityError) as fault:
        if len(entries) == 1:
            log.warning("an entry of the search journal is dropped", reason=type(fault).__name__)
            return
        for entry in entries:
            _write_all([entry])


def _write(asked: Sequence[Asked]) -> None:
    channels = set(session.scalars(select(Channel.id)))
    rows = [msgspec.structs.asdict(each) for each in asked if each.channel_id in channels]
    if rows:
        session.execute(insert(SearchAsked).values(rows).on_conflict_do_nothing())


def _tell(told: Sequence[Told]) -> None:
    # An id that no search had is somebody's invention.
    known = set(
        session.scalars(select(SearchAsked.search_id).where(SearchAsked.search_id.in_({t.search_id for t in told})))
    )
    rows: dict[Any, dict[str, Any]] = {}
    for each in told:
        if each.search_id in known:
            rows.setdefault((each.search_id, each.kind, each.product_id), msgspec.structs.asdict(each))
    if rows:
        session.execute(insert(SearchTold).values([*rows.values()]).on_conflict_do_nothing())


def sweep() -> None:
    session.execute(delete(SearchAsked).where(SearchAsked.at < clock.now() - KEPT_FOR))


def _stream() -> str:
    return cache.named("search journal")
