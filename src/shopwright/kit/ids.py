"""Names for rows and secrets for people: ids that sort by birth, tokens that nobody guesses."""

import hashlib
import secrets
from threading import Lock
from uuid import UUID

from shopwright.kit import clock

_RANDOM_BITS = 62
_lock = Lock()
_last = 0


def new() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7). Each is greater than all that this process made before it.

    The 12 bits after the milliseconds hold the fraction of one (§6.2, method 3). Calls within the same
    quarter of a microsecond, or after the clock went back, count on from the last one, so ids may run ahead
    of the clock but never back.
    """
    global _last
    stamp = _stamp()
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    milliseconds, fraction = stamp >> 12, stamp & 0xFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(_RANDOM_BITS))


def derived(*parts: object) -> UUID:
    """The same id for the same parts, always: what may be told twice is named by what it tells (RFC 9562 §5.8)."""
    digest = hashlib.blake2b("\x00".join(map(str, parts)).encode(), digest_size=16).digest()
    bits = int.from_bytes(digest)
    return UUID(int=bits & ~(0xF << 76) & ~(0b11 << 62) | 0x8 << 76 | 0b10 << 62)


def secret_token(bits: int = 256) -> str:
    """A random token of at least this many bits, safe in a URL."""
    return secrets.token_urlsafe((bits + 7) // 8)


def hashed(token: str) -> bytes:
    """What is stored of a token: its SHA-256. Enough for random tokens, never for passwords."""
    return hashlib.sha256(token.encode()).digest()


def _stamp() -> int:
    """Milliseconds since 1970 in the upper bits, 4096ths of one in the lower twelve."""
    moment = clock.now()
    milliseconds = int(moment.timestamp()) * 1000 + moment.microsecond // 1000
    return milliseconds << 12 | (moment.microsecond % 1000) * 4096 // 1000
