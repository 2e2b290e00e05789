"""The provider as a WSGI application."""

import hmac
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from shopwright.embedded.psp import control_routes, method_routes, movement_routes, pages, refund_routes, routes
from shopwright.embedded.psp.errors import PspError
from shopwright.embedded.psp.requests import EXTENSION, Service, answered, failure
from shopwright.embedded.psp.sending import Sender
from shopwright.embedded.psp.settings import PspSettings, read, timings
from shopwright.embedded.psp.store import Store
from shopwright.kit import logging
from shopwright.settings import process_environment

LARGEST_BODY = 100_000
#: A change of the tables counts on: what was kept for trying things out is not carried over.
FILE = "psp-1.sqlite"


def create_app(settings: PspSettings | None = None, *, sends: bool = True) -> Flask:
    """Unless it `sends`, webhooks are only kept and nothing is decided by itself: whoever embeds it does both."""
    settings = settings or read(process_environment())
    logging.configure(json=True)
    store = Store(Path(settings.data) / FILE, settings.seed, timings(settings))
    service = Service(settings, store, Sender(store, settings.shop_url, settings.secret))
    app = Flask("shopwright.embedded.psp", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_gate(settings.secret))
    app.after_request(_headers)
    app.register_error_handler(PspError, lambda fault: failure(fault.status, fault.code, fault.message))
    app.register_error_handler(HTTPException, _refuse_http)
    app.add_url_rule("/livez", view_func=lambda: answered({"service": "shopwright-psp"}))
    app.extensions[EXTENSION] = service
    for room in (pages, routes, refund_routes, method_routes, movement_routes, control_routes):
        app.register_blueprint(room.routes)
    if sends:
        service.sender.start()
    return app


def _gate(secret: str) -> Callable[[], Response | None]:
    def check() -> Response | None:
        given = request.headers.get("Authorization", "").encode()
        if request.path.startswith("/v1/") and not hmac.compare_digest(given, f"Bearer {secret}".encode()):
            return failure(401, "unauthorized", "Send the secret as a bearer token.")
        return None

    return check


def _headers(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _refuse_http(fault: HTTPException) -> Response:
    return failure(fault.code or 500, fault.name.lower().replace(" ", "_"), fault.description or fault.name)
