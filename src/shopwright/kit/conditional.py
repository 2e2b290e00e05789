"""Lost updates: `ETag` out, `If-Match` in (RFC 9110 §13). The version is compared under the row's lock.

And copies: whether a client's is still good, and whether it wants one at all.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from shopwright.kit.errors import Problem


class PreconditionFailed(Problem):
    status = 412
    detail = "Somebody changed this since you read it. Read it again and send its new ETag in If-Match."


class PreconditionRequired(Problem):
    status = 428
    detail = "Send the ETag of what you read in If-Match, so that nobody's change is lost."


_if_match: ContextVar[str | None] = ContextVar("if_match", default=None)
_was_compared: ContextVar[bool] = ContextVar("if_match_compared", default=False)
_wants_newest: ContextVar[bool] = ContextVar("wants_newest", default=False)


def expect(if_match: str | None) -> None:
    """Keep what the request asked for, until the service has the row and its lock. Called by the edge."""
    _if_match.set(if_match)
    _was_compared.set(False)


def check(version: int) -> None:
    """Refuse when the client saw another version of the row. Call it with the row locked, before changing it.

    Raises `PreconditionFailed`.
    """
    _was_compared.set(True)
    wanted = _if_match.get()
    if wanted is None or wanted.strip() == "*":
        return
    tags = [tag.strip().strip('"') for tag in wanted.split(",")]
    if not any(tag.split(".")[0] == f"v{version}" for tag in tags):
        raise PreconditionFailed()


def was_compared() -> bool:
    return _was_compared.get()


def etag(body: bytes, version: int | None) -> str:
    """A strong validator: the bytes decide whether a copy is fresh, the version whether an edit is on the newest.

    Both stand in one tag, since what is shown beside a row (prices, stock) may change without the row.
    """
    return f'"v{version}.{_digest(body)}"' if version is not None else f'"{_digest(body)}"'


@lru_cache(maxsize=256)
def _digest(body: bytes) -> str:
    # A hot page is the same object for many requests, and Python keeps an object's own hash: it is digested once.
    return blake2b(body, digest_size=12).hexdigest()


def is_fresh(if_none_match: str | None, tag: str) -> bool:
    """Whether the client's copy is still good (RFC 9110 §13.1.2, weak comparison)."""
    if if_none_match is None:
        return False
    tags = [seen.strip().removeprefix("W/") for seen in if_none_match.split(",")]
    return tag in tags or "*" in tags


def expect_newest(environ: Mapping[str, Any]) -> None:
    """Keep whether the request wants no copy of anybody's. Called by the edge."""
    _wants_newest.set("no-cache" in environ.get("HTTP_CACHE_CONTROL", ""))


def wants_newest() -> bool:
    """Whether who asks will have no copy, however young (RFC 9111 §5.2.1.4)."""
    return _wants_newest.get()
