"""The provider's API. All of it needs the secret as a bearer token."""

import re
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from flask import Blueprint, Response, request

from shopwright.embedded.psp import disputes, keys, methods, movements, payments, refunds, wire
from shopwright.embedded.psp.errors import invalid
from shopwright.embedded.psp.models import Method, Payment, Refund
from shopwright.embedded.psp.requests import Service, answered, idempotency_key
from shopwright.embedded.psp.scenarios import Operation
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Doc

T = TypeVar("T")
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+", re.ASCII)


def body(wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(request.get_data(), type=wanted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise invalid(str(fault)) from None


def return_url(url: str) -> None:
    """Raises `PspError` for what no browser should be sent to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise invalid("The return_url is no address.") from None
    if url and (parts.scheme not in ("http", "https") or not HOST.fullmatch(parts.netloc)):
        raise invalid("The return_url needs to be an address with http or https.")


def payment_routes(service: Service) -> Blueprint:
    routes = Blueprint("payments", __name__, url_prefix="/v1/payments")

    def shown(desk: Desk, payment: Payment) -> Doc:
        return payments.shown(desk, payment, request.host_url.rstrip("/"))

    @routes.post("")
    def pay() -> Response:
        key, asked = idempotency_key(), body(wire.Pay)
        return_url(asked.return_url)
        try:
            key = str(UUID(key))
        except ValueError:
            raise invalid("The Idempotency-Key of a payment is its reference, a UUID.") from None
        return service.answer(
            Operation.PAY, key, lambda _: asked.token, lambda desk: shown(desk, payments.pay(desk, key, asked)), 201
        )

    @routes.get("")
    def by_reference() -> Response:
        reference = request.args.get("reference", "")
        return service.answer(
            Operation.LOOKUP, reference,
            lambda desk: keys.token_of(desk, Operation.PAY, reference),
            lambda desk: shown(desk, payments.find_by_reference(desk, reference)),
        )  # fmt: skip

    @routes.get("/<payment_id>")
    def by_id(payment_id: str) -> Response:
        with service.store.desk() as desk:
            reference = payments.find(desk, payment_id).reference
        return service.answer(
            Operation.LOOKUP, reference,
            lambda desk: payments.find(desk, payment_id).token,
            lambda desk: shown(desk, payments.find(desk, payment_id)),
        )  # fmt: skip

    @routes.post("/<payment_id>/capture")
    def capture(payment_id: str) -> Response:
        key, asked = idempotency_key(), body(wire.Capture)
        return service.answer(
            Operation.CAPTURE, key,
            lambda desk: payments.find(desk, payment_id).token,
            lambda desk: shown(desk, payments.capture(desk, key, payment_id, asked)),
        )  # fmt: skip

    @routes.post("/<payment_id>/void")
    def void(payment_id: str) -> Response:
        key = idempotency_key()
        return service.answer(
            Operation.VOID, key,
            lambda desk: payments.find(desk, payment_id).token,
            lambda desk: shown(desk, payments.void(desk, key, payment_id)),
        )  # fmt: skip

    @routes.post("/<payment_id>/decide")
    def decide(payment_id: str) -> Response:
        succeeds = body(wire.Decide).outcome == "succeed"
        with service.store.desk() as desk:
            doc = shown(desk, payments.decide(desk, payment_id, succeeds=succeeds))
        service.sender.wake()
        return answered(doc)

    @routes.post("/<payment_id>/dispute")
    def dispute(payment_id: str) -> Response:
        asked = body(wire.DisputePayment)
        with service.store.desk() as desk:
            moved = disputes.move(desk, payment_id, asked.state)
            doc = wire.dispute(moved, payments.find(desk, payment_id))
        service.sender.wake()
        return answered(doc)

    return routes


def refund_routes(service: Service) -> Blueprint:
    routes = Blueprint("refunds", __name__, url_prefix="/v1/refunds")

    def shown(desk: Desk, refund: Refund) -> Doc:
        return wire.refund(refund, payments.find(desk, refund.payment_id))

    @routes.post("")
    def refund() -> Response:
        key, asked = idempotency_key(), body(wire.GiveBack)
        return service.answer(
            Operation.REFUND, key,
            lambda desk: payments.find(desk, asked.payment_id).token,
            lambda desk: shown(desk, refunds.refund(desk, key, asked)), 201,
        )  # fmt: skip

    @routes.get("/<refund_id>")
    def by_id(refund_id: str) -> Response:
        with service.store.desk() as desk:
            return answered(shown(desk, refunds.find(desk, refund_id)))

    @routes.post("/<refund_id>/decide")
    def decide(refund_id: str) -> Response:
        succeeds = body(wire.Decide).outcome == "succeed"
        with service.store.desk() as desk:
            doc = shown(desk, refunds.decide(desk, refund_id, succeeds=succeeds))
        service.sender.wake()
        return answered(doc)

    return routes


def method_routes(service: Service) -> Blueprint:
    routes = Blueprint("methods", __name__, url_prefix="/v1/methods")

    def shown(method: Method) -> Doc:
        return wire.method(method, request.host_url.rstrip("/"))

    @routes.post("")
    def save() -> Response:
        key, asked = idempotency_key(), body(wire.SaveMethod)
        return_url(asked.return_url)
        if not asked.token.startswith("tok_"):
            raise invalid("A method is saved from a token.")
        return service.answer(
            Operation.METHOD, key, lambda _: asked.token, lambda desk: shown(methods.save(desk, key, asked)), 201
        )

    @routes.get("")
    def of_customer() -> Response:
        with service.store.desk() as desk:
            found = methods.of_customer(desk, request.args.get("customer_ref", ""))
        return answered({"items": [shown(method) for method in found]})

    @routes.get("/<method_id>")
    def by_id(method_id: str) -> Response:
        with service.store.desk() as desk:
            return answered(shown(methods.find(desk, method_id)))

    @routes.delete("/<method_id>")
    def forget(method_id: str) -> Response:
        with service.store.desk() as desk:
            methods.forget(desk, method_id)
        return Response(status=204)

    return routes


def book_routes(service: Service) -> Blueprint:
    """For reconciliation."""
    routes = Blueprint("books", __name__, url_prefix="/v1")

    def span() -> tuple[int, int]:
        try:
            return wire.microseconds(request.args["since"]), wire.microseconds(request.args["until"])
        except (KeyError, ValueError):
            raise invalid("Name since and until, each a date and time with its zone.") from None

    @routes.get("/movements")
    def listed() -> Response:
        with service.store.desk() as desk:
            return answered({"items": movements.listed(desk, *span())})

    @routes.get("/settlement.csv")
    def settlement() -> Response:
        with service.store.desk() as desk:
            return Response(movements.settlement(desk, *span()), content_type="text/csv; charset=utf-8")

    return routes
