"""The codes of gift cards: who knows one may spend it, so it is random, shown once, kept hashed, and guessing is slow."""

import secrets

from shopwright import settings
from shopwright.kit import ids, logging, ratelimit
from shopwright.kit.errors import TooManyRequests

#: No two that look alike when read aloud, written by hand or printed small.
ALPHABET = "ACDEFGHJKLMNPQRTUVWXY34679"
#: Of 26 characters, 94 bits.
LENGTH = 20
GROUP = 5


def make() -> str:
    """A new code, in groups: `AHR7X-…`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def hash_of(code: str) -> bytes:
    """What is kept of a code, however it was typed."""
    return ids.hashed("".join(sign for sign in code.upper() if sign.isalnum()))


def slow_down(address: str) -> None:
    """Count one try of a code from this address, right or wrong; raises `TooManyRequests`."""
    limit = ratelimit.Limit("gift-card-codes", settings.current().gift_card_tries_per_minute, 60)
    verdict = ratelimit.take(limit, address)
    if not verdict.allowed:
        logging.security("credit.slowed_down")
        raise TooManyRequests(headers=ratelimit.headers(verdict))
