"""Payments. All of the API needs the secret as a bearer token."""

from uuid import UUID

from flask import Blueprint, Response, request

from shopwright.embedded.psp import disputes, keys, payments, wire
from shopwright.embedded.psp.errors import invalid
from shopwright.embedded.psp.models import Payment
from shopwright.embedded.psp.requests import answered, body, check_address, idempotency_key, service
from shopwright.embedded.psp.scenarios import Operation
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Doc

routes = Blueprint("payments", __name__, url_prefix="/v1/payments")


def shown(desk: Desk, payment: Payment) -> Doc:
    return payments.shown(desk, payment, request.host_url.rstrip("/"))


@routes.post("")
def pay() -> Response:
    key, asked = idempotency_key(), body(wire.Pay)
    check_address(asked.return_url)
    try:
        key = str(UUID(key))
    except ValueError:
        raise invalid("The Idempotency-Key of a payment is its reference, a UUID.") from None
    return service().answer(
        Operation.PAY, key, lambda _: asked.token, lambda desk: shown(desk, payments.pay(desk, key, asked)), 201
    )


@routes.get("")
def by_reference() -> Response:
    reference = request.args.get("reference", "")
    return service().answer(
        Operation.LOOKUP, reference,
        lambda desk: keys.token_of(desk, Operation.PAY, reference),
        lambda desk: shown(desk, payments.find_by_reference(desk, reference)),
    )  # fmt: skip


@routes.get("/<payment_id>")
def by_id(payment_id: str) -> Response:
    with service().store.desk() as desk:
        reference = payments.find(desk, payment_id).reference
    return service().answer(
        Operation.LOOKUP, reference,
        lambda desk: payments.find(desk, payment_id).token,
        lambda desk: shown(desk, payments.find(desk, payment_id)),
    )  # fmt: skip


@routes.post("/<payment_id>/capture")
def capture(payment_id: str) -> Response:
    key, asked = idempotency_key(), body(wire.Capture)
    return service().answer(
        Operation.CAPTURE, key,
        lambda desk: payments.find(desk, payment_id).token,
        lambda desk: shown(desk, payments.capture(desk, key, payment_id, asked)),
    )  # fmt: skip


@routes.post("/<payment_id>/void")
def void(payment_id: str) -> Response:
    key = idempotency_key()
    return service().answer(
        Operation.VOID, key,
        lambda desk: payments.find(desk, payment_id).token,
        lambda desk: shown(desk, payments.void(desk, key, payment_id)),
    )  # fmt: skip


@routes.post("/<payment_id>/decide")
def decide(payment_id: str) -> Response:
    succeeds = body(wire.Decide).outcome == "succeed"
    with service().store.desk() as desk:
        doc = shown(desk, payments.decide(desk, payment_id, succeeds=succeeds))
    service().sender.wake()
    return answered(doc)


@routes.post("/<payment_id>/dispute")
def dispute(payment_id: str) -> Response:
    asked = body(wire.DisputePayment)
    with service().store.desk() as desk:
        moved = disputes.move(desk, payment_id, asked.state)
        doc = wire.dispute(moved, payments.find(desk, payment_id))
    service().sender.wake()
    return answered(doc)
