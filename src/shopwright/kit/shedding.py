"""Requests that stood in line for so long that nobody waits for them any more are refused before they cost anything.

A WSGI program sees a request when one of its threads takes it up, and cannot see the line before that. The proxy in front
can say when it had the request: `X-Request-Start`, in seconds, milli- or microseconds since 1970, with or without `t=`.
"""

import math
import time
from collections.abc import Iterable
from typing import Any

from shopwright.kit import metrics
from shopwright.kit.errors import Unavailable
from shopwright.kit.web import refused

HEADER = "HTTP_X_REQUEST_START"
#: Operators and their probes must get through when nobody else does.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
REFUSAL = "The shop has more to do than it can just now. Try again shortly."
#: No moment is told in so many seconds; divided by a thousand, no moment after 1973 in so many milliseconds.
TOO_MANY_SECONDS = 1e11


class Shedding:
    """Around the app, inside of what takes the header off that a stranger sent."""

    def __init__(self, app: Any, longest_wait_ms: int) -> None:
        self.app = app
        self.longest = longest_wait_ms / 1000

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = environ.get(HEADER)
        if sent is None:
            return self.app(environ, start_response)  # type: ignore[no-any-return]  # a WSGI app answers with bytes
        waited = seconds_since(sent)
        is_shed = waited is not None and waited > self.longest and environ["PATH_INFO"] not in PROBES
        if waited is not None:
            metrics.observe_wait(waited, is_shed=is_shed)
        answer = refused(Unavailable(REFUSAL), environ) if is_shed else self.app
        return answer(environ, start_response)


def seconds_since(sent: str) -> float | None:
    """How long ago that was; none if it is no moment. Of clocks that differ, the proxy's may be ahead: then it is 0."""
    try:
        moment = float(sent.removeprefix("t="))
    except ValueError:
        return None
    if not math.isfinite(moment):
        return None
    while moment > TOO_MANY_SECONDS:
        moment /= 1000
    return max(0.0, time.time() - moment)
