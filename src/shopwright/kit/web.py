"""What every request meets around the endpoints: proxies, hosts, request ids, headers, logs, refusals."""

import re
import time
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from random import getrandbits
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from shopwright.kit import errors, logging, metrics
from shopwright.kit.errors import Problem
from shopwright.kit.http import encode
from shopwright.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
             "HTTP_X_FORWARDED_PREFIX", "HTTP_FORWARDED", "HTTP_X_REQUEST_START")  # fmt: skip
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
ALLOWED_TO_READ = [
    ("Access-Control-Expose-Headers", "ETag, Link, Retry-After, X-Request-ID, Idempotent-Replayed"),
]
ALLOWED_BEFORE_ASKING = [
    *ALLOWED_TO_READ,
    ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Type, Cart-Token, Order-Token, Idempotency-Key, If-Match, If-None-Match",
    ),
    ("Access-Control-Max-Age", "600"),
]
SLOW_SECONDS = 0.2
POLICY = "Content-Security-Policy"
HSTS = "max-age=31536000; includeSubDomains"
#: In the WSGI environment: the id of the request, its endpoint, and headers that its answer carries, whatever it is.
REQUEST_ID_KEY = "shopwright.request_id"
ENDPOINT_KEY = "shopwright.endpoint"
HEADERS_KEY = "shopwright.headers"
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
PROBLEM_OF_STATUS: dict[int, type[Problem]] = {
    400: errors.MalformedRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
}

log = logging.get("web")


class Whole(Response):
    """An answer that goes out as it stands, in one piece.

    Werkzeug would copy and check each header three times, which takes as long as all the rest of a cached page; and a server
    sends a list of bytes at once, where it asks an iterator for piece after piece.
    """

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._status, self._status_code = STATUS_LINES[status], status
        self.pairs = headers
        self.body = body

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        if self._status_code not in (204, 304):
            self.pairs.append(("Content-Length", str(len(self.body))))
        start_response(self._status, self.pairs)
        return [self.body] if environ["REQUEST_METHOD"] != "HEAD" else []


class TrustedProxies:
    """Believe `X-Forwarded-*` and `X-Request-Start` only from proxies that the settings name (S22).

    From anyone else they are taken off.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.untouched = app
        self.forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self.networks = settings.proxy_networks
        # Proxies are few, and an address is judged for longer than all else takes here.
        self._is_trusted = lru_cache(maxsize=1024)(self._is_in_networks)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self.networks and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self.forwarded(environ, start_response)
        for header in FORWARDED:
            environ.pop(header, None)
        return self.untouched(environ, start_response)

    def _is_in_networks(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


class AroundAll:
    """What every request meets: an id on its way in; on its way out the headers that every answer has, a count, a line in the log.

    It stands outside of Flask, whose hooks and `Headers` cost several times as much.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        fixed = SECURITY_HEADERS | ({"Strict-Transport-Security": HSTS} if settings.is_production else {})
        self.with_policy = list(fixed.items())
        self.beside_policy = [pair for pair in self.with_policy if pair[0] != POLICY]
        self.origins = settings.cors_origins

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        began = time.perf_counter()
        sent = environ.get("HTTP_X_REQUEST_ID")
        # Not from the system: asking it lets other threads in, and an id of a request is no secret.
        request_id = sent if sent and REQUEST_ID.fullmatch(sent) else f"{getrandbits(128):032x}"
        environ[REQUEST_ID_KEY] = request_id

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            # A page or picture has a policy of its own.
            has_policy = any(name == POLICY for name, _ in headers)
            headers += self.beside_policy if has_policy else self.with_policy
            headers.append(("X-Request-ID", request_id))
            headers += environ.get(HEADERS_KEY, ())
            if self.origins:
                _allow_origin(environ, headers, self.origins)
            _note(environ, int(status[:3]), time.perf_counter() - began)
            return start_response(status, headers, *more)

        logging.of_request(request_id)
        try:
            return self.app(environ, start)
        finally:
            logging.of_request(None)


