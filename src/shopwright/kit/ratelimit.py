"""How often somebody may do something: counted in Redis, and by this process alone while Redis is gone.

A process takes of a large quota several at once, a lot, and spends it without asking again, since asking Redis costs more
than all else that a request passes on its way in. What is granted never exceeds the quota; at the end of a window each
other process may sit on less than one lot that it did not spend, `quota // LOTS` at most.

Where a request itself costs less than asking Redis would, a limit is `on_trust`: each process grants the first lot of a
window by itself and counts it with the second. Most never come that far. The quota is then exceeded by a lot a process at most.
"""

import math
import threading
import time
from collections import OrderedDict
from hashlib import blake2b, sha1

import msgspec
from redis import RedisError
from redis.exceptions import NoScriptError

from shopwright.kit import cache

# A window begins with its first request. What is refused is not counted, so that patience always helps.
SCRIPT = """\
local used = tonumber(redis.call('GET', KEYS[1]) or 0)
local left = redis.call('PTTL', KEYS[1])
local cost, quota, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if left < 0 then
  used, left = 0, window
end
if used + cost > quota then
  return {0, used, left}
end
redis.call('SET', KEYS[1], used + cost, 'PX', left)
return {1, used + cost, left}
"""
SCRIPT_SHA = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
WINDOWS = 20_000
#: A quota below twice this many is counted one by one.
LOTS = 50


class Limit(msgspec.Struct, frozen=True):
    """At most `quota` in `window_seconds`, by key. The name goes on the wire: letters, digits, hyphens."""

    name: str
    quota: int
    window_seconds: int
    on_trust: bool = False

    @property
    def lot(self) -> int:
        return self.quota // LOTS


class Verdict(msgspec.Struct, frozen=True):
    """Whether this once is allowed, how many are left, and in how many seconds the window ends."""

    allowed: bool
    remaining: int
    reset_seconds: int
    limit: Limit


class _OwnWindows:
    """The same windows in this process: the oldest is forgotten when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def take(self, name: str, limit: Limit, cost: int) -> tuple[bool, int, float]:
        now = time.monotonic()
        with self._lock:
            used, until = self._windows.get(name, (0, 0.0))
            if until <= now:
                used, until = 0, now + limit.window_seconds
                self._windows.pop(name, None)
            is_allowed = used + cost <= limit.quota
            if is_allowed:
                used += cost
                self._windows[name] = (used, until)
            while len(self._windows) > WINDOWS:
                self._windows.popitem(last=False)
        return is_allowed, used, until - now


class _Lot(msgspec.Struct):
    """Tokens that are left, those of them that Redis was not asked for, how many the window had used, and when it ends."""

    left: int
    owed: int
    used: int
    until: float


class _Lots:
    """What this process has taken and not yet spent. The oldest is forgotten when there are too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Lot] = OrderedDict()

    def spend(self, name: str, limit: Limit, cost: int) -> tuple[bool, int, float] | None:
        now = time.monotonic()
        with self._lock:
            lot = self._kept.get(name)
            if lot is None or lot.until <= now:
                if not limit.on_trust or limit.lot < cost:
                    return None
                lot = _Lot(limit.lot, limit.lot, limit.lot, now + limit.window_seconds)
                self._put(name, lot)
            if lot.left < cost:
                return None
            lot.left -= cost
            return True, lot.used - lot.left, lot.until - now

    def owed(self, name: str) -> int:
        """What was granted on trust in this window and not counted yet; whoever asks has to count it."""
        with self._lock:
            lot = self._kept.get(name)
            if lot is None or lot.until <= time.monotonic():
                return 0
            owed, lot.owed = lot.owed, 0
            return owed

    def keep(self, name: str, left: int, used: int, seconds: float) -> None:
        """Beside what is left of an earlier lot, which another thread may have fetched meanwhile."""
        now = time.monotonic()
        with self._lock:
            before = self._kept.get(name)
            more = before.left if before is not None and before.until > now else 0
            self._put(name, _Lot(left + more, 0, used, now + seconds))

    def _put(self, name: str, lot: _Lot) -> None:
        self._kept.pop(name, None)
        self._kept[name] = lot
        while len(self._kept) > WINDOWS:
            self._kept.popitem(last=False)


_own = _OwnWindows()
_lots = _Lots()


def take(limit: Limit, key: str, cost: int = 1) -> Verdict:
    """Count `cost` for this key (an address, an account), if there is room for it.

    Never raises for want of Redis. While Redis is gone each process grants the quota by itself, beside the lots
    that it has, so a shop of n processes grants it n times.
    """
    # Hashed: who it was is nobody's business but the shop's.
    digest = blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    name = f"limit:{limit.name}:{limit.quota}:{limit.window_seconds}:{digest}"
    try:
        is_allowed, used, seconds = _lots.spend(name, limit, cost) or _take_a_lot(name, limit, cost)
    except RedisError:
        is_allowed, used, seconds = _own.take(name, limit, cost)
    # In whole milliseconds, as Redis counts: a sum of floats may be a hair longer than its window.
    return Verdict(is_allowed, max(0, limit.quota - used), max(1, math.ceil(round(seconds, 3))), limit)


def headers(verdict: Verdict) -> dict[str, str]:
    """What the client is told (draft-ietf-httpapi-ratelimit-headers-11)."""
    limit = verdict.limit
    told = {
        "RateLimit-Policy": f'"{limit.name}";q={limit.quota};w={limit.window_seconds}',
        "RateLimit": f'"{limit.name}";r={verdict.remaining};t={verdict.reset_seconds}',
    }
    if not verdict.allowed:
        told["Retry-After"] = str(verdict.reset_seconds)
    return told


def _take_a_lot(name: str, limit: Limit, cost: int) -> tuple[bool, int, float]:
    lot = max(cost, limit.lot)
    if lot > cost:
        is_allowed, used, seconds = _take_in_redis(name, limit, lot + _lots.owed(name))
        if is_allowed:
            _lots.keep(name, lot - cost, used, seconds)
            return True, used - lot + cost, seconds
    # The last ones are counted one by one, so that none of them is lost in a lot that does not fit.
    return _take_in_redis(name, limit, cost)


def _take_in_redis(name: str, limit: Limit, cost: int) -> tuple[bool, int, float]:
    arguments = (1, cache.named(name), str(cost), str(limit.quota), str(limit.window_seconds * 1000))
    try:
        answer = cache.redis().evalsha(SCRIPT_SHA, *arguments)
    except NoScriptError:
        answer = cache.redis().eval(SCRIPT, *arguments)
    is_allowed, used, milliseconds = answer
    return bool(is_allowed), int(used), milliseconds / 1000
