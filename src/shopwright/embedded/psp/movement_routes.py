"""What moved, for reconciliation."""

from flask import Blueprint, Response, request

from shopwright.embedded.psp import movements, wire
from shopwright.embedded.psp.errors import invalid
from shopwright.embedded.psp.requests import answered, service

routes = Blueprint("movements", __name__, url_prefix="/v1")


def span() -> tuple[int, int]:
    try:
        return wire.microseconds(request.args["since"]), wire.microseconds(request.args["until"])
    except (KeyError, ValueError):
        raise invalid("Name since and until, each a date and time with its zone.") from None


@routes.get("/movements")
def listed() -> Response:
    with service().store.desk() as desk:
        return answered({"items": movements.listed(desk, *span())})


@routes.get("/settlement.csv")
def settlement() -> Response:
    with service().store.desk() as desk:
        return Response(movements.settlement(desk, *span()), content_type="text/csv; charset=utf-8")
