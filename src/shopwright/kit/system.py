"""What operators and developers ask of any service: health, metrics, pictures, the document and its page, reasons."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from flask import Flask, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shopwright.kit import errors, health, metrics, openapi, storage, verification_runs
from shopwright.kit.access import Anyone, requires
from shopwright.kit.http import Endpoint, Raw, Routes
from shopwright.kit.verification import Drift, Unchecked
from shopwright.kit.wire import Out

routes = Routes("system", prefix="")

DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
SWAGGER = Path(__file__).parent / "static"
DESCRIPTION = """\
A shop over HTTP. Amounts are whole minor units with their currency, times are RFC 3339 in UTC, refusals are
problem details (RFC 9457) with a stable `type`, and every unsafe request carries an `Idempotency-Key`.

A guest holds a cart by its `Cart-Token` and an order by its `Order-Token`; a customer signs in for an access token.
"""


class Alive(Out):
    alive: bool


class VerificationRun(Out):
    """What was found where rows say something else than their ledgers; `found` counts those that `drifts` leaves out, too."""

    at: datetime
    seconds: float
    found: int
    drifts: list[Drift]
    unchecked: list[Unchecked]


class Verification(Out):
    """`last_run` is absent before the first night."""

    last_run: VerificationRun | None


class ProblemType(Out):
    """One reason for which the shop refuses."""

    type: str
    title: str
    status: int
    detail: str


@routes.query("/livez", access=Anyone)
def livez() -> Alive:
    """Say that the process lives."""
    return Alive(alive=True)


@routes.query("/readyz", access=Anyone)
def readyz() -> health.Health:
    """Say whether customers may be sent here.

    503 while the database does not answer. Without Redis the shop goes on, slower, and says `degraded`.
    """
    found = health.examine()
    if not found.ready:
        raise errors.Unavailable(checks=msgspec.to_builtins(found.checks))
    return found


@routes.query("/metrics", access=Anyone)
def show_metrics() -> Raw:
    """Show the metrics in Prometheus' text format; without those that the database knows while it does not answer."""
    try:
        watched = metrics.watched()
    except (DBAPIError, PoolTimeout):
        watched = b""
    return Raw(metrics.exposition() + watched, "text/plain; version=0.0.4; charset=utf-8")


@routes.query("/v1/admin/verification", access=requires("system:read"))
def show_verification() -> Verification:
    """Show what the last nightly verification of the ledgers found."""
    run = verification_runs.last()
    return Verification(last_run=None if run is None else msgspec.convert(run, VerificationRun, from_attributes=True))


@routes.query("/problems/<code>", access=Anyone, cache_control="public, max-age=3600")
def explain(code: str) -> ProblemType:
    """Explain a reason for which the shop refuses: what the `type` of a problem leads to."""
    for problem in errors.all_problems():
        if problem.code() == code:
            return ProblemType(
                type=f"/problems/{code}", title=problem.title(), status=problem.status, detail=problem.detail
            )
    raise errors.NotFound()


@routes.query("/media/<path:key>", access=Anyone, cache_control="public, max-age=31536000, immutable")
def show_medium(key: str) -> Raw:
    """Show a stored picture."""
    try:
        stored = storage.get(key)
    except storage.NotStored:
        raise errors.NotFound() from None
    # A picture may come from anywhere: whatever it holds, it may not act.
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "ETag": f'"{stored.etag}"',
    }
    return Raw(stored.data, stored.content_type, headers)


def publish(app: Flask, endpoints: list[Endpoint], *, version: str) -> None:
    """Serve the document, and the page to read and try it, from this process alone."""

    @lru_cache(maxsize=1)
    def document() -> bytes:
        made = openapi.document(endpoints, title="Shopwright", version=version, description=DESCRIPTION)
        return msgspec.json.format(msgspec.json.encode(made), indent=2)

    @app.get("/openapi.json")
    def openapi_document() -> Response:
        return Response(document(), content_type="application/json")

    @app.get("/docs")
    def docs() -> Response:
        page = Response((SWAGGER / "docs.html").read_bytes(), content_type="text/html; charset=utf-8")
        page.headers["Content-Security-Policy"] = DOCS_CSP
        return page

    @app.get("/docs/<name>")
    def docs_file(name: str) -> Response:
        types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
        file = SWAGGER / Path(name).name
        if file.suffix not in types or not file.is_file():
            raise errors.NotFound()
        answer = Response(file.read_bytes(), content_type=types[file.suffix])
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer
