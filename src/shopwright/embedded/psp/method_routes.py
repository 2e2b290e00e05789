"""Saved methods."""

from flask import Blueprint, Response, request

from shopwright.embedded.psp import methods, wire
from shopwright.embedded.psp.errors import invalid
from shopwright.embedded.psp.models import Method
from shopwright.embedded.psp.requests import answered, body, idempotency_key, service
from shopwright.embedded.psp.scenarios import Operation
from shopwright.embedded.psp.wire import Doc

routes = Blueprint("methods", __name__, url_prefix="/v1/methods")


def shown(method: Method) -> Doc:
    return wire.method(method, request.host_url.rstrip("/"))


@routes.post("")
def save() -> Response:
    key, asked = idempotency_key(), body(wire.SaveMethod)
    if not asked.token.startswith("tok_"):
        raise invalid("A method is saved from a token.")
    return service().answer(
        Operation.METHOD, key, lambda _: asked.token, lambda desk: shown(methods.save(desk, key, asked)), 201
    )


@routes.get("")
def of_customer() -> Response:
    with service().store.desk() as desk:
        found = methods.of_customer(desk, request.args.get("customer_ref", ""))
    return answered({"items": [shown(method) for method in found]})


@routes.get("/<method_id>")
def by_id(method_id: str) -> Response:
    with service().store.desk() as desk:
        return answered(shown(methods.find(desk, method_id)))


@routes.delete("/<method_id>")
def forget(method_id: str) -> Response:
    with service().store.desk() as desk:
        methods.forget(desk, method_id)
    return Response(status=204)
