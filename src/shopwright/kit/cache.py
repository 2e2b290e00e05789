"""Redis, which may vanish at any moment, and encoded answers kept in it."""

import random
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar, cast
from weakref import WeakValueDictionary

from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry

from shopwright.kit import clock, ids
from shopwright.kit.copies import Copies, Copy, Slot

CONNECT_SECONDS = 0.25
READ_SECONDS = 0.5
# After a failure Redis is left alone this long, so that one that hangs costs one request its time, not all.
REST_SECONDS = 1.0
GRACE_SECONDS = 0.5
# Longer than a fill should take; a filler that died holds nobody up for longer than PATIENCE_SECONDS.
LEASE_SECONDS = 3.0
PATIENCE_SECONDS = 1.0
POLL_SECONDS = 0.02
PAY_SECONDS = 0.1
SEAL_BYTES, UNTIL_BYTES = 4, 8

T = TypeVar("T")


class _Guarded(AbstractConnection):
    """A connection that is not tried while Redis rests, and that sends it to rest when it fails."""

    def connect(self) -> None:
        _guarded(super().connect)

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        _guarded(lambda: super(_Guarded, self).send_packed_command(*args, **kwargs))  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        return _guarded(lambda: super(_Guarded, self).read_response(*args, **kwargs))


class Made(NamedTuple):
    """What a fill made, and the next moment at which the clock alone makes something else of it."""

    value: bytes
    until: datetime | None = None

    @property
    def holds(self) -> bool:
        return self.until is None or clock.now() < self.until


_copies = Copies()
_turns: WeakValueDictionary[Slot, threading.Lock] = WeakValueDictionary()
_turns_lock = threading.Lock()
_owed: set[str] = set()
_paying = threading.Lock()
_payer: threading.Thread | None = None
_redis: Redis | None = None
_is_reachable = False
_rests_until = 0.0
_prefix = ""
_enabled = False


def configure(url: str | None, *, prefix: str = "", enabled: bool = True) -> None:
    """Name the Redis of this process; without a `url` it is as if Redis were gone.

    With `enabled=False`, `fetch` always fills.
    """
    global _redis, _is_reachable, _rests_until, _prefix, _enabled
    if _redis is not None:
        _redis.connection_pool.disconnect()
    _prefix, _enabled, _is_reachable, _rests_until = prefix, enabled, bool(url), 0.0
    _copies.clear()
    _owed.clear()
    options = parse_url(url or "redis://")  # type: ignore[no-untyped-call]
    # TCP, TLS or a socket file: the URL says which.
    kind = type("GuardedConnection", (_Guarded, options.pop("connection_class", Connection)), {})
    pool = ConnectionPool(
        connection_class=kind,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=READ_SECONDS,
        retry=Retry(NoBackoff(), 0),
        **options,
    )
    _redis = Redis(connection_pool=pool)


def redis() -> Redis:
    """The client. What it is asked raises `redis.RedisError` at once while Redis is gone."""
    if _redis is None:
        raise RuntimeError("cache.configure() was not called")
    return _redis


def named(name: str) -> str:
    """This name behind the prefix of the shop, for what other files keep in Redis."""
    return _prefix + name


def fetch(
    namespace: str, key: str, ttl: float, fill: Callable[[], Made], read: Callable[[Made], T], fresh: bool = False
) -> T:
    """What `read` makes of what `fill` made for this key at most about `ttl` seconds ago, never before the last `bump`,
    and never for longer than it holds.

    A copy in this process, which is not read again, may be up to 0.5 s behind a bump made in another. One caller fills,
    the others wait for it a moment. `fresh` takes only what was made since it was asked for. What `fill` raises goes to
    the caller and is not kept. Without Redis it still works, from `fill` and the copies.
    """
    if not _enabled:
        return read(fill())
    slot, asked = (namespace, key), time.monotonic()
    copy = _copies.get(slot, asked if fresh else asked - GRACE_SECONDS)
    if copy is not None:
        return cast(T, copy)
    turn = _turn(slot)
    is_ours = turn.acquire(timeout=PATIENCE_SECONDS)
    try:
        # Before anything is read: a fill that takes long makes a copy that is old when it is done.
        begun = time.monotonic()
        copy = _copies.get(slot, asked if fresh else begun - GRACE_SECONDS)
        if copy is not None:
            return cast(T, copy)
        made = _shared(slot, ttl, fill, fresh)
        value = read(made)
        _copies.put(slot, Copy(value, begun, made.until, len(made.value)), time.monotonic() - GRACE_SECONDS)
        return value
    finally:
        if is_ours:
            turn.release()


def bump(*namespaces: str) -> None:
    """Outdate all that is kept under these namespaces.

    Call it after the commit, else the old state is kept anew. If Redis is gone, it is told as soon as this
    process reaches it again.
    """
    with suppress(RedisError):
        bump_now(*namespaces)


def bump_now(*namespaces: str) -> None:
    """As `bump`, but raises `RedisError` where Redis was not told, for who can try again even if this process dies."""
    _copies.outdate(namespaces)
    if _is_reachable:
        _outdate(*namespaces)


