"""Refunds."""

from flask import Blueprint, Response

from shopwright.embedded.psp import payments, refunds, wire
from shopwright.embedded.psp.models import Refund
from shopwright.embedded.psp.requests import answered, body, idempotency_key, service
from shopwright.embedded.psp.scenarios import Operation
from shopwright.embedded.psp.store import Desk
from shopwright.embedded.psp.wire import Doc

routes = Blueprint("refunds", __name__, url_prefix="/v1/refunds")


def shown(desk: Desk, refund: Refund) -> Doc:
    return wire.refund(refund, payments.find(desk, refund.payment_id))


@routes.post("")
def refund() -> Response:
    key, asked = idempotency_key(), body(wire.GiveBack)
    return service().answer(
        Operation.REFUND, key,
        lambda desk: payments.find(desk, asked.payment_id).token,
        lambda desk: shown(desk, refunds.refund(desk, key, asked)), 201,
    )  # fmt: skip


@routes.get("/<refund_id>")
def by_id(refund_id: str) -> Response:
    with service().store.desk() as desk:
        return answered(shown(desk, refunds.find(desk, refund_id)))


@routes.post("/<refund_id>/decide")
def decide(refund_id: str) -> Response:
    succeeds = body(wire.Decide).outcome == "succeed"
    with service().store.desk() as desk:
        doc = shown(desk, refunds.decide(desk, refund_id, succeeds=succeeds))
    service().sender.wake()
    return answered(doc)