def surround(app: Flask, settings: Settings) -> None:
    """Put all of this around the app's routes."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["TRUSTED_HOSTS"] = list(settings.allowed_hosts) or None
    app.wsgi_app = AroundAll(TrustedProxies(app.wsgi_app, settings), settings)  # type: ignore[method-assign]  # see Flask's manual
    # All of ours are plain functions, and Flask would look for that in each of them by each request.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse)


def _allow_origin(environ: dict[str, Any], headers: list[tuple[str, str]], origins: tuple[str, ...]) -> None:
    headers.append(("Vary", "Origin"))
    origin = environ.get("HTTP_ORIGIN")
    if origin not in origins:
        return
    headers.append(("Access-Control-Allow-Origin", origin))
    headers += ALLOWED_BEFORE_ASKING if environ["REQUEST_METHOD"] == "OPTIONS" else ALLOWED_TO_READ


def _note(environ: dict[str, Any], status: int, seconds: float) -> None:
    method, rule = environ["REQUEST_METHOD"], _route(environ)
    metrics.observe(method, rule, status, seconds)
    # The metrics count them; a line for each of the many reads would cost a tenth of them.
    if method != "GET" or status >= 400 or seconds >= SLOW_SECONDS:
        # The rule and not the path: a path may hold what is nobody's business.
        log.info("request", method=method, route=rule, status=status, ms=round(1000 * seconds, 1))


def refused(fault: Exception, environ: dict[str, Any]) -> Whole:
    """The answer to a request that ended with this fault."""
    if isinstance(fault, Problem):
        return _refused(fault, environ)
    if isinstance(fault, DBAPIError) and fault.connection_invalidated:
        # The database went away in a phase of its own; the repeat with the same key goes on from there.
        return _refused(errors.Unavailable(), environ)
    log.error("unexpected", route=_route(environ), exc_info=fault)
    return _refused(errors.InternalError(), environ)


def _refused(problem: Problem, environ: dict[str, Any]) -> Whole:
    if problem.status in (401, 403):
        method = environ["REQUEST_METHOD"]
        logging.security("access.denied", reason=problem.code(), method=method, path=_route(environ))
    endpoint = environ.get(ENDPOINT_KEY)
    if endpoint is not None and environ.get("shopwright.strict"):
        from shopwright.kit.openapi import refusals_of

        assert type(problem) in refusals_of(endpoint), f"{endpoint.name} does not declare {type(problem).__name__}"
    body = {
        "type": f"/problems/{problem.code()}",
        "title": problem.title(),
        "status": problem.status,
        "detail": problem.text,
        "code": problem.code(),
        # As the standard for servers has it, the bytes of the path stand in it as if they were Latin-1.
        "instance": environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        "request_id": environ.get(REQUEST_ID_KEY, ""),
        **problem.facts,
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **problem.headers}
    return Whole(problem.status, [*headers.items()], encode(body))


def _refuse(fault: Exception) -> Response:
    return refused(fault, request.environ)


def _refuse_http(fault: HTTPException) -> Response:
    if fault.code is not None and 300 <= fault.code < 400:
        return fault.get_response()  # type: ignore[return-value]  # Werkzeug's own redirects
    problem = PROBLEM_OF_STATUS.get(fault.code or 500, errors.MalformedRequest)()
    answered = fault.get_response()
    problem.headers |= {
        name: answered.headers[name]
        for name in ("Allow", "WWW-Authenticate", "Retry-After")
        if name in answered.headers
    }
    return refused(problem, request.environ)


def _route(environ: dict[str, Any]) -> str:
    endpoint = environ.get(ENDPOINT_KEY)
    if endpoint is not None:
        return str(endpoint.path)
    # A page that is no endpoint of ours: Flask knows its rule.
    asked = environ.get("werkzeug.request")
    return asked.url_rule.rule if asked is not None and asked.url_rule is not None else "(none)"