def _shared(slot: Slot, ttl: float, fill: Callable[[], Made], fresh: bool) -> Made:
    """The value from Redis, or filled by us under a lease, or by another while we wait."""
    lease, is_leased = _name("lease", slot), False
    try:
        version, made = _read(slot)
        if made is not None and not fresh:
            return made
        if not fresh:
            is_leased = bool(redis().set(lease, b"", px=int(LEASE_SECONDS * 1000), nx=True))
            if not is_leased:
                version, made = _wait(slot, lease)
                if made is not None:
                    return made
        version = version or _begin(slot[0])
    except RedisError:
        return fill()
    try:
        made = fill()
        _write(slot, version, made, ttl)
    finally:
        if is_leased:
            with suppress(RedisError):
                redis().delete(lease)
    return made


def _read(slot: Slot) -> tuple[bytes | None, Made | None]:
    """The version of the namespace and the value, if it is whole, of this version, and holds: one round trip."""
    if _owed:
        _outdate()
    version, kept = cast(list[bytes | None], redis().mget(_version_name(slot[0]), _name("value", slot)))
    made = _unsealed(version, kept) if version and kept else None
    return version, made if made is not None and made.holds else None


def _wait(slot: Slot, lease: str) -> tuple[bytes | None, Made | None]:
    """What `_read` finds as soon as it finds a value, nobody fills any more, or patience is at its end."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        time.sleep(POLL_SECONDS)
        # Before the value: whoever lets go has written it, unless there is none.
        is_leased = redis().exists(lease)
        version, made = _read(slot)
        if made is not None or not is_leased or time.monotonic() > until:
            return version, made


def _write(slot: Slot, version: bytes, made: Made, ttl: float) -> None:
    # ±10 %: what was filled together must not run out together.
    milliseconds = max(1, int(ttl * 1000 * random.uniform(0.9, 1.1)))  # noqa: S311
    with suppress(RedisError):
        redis().set(_name("value", slot), _sealed(version, made), px=milliseconds)


def _sealed(version: bytes, made: Made) -> bytes:
    # The version is in the value and not in its key, so that one round trip reads both.
    until = int(made.until.timestamp() * 1000) if made.until else 0
    kept = version + until.to_bytes(UNTIL_BYTES, "big") + made.value
    return zlib.crc32(kept).to_bytes(SEAL_BYTES, "big") + kept


def _unsealed(version: bytes, kept: bytes) -> Made | None:
    """None for what is broken or of another version."""
    start = SEAL_BYTES + len(version)
    is_whole = zlib.crc32(memoryview(kept)[SEAL_BYTES:]) == int.from_bytes(kept[:SEAL_BYTES], "big")
    if not is_whole or kept[SEAL_BYTES:start] != version or len(kept) < start + UNTIL_BYTES:
        return None
    until = int.from_bytes(kept[start : start + UNTIL_BYTES], "big")
    return Made(kept[start + UNTIL_BYTES :], datetime.fromtimestamp(until / 1000, UTC) if until else None)


def _begin(namespace: str) -> bytes:
    """The version of a namespace that has none yet, or whose version was evicted."""
    # An id and not a number that counts from 0: after an eviction it must not come back to an old version.
    redis().set(_version_name(namespace), ids.new().bytes, nx=True)
    version = redis().get(_version_name(namespace))
    return version if isinstance(version, bytes) else b""


def _outdate(*namespaces: str) -> None:
    """Give these namespaces, and those that Redis missed, a new version."""
    due = {*namespaces, *_owed}
    # Taken before they are paid: what another thread comes to owe in the meantime must stay.
    _owed.difference_update(due)
    try:
        if due:
            redis().mset({_version_name(namespace): ids.new().bytes for namespace in due})
    except RedisError:
        _owe(due)
        raise


def _owe(namespaces: set[str]) -> None:
    """Told as soon as may be, though nobody asks this process for anything: others keep answering from Redis."""
    global _payer
    with _paying:
        _owed.update(namespaces)
        # Not alive: a thread does not survive the fork of a server's worker.
        if _payer is None or not _payer.is_alive():
            _payer = threading.Thread(target=_pay, name="cache-debts", daemon=True)
            _payer.start()


def _pay() -> None:
    global _payer
    while True:
        with _paying:
            if not _owed:
                _payer = None
                return
        time.sleep(PAY_SECONDS)
        with suppress(RedisError):
            _outdate()


def _version_name(namespace: str) -> str:
    return f"{_prefix}cache:version:{namespace}"


def _name(kind: str, slot: Slot) -> str:
    # Hashed: a key is made of what clients send, so it may be long, hostile or personal.
    digest = blake2b(slot[1].encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return f"{_prefix}cache:{kind}:{slot[0]}:{digest}"


def _turn(slot: Slot) -> threading.Lock:
    with _turns_lock:
        return _turns.setdefault(slot, threading.Lock())


def _guarded(work: Callable[[], T]) -> T:
    global _rests_until
    if not _is_reachable or time.monotonic() < _rests_until:
        raise Unreachable("Redis is gone; it is asked again in a moment")
    try:
        return work()
    except (Unreachable, TooSlow):
        _rests_until = time.monotonic() + REST_SECONDS
        raise
