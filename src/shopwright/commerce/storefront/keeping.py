"""Pages that are kept for anybody: encoded and digested once, until a fact or the clock makes something else of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shopwright import settings
from shopwright.kit import cache, clock, conditional
from shopwright.kit.cache import Made
from shopwright.kit.db import after_commit, session
from shopwright.kit.http import Answered, Encoded, Headers, encode

NAMESPACE = "storefront"
#: Facts outdate what is kept; this bounds, with its tenth more, how long a lost one is felt.
SECONDS = 25.0
#: A cache between us and the shopper must not show anybody's prices to who has others.
BY_WHO = {"Vary": "Authorization"}


class Page(NamedTuple):
    """What is shown, its `Link` header if it has one, and the next moment at which the clock alone changes it."""

    value: Any
    link: str = ""
    until: datetime | None = None


class _Kept(NamedTuple):
    answer: Answered[Encoded[Any]]
    until: datetime | None


def kept(page: str, query: Any, make: Callable[[], Page], headers: Headers | None = None) -> Answered[Encoded[Any]]:
    """The page from the cache, or made; anew for who asks with `Cache-Control: no-cache`."""

    def fill() -> Made:
        made = make()
        return Made(made.link.encode() + b"\n" + encode(made.value), made.until)

    def read(made: Made) -> _Kept:
        link, _, body = made.value.partition(b"\n")
        said = {"Cache-Control": _shared_for(settings.current().cdn_seconds), **(headers or {})}
        if link:
            said["Link"] = link.decode()
        return _Kept(Answered(Encoded(body, conditional.etag(body, None)), said), made.until)

    found = cache.fetch(NAMESPACE, page + encode(query).decode(), SECONDS, fill, read, conditional.wants_newest())
    return found.answer if found.until is None else _bounded(found.answer, found.until)


def known(name: str, find_out: Callable[[], bool]) -> bool:
    """Something that pages are chosen by, kept as they are."""
    return cache.fetch(
        NAMESPACE, name, SECONDS, lambda: Made(b"yes" if find_out() else b""), lambda made: bool(made.value)
    )


def _bounded(answer: Answered[Encoded[Any]], until: datetime) -> Answered[Encoded[Any]]:
    """Told to other caches for no longer than it holds: in its last second, not at all."""
    left, most = until - clock.now(), settings.current().cdn_seconds
    if left >= timedelta(seconds=most):
        return answer
    whole = max(0, int(left.total_seconds()))
    return Answered(answer.value, {**answer.headers, "Cache-Control": _shared_for(whole)})


def _shared_for(seconds: int) -> str:
    return f"public, s-maxage={seconds}"


def outdate() -> None:
    """Have shoppers see no page that was made before the running transaction's commit."""
    if not session.info.setdefault(NAMESPACE, False):
        session.info[NAMESPACE] = True
        after_commit(lambda: cache.bump(NAMESPACE))
