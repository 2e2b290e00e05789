"""Redis, which may vanish at any moment, and encoded answers kept in it."""

import random
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from typing import Any, TypeVar, cast
from weakref import WeakValueDictionary

from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import TimeoutError as TooSlow
from redis.retry import Retry

from shopwright.kit import ids

CONNECT_SECONDS = 0.25
READ_SECONDS = 0.5
# After a failure Redis is left alone this long, so that one that hangs costs one request its time, not all.
REST_SECONDS = 1.0
GRACE_SECONDS = 0.5
# Longer than a fill should take; a filler that died holds nobody up for longer than PATIENCE_SECONDS.
LEASE_SECONDS = 3.0
PATIENCE_SECONDS = 1.0
POLL_SECONDS = 0.02
COPIES = 2048
COPIES_BYTES = 32 * 2**20
SEAL_BYTES = 4

T = TypeVar("T")
Slot = tuple[str, str]  # namespace and key


class _Guarded(AbstractConnection):
    """A connection that is not tried while Redis rests, and that sends it to rest when it fails."""

    def connect(self) -> None:
        _guarded(super().connect)

    def send_packed_command(self, *args: Any, **kwargs: Any) -> None:
        _guarded(lambda: super(_Guarded, self).send_packed_command(*args, **kwargs))  # type: ignore[no-untyped-call]

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        return _guarded(lambda: super(_Guarded, self).read_response(*args, **kwargs))


class _Copies:
    """What this process holds itself: few, small, short-lived, the longest unused thrown out first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Slot, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    def get(self, slot: Slot) -> bytes | None:
        with self._lock:
            until, value = self._kept.get(slot, (0.0, b""))
            if until <= time.monotonic():
                return None
            self._kept.move_to_end(slot)
            return value

    def put(self, slot: Slot, value: bytes, seconds: float) -> None:
        with self._lock:
            self._forget(slot)
            self._kept[slot] = (time.monotonic() + seconds, value)
            self._bytes += len(value)
            while len(self._kept) > COPIES or self._bytes > COPIES_BYTES:
                self._forget(next(iter(self._kept)))

    def clear(self, namespaces: tuple[str, ...] | None = None) -> None:
        with self._lock:
            for slot in [slot for slot in self._kept if namespaces is None or slot[0] in namespaces]:
                self._forget(slot)

    def _forget(self, slot: Slot) -> None:
        _, value = self._kept.pop(slot, (0.0, b""))
        self._bytes -= len(value)


_copies = _Copies()
_turns: WeakValueDictionary[Slot, threading.Lock] = WeakValueDictionary()
_turns_lock = threading.Lock()
_owed: set[str] = set()
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


def fetch(namespace: str, key: str, ttl: float, fill: Callable[[], bytes], fresh: bool = False) -> bytes:
    """What `fill` made for this key at most about `ttl` seconds ago, and never before the last `bump`.

    A copy in this process may be up to 0.5 s behind a bump made in another. One caller fills, the others wait
    for it a moment. `fresh` fills anew in any case. What `fill` raises goes to the caller and is not kept.
    Without Redis it still works, from `fill` and the copies.
    """
    if not _enabled:
        return fill()
    slot = (namespace, key)
    if not fresh and (copy := _copies.get(slot)) is not None:
        return copy
    turn = _turn(slot)
    is_ours = turn.acquire(timeout=PATIENCE_SECONDS)
    try:
        if not fresh and (copy := _copies.get(slot)) is not None:
            return copy
        value = _shared(slot, ttl, fill, fresh)
        _copies.put(slot, value, min(GRACE_SECONDS, ttl))
        return value
    finally:
        if is_ours:
            turn.release()


def bump(*namespaces: str) -> None:
    """Outdate all that is kept under these namespaces.

    Call it after the commit, else the old state is kept anew. If Redis is gone, it is told as soon as this
    process reaches it again.
    """
    _copies.clear(namespaces)
    with suppress(RedisError):
        _outdate(*namespaces)


def _shared(slot: Slot, ttl: float, fill: Callable[[], bytes], fresh: bool) -> bytes:
    """The value from Redis, or filled by us under a lease, or by another while we wait."""
    lease, is_leased = _name("lease", slot), False
    try:
        version, value = _read(slot)
        if value is not None and not fresh:
            return value
        if not fresh:
            is_leased = bool(redis().set(lease, b"", px=int(LEASE_SECONDS * 1000), nx=True))
            if not is_leased:
                version, value = _wait(slot)
                if value is not None:
                    return value
        version = version or _begin(slot[0])
    except RedisError:
        return fill()
    try:
        value = fill()
        _write(slot, version, value, ttl)
    finally:
        if is_leased:
            with suppress(RedisError):
                redis().delete(lease)
    return value


def _read(slot: Slot) -> tuple[bytes | None, bytes | None]:
    """The version of the namespace and the value, if it is whole and of this version: one round trip."""
    if _owed:
        _outdate()
    found = redis().mget(_version_name(slot[0]), _name("value", slot))
    version, kept = cast(list[bytes | None], found)
    if version is None or kept is None:
        return version, None
    value = kept[SEAL_BYTES + len(version) :]
    return version, value if kept == _sealed(version, value) else None


def _wait(slot: Slot) -> tuple[bytes | None, bytes | None]:
    """What `_read` finds as soon as it finds a value, or when patience is at its end."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        time.sleep(POLL_SECONDS)
        version, value = _read(slot)
        if value is not None or time.monotonic() > until:
            return version, value


def _write(slot: Slot, version: bytes, value: bytes, ttl: float) -> None:
    # ±10 %: what was filled together must not run out together.
    milliseconds = max(1, int(ttl * 1000 * random.uniform(0.9, 1.1)))  # noqa: S311
    with suppress(RedisError):
        redis().set(_name("value", slot), _sealed(version, value), px=milliseconds)


def _sealed(version: bytes, value: bytes) -> bytes:
    # The version is in the value and not in its key, so that one round trip reads both.
    return zlib.crc32(value, zlib.crc32(version)).to_bytes(SEAL_BYTES, "big") + version + value


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
        _owed.update(due)
        raise


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
