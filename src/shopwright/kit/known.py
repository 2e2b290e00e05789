"""Public pages that were asked for before: their words lead straight to the endpoint, past Flask's routing and contexts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from shopwright.kit.http import Endpoint

MOST = 2048
LONGEST = 400  # characters: whoever invents words must not fill the memory with them

#: With one of these a request is somebody's own, and takes the whole way.
PERSONAL = ("HTTP_AUTHORIZATION", "HTTP_CART_TOKEN", "HTTP_ORDER_TOKEN")


class Page(msgspec.Struct, frozen=True):
    """An endpoint with what Flask and the schemas made of a path and a query."""

    endpoint: Endpoint
    arguments: dict[str, Any]


class KnownPages:
    """By host, path and query. Only what was answered well is noted, so the host was one of ours and the words were valid."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, str, str], Page] = {}

    def find(self, environ: Mapping[str, Any]) -> Page | None:
        if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in PERSONAL):
            return None
        return self._pages.get(_words(environ))

    def note(self, environ: Mapping[str, Any], page: Page) -> None:
        words = _words(environ)
        if sum(map(len, words)) > LONGEST:
            return
        if len(self._pages) >= MOST:
            self._pages.clear()
        self._pages[words] = page

    def forget(self, environ: Mapping[str, Any]) -> None:
        self._pages.pop(_words(environ), None)


def _words(environ: Mapping[str, Any]) -> tuple[str, str, str]:
    return environ.get("HTTP_HOST", ""), environ["PATH_INFO"], environ.get("QUERY_STRING", "")
