"""What every request meets around the endpoints: proxies, hosts, request ids, headers, logs, refusals."""

import re
import time
from ipaddress import ip_address
from os import urandom
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from shopwright.kit import errors, logging, metrics
from shopwright.kit.errors import Problem
from shopwright.kit.http import encode
from shopwright.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
             "HTTP_X_FORWARDED_PREFIX", "HTTP_FORWARDED")  # fmt: skip
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SLOW_SECONDS = 0.2
POLICY = "Content-Security-Policy"
HSTS = "max-age=31536000; includeSubDomains"
#: In the WSGI environment: the id of the request, and headers that its answer carries, whatever it is.
REQUEST_ID_KEY = "shopwright.request_id"
HEADERS_KEY = "shopwright.headers"
PROBLEM_OF_STATUS: dict[int, type[Problem]] = {
    400: errors.MalformedRequest,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
}

log = logging.get("web")


class TrustedProxies:
    """Believe `X-Forwarded-*` only from proxies that the settings name; from anyone else they are taken off (S22)."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.untouched = app
        self.forwarded = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self.networks = settings.proxy_networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if self.networks and self._is_trusted(environ.get("REMOTE_ADDR", "")):
            return self.forwarded(environ, start_response)
        for header in FORWARDED:
            environ.pop(header, None)
        return self.untouched(environ, start_response)

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


class HeadersOfAll:
    """The request's id, and the headers that every answer has.

    They are put on outside of Flask, whose `Headers` would look at each of them again.
    """

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        fixed = SECURITY_HEADERS | ({"Strict-Transport-Security": HSTS} if settings.is_production else {})
        self.with_policy = list(fixed.items())
        self.beside_policy = [pair for pair in self.with_policy if pair[0] != POLICY]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        sent = environ.get("HTTP_X_REQUEST_ID")
        request_id = sent if sent and REQUEST_ID.fullmatch(sent) else urandom(16).hex()
        environ[REQUEST_ID_KEY] = request_id

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            # A page or picture has a policy of its own.
            has_policy = any(name == POLICY for name, _ in headers)
            headers += self.beside_policy if has_policy else self.with_policy
            headers.append(("X-Request-ID", request_id))
            headers += environ.get(HEADERS_KEY, ())
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
    app.wsgi_app = HeadersOfAll(TrustedProxies(app.wsgi_app, settings), settings)  # type: ignore[method-assign]
    # All of ours are plain functions, and Flask would look for that in each of them by each request.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.before_request(_begin)
    if settings.cors_origins:
        app.after_request(_cors(settings.cors_origins))
    app.after_request(_finish)
    app.register_error_handler(Problem, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.register_error_handler(Exception, _refuse_unexpected)


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = request.environ[REQUEST_ID_KEY]


def _cors(origins: tuple[str, ...]) -> Any:
    def add(response: Response) -> Response:
        _allow_origin(response, origins)
        return response

    return add


def _allow_origin(response: Response, origins: tuple[str, ...]) -> None:
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Request-ID, Idempotent-Replayed"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = (
            "Authorization, Content-Type, Cart-Token, Order-Token, Idempotency-Key, If-Match, If-None-Match"
        )
        response.headers["Access-Control-Max-Age"] = "600"


def _finish(response: Response) -> Response:
    rule, method = _route(), request.method
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    metrics.observe(method, rule, response.status_code, seconds)
    if method == "GET" and response.status_code < 400 and seconds < SLOW_SECONDS:
        # The metrics count it; a line for each of the many reads would cost a tenth of them.
        return response
    # The rule and not the path: a path may hold what is nobody's business.
    log.info("request", method=method, route=rule, status=response.status_code, ms=round(1000 * seconds, 1))
    return response


def _refuse(problem: Problem) -> Response:
    if problem.status in (401, 403):
        logging.security("access.denied", reason=problem.code(), method=request.method, path=_route())
    endpoint = g.get("endpoint")
    if endpoint is not None and request.environ.get("shopwright.strict"):
        from shopwright.kit.openapi import refusals_of

        assert type(problem) in refusals_of(endpoint), f"{endpoint.name} does not declare {type(problem).__name__}"
    body = {
        "type": f"/problems/{problem.code()}",
        "title": problem.title(),
        "status": problem.status,
        "detail": problem.text,
        "code": problem.code(),
        "instance": request.path,
        "request_id": request.environ.get(REQUEST_ID_KEY, ""),
        **problem.facts,
    }
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **problem.headers}
    return Response(encode(body), status=problem.status, headers=headers)


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
    return _refuse(problem)


def _refuse_unexpected(fault: Exception) -> Response:
    if isinstance(fault, DBAPIError) and fault.connection_invalidated:
        # The database went away in a phase of its own; the repeat with the same key goes on from there.
        return _refuse(errors.Unavailable())
    log.error("unexpected", route=_route(), exc_info=fault)
    return _refuse(errors.InternalError())


def _route() -> str:
    rule = request.url_rule
    return rule.rule if rule else "(none)"
