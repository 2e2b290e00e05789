"""Declaring endpoints: path, kind, access, schemas and refusals in one place, from which edge and document follow."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from shopwright.kit.access import Access
from shopwright.kit.errors import Problem
from shopwright.kit.ratelimit import Limit
from shopwright.settings import Settings

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])
Method = Literal["POST", "PUT", "PATCH", "DELETE"]
Headers = dict[str, str]
#: What an operator sets is known only when the shop starts.
LimitOf = Limit | Callable[[Settings], Limit]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class Kind(StrEnum):
    """What a route does with transactions: none, one, or several short ones of its own."""

    QUERY = "query"
    COMMAND = "command"
    PHASED = "phased"


class IfMatch(StrEnum):
    IGNORED = "ignored"
    HONOURED = "honoured"
    REQUIRED = "required"


@dataclass(frozen=True)
class Encoded(Generic[T]):
    """A `T` that is already encoded, as hot reads keep it, and its tag, so that nobody digests the same bytes again."""

    body: bytes
    etag: str | None = None


@dataclass(frozen=True)
class Raw:
    """An answer that is not JSON of ours: a page, a picture, metrics."""

    body: bytes
    content_type: str
    headers: Headers = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Answered(Generic[T]):
    """A `T` with headers of its own, where a route needs more than the schema."""

    value: T
    headers: Headers


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Everything that edge and document must know of one route, read once from its declaration and signature."""

    kind: Kind
    method: str
    path: str
    room: str
    function: Callable[..., Any]
    access: Access
    status: int
    errors: tuple[type[Problem], ...]
    if_match: IfMatch
    is_idempotent: bool
    needs_strong_key: bool
    tells_secret: bool
    limit: LimitOf | None
    cache_control: str
    body: type[Any] | None
    query: type[Any] | None
    returns: Any
    summary: str
    description: str

    @property
    def name(self) -> str:
        return f"{self.room}.{self.function.__name__}"

    @property
    def is_for_staff(self) -> bool:
        return self.access.permission is not None

    @property
    def is_public(self) -> bool:
        """Whether others may keep the answer, since it is the same for all who have not said who they are."""
        return self.cache_control != "no-store"

    @property
    def consumes(self) -> str:
        return MERGE_PATCH if self.method == "PATCH" else JSON


class Routes:
    """The endpoints of one file of a room. `room` is also the tag in the document."""

    def __init__(self, room: str, prefix: str = "/v1") -> None:
        self.room = room
        self.prefix = prefix
        self.endpoints: list[Endpoint] = []

    def query(
        self, path: str, *, access: Access, cache_control: str = "no-store", **more: Any
    ) -> Callable[[Function], Function]:
        """A GET: no transaction, an `ETag`, 304. `more`: status, errors, limit. One that returns a `Table` sends a file."""
        return self._declare(Kind.QUERY, "GET", path, access, cache_control=cache_control, **more)

    def command(self, method: Method, path: str, *, access: Access, **more: Any) -> Callable[[Function], Function]:
        """A change: exactly one transaction around the function, with the `Idempotency-Key` and the answer in it.

        `more`: status, errors (refusals that the function may raise), if_match, limit, is_idempotent (False only for
        the exceptions that `tests/test_architecture.py` lists), needs_strong_key (nobody is known yet), tells_secret (the kept
        answer is worth money, so the key that it is sealed with must be strong, whoever asks).
        """
        return self._declare(Kind.COMMAND, method, path, access, **more)

    def phased(self, method: Method, path: str, *, access: Access, **more: Any) -> Callable[[Function], Function]:
        """A change that needs the network in the middle: the function opens its own short transactions."""
        return self._declare(Kind.PHASED, method, path, access, **more)

    def _declare(
        self,
        kind: Kind,
        method: str,
        path: str,
        access: Access,
        *,
        status: int = 200,
        errors: tuple[type[Problem], ...] = (),
        if_match: IfMatch = IfMatch.IGNORED,
        is_idempotent: bool = True,
        needs_strong_key: bool = False,
        tells_secret: bool = False,
        limit: LimitOf | None = None,
        cache_control: str = "no-store",
    ) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            self.endpoints.append(
                Endpoint(
                    kind=kind,
                    method=method,
                    path=self.prefix + path,
                    room=self.room,
                    function=function,
                    access=access,
                    errors=errors,
                    if_match=if_match,
                    is_idempotent=is_idempotent and kind is not Kind.QUERY,
                    needs_strong_key=needs_strong_key or tells_secret,
                    tells_secret=tells_secret,
                    limit=limit,
                    cache_control=cache_control,
                    **_read(function, status),
                )
            )
            return function

        return register


def _read(function: Callable[..., Any], status: int) -> dict[str, Any]:
    """What signature and docstring say."""
    hints = get_type_hints(function, include_extras=True)
    returns = hints.get("return", type(None))
    summary, _, description = (inspect.getdoc(function) or "").partition("\n")
    return {
        "status": 204 if returns is type(None) else status,
        "body": hints.get("body"),
        "query": hints.get("query"),
        "returns": _schema_of(returns),
        "summary": summary.rstrip("."),
        "description": description.strip(),
    }


def _schema_of(returns: Any) -> Any:
    """What is on the wire: the `T` of `Encoded[T]`, `Answered[T]` and `Answered[Encoded[T]]`."""
    return _schema_of(get_args(returns)[0]) if get_origin(returns) in (Encoded, Answered) else returns


def encode(value: Any) -> bytes:
    return msgspec.json.encode(value)
