"""The pages that people see: the second step of a payment or a saved method, and the list of scenarios."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from shopwright.embedded.psp import methods, payments
from shopwright.embedded.psp.errors import invalid
from shopwright.embedded.psp.models import NEEDS_ACTION
from shopwright.embedded.psp.requests import service
from shopwright.embedded.psp.scenarios import ALWAYS, FAULTS, FLAKY, FLAKY_SAYS, MARKS, MEANS, Operation
from shopwright.embedded.psp.store import Desk
from shopwright.kit.money import Money

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'{}; base-uri 'none'; frame-ancestors 'none'"

routes = Blueprint("pages", __name__)


def catalog() -> list[tuple[str, str]]:
    """Each token and scenario with what it does, as the page and the guide list them."""
    tokens = [(f"tok_{name}", says) for name, says in MEANS.items()]
    faults = [(f"~{name}", f"{says} {_times(count)}") for name, (count, says) in FAULTS.items()]
    return [*tokens, *faults, (f"~{FLAKY}", FLAKY_SAYS), *((f"~{name}", says) for name, says in MARKS.items())]


def _times(count: int) -> str:
    return "Every time." if count == ALWAYS else "The first time."


@routes.get("/")
def scenarios_page() -> Response:
    page = render_template(
        "scenarios.html", rows=catalog(), operations=[o for o in Operation if o is not Operation.PAY]
    )
    return _page(page)


@routes.get("/style.css")
def style() -> Response:
    return Response(render_template("style.css"), content_type="text/css; charset=utf-8")


@routes.get("/pay/<subject>")
def ask(subject: str) -> Response:
    with service().store.desk() as desk:
        facts = _facts(desk, subject)
    return _page(render_template("pay.html", **facts), _origin(facts["return_url"]))


@routes.post("/pay/<subject>")
def decide(subject: str) -> AnyResponse:
    outcome = request.form.get("outcome")
    if outcome not in ("succeed", "fail"):
        raise invalid("Say outcome=succeed or outcome=fail.")
    with service().store.desk() as desk:
        room = methods if subject.startswith("pm_") else payments
        if _facts(desk, subject)["is_open"]:
            room.decide(desk, subject, succeeds=outcome == "succeed")
        facts = _facts(desk, subject)
    service().sender.wake()
    if facts["return_url"]:
        return redirect(facts["return_url"], 303)
    return _page(render_template("pay.html", **facts))


def _facts(desk: Desk, subject: str) -> dict[str, str]:
    if subject.startswith("pm_"):
        method = methods.find(desk, subject)
        return _about(method.state, f"Save a {method.brand} card ending in {method.last4}", "")
    payment = payments.find(desk, subject)
    amount = f"{Money(payment.amount, payment.currency).to_decimal()} {payment.currency}"
    order = f" for order {payment.order_number}" if payment.order_number else ""
    return _about(payment.state, f"Pay {amount}{order}", payment.return_url)


def _about(state: str, what: str, return_url: str) -> dict[str, str]:
    return {"what": what, "state": state, "is_open": "yes" if state == NEEDS_ACTION else "", "return_url": return_url}


def _origin(url: str) -> str:
    # The answer to the form sends the browser there, and browsers hold that against form-action too.
    parts = urlsplit(url)
    return f" {parts.scheme}://{parts.netloc}" if url else ""


def _page(html: str, origin: str = "") -> Response:
    page = make_response(html)
    page.headers["Content-Security-Policy"] = POLICY.format(origin)
    page.headers["Cache-Control"] = "no-store"
    return page
