"""Searches and clicks on their way to the tables: put into a stream of Redis by who answers, written in batches by the
worker. It is browsing, so a lost one is no loss, and nobody waits for it."""

from collections import Counter
from collections.abc import Collection, Sequence
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
from shopwright.commerce.storefront.models import ANYBODY as ANY_GROUP
from shopwright.commerce.storefront.models import Listing
from shopwright.kit import cache, clock, principal
from shopwright.kit.db import session
from shopwright.kit.logging import get
from shopwright.kit.transaction import transaction
from shopwright.listeners.search.learning.models import Kind, SearchAsked, SearchTold

#: What does not fit is forgotten, the oldest first: an hour of 50 searches a second.
LONGEST = 200_000
BATCH = 1_000
KEPT_FOR = timedelta(days=90)
#: Clicks and added products of one search: nobody looks at more hits.
MOST_TOLD = 100
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
_Key = tuple[UUID, str, UUID]
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
    """Of searches that were made, what their channel shows, as long as there is room. Anybody may tell anything."""
    channels = _locked_channels({each.search_id for each in told})
    listed = _listed({*channels.values()}, {each.product_id for each in told})
    before = _told_before(channels)
    count = Counter(search_id for search_id, _, _ in before)
    rows: dict[_Key, dict[str, Any]] = {}
    for each in told:
        key = (each.search_id, each.kind, each.product_id)
        if key in before or key in rows or (channels.get(each.search_id), each.product_id) not in listed:
            continue
        if count[each.search_id] < MOST_TOLD:
            count[each.search_id] += 1
            rows[key] = msgspec.structs.asdict(each)
    if rows:
        session.execute(insert(SearchTold).values([*rows.values()]).on_conflict_do_nothing())


def _locked_channels(search_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """By search its channel. Locked, so that two who write down at once exceed no limit together."""
    known = select(SearchAsked.search_id, SearchAsked.channel_id).where(SearchAsked.search_id.in_(search_ids))
    found = session.execute(known.order_by(SearchAsked.search_id).with_for_update())
    return dict(found.all())


def _listed(channel_ids: Collection[UUID], product_ids: Collection[UUID]) -> set[tuple[UUID | None, UUID]]:
    shown = select(Listing.channel_id, Listing.product_id).where(
        Listing.channel_id.in_(channel_ids), Listing.product_id.in_(product_ids), Listing.group_id == ANY_GROUP
    )
    return {(channel_id, product_id) for channel_id, product_id in session.execute(shown)}


def _told_before(search_ids: Collection[UUID]) -> set[_Key]:
    before = select(SearchTold.search_id, SearchTold.kind, SearchTold.product_id)
    found = session.execute(before.where(SearchTold.search_id.in_(search_ids)))
    return {(search_id, kind, product_id) for search_id, kind, product_id in found}


def sweep() -> None:
    session.execute(delete(SearchAsked).where(SearchAsked.at < clock.now() - KEPT_FOR))


def _stream() -> str:
    return cache.named("search journal")
