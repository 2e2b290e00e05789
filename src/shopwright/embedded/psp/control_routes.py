"""For tests: what a real provider has no routes for."""

import msgspec
from flask import Blueprint, Response, request

from shopwright.embedded.psp import webhooks
from shopwright.embedded.psp.errors import invalid, not_found
from shopwright.embedded.psp.models import Delivery
from shopwright.embedded.psp.requests import answered, service
from shopwright.embedded.psp.settings import Timings
from shopwright.embedded.psp.store import now
from shopwright.embedded.psp.wire import Doc, moment

PAGE = 1000

routes = Blueprint("control", __name__, url_prefix="/v1")


@routes.get("/control")
def show() -> Response:
    return answered(service().store.timings)


@routes.put("/control")
def change() -> Response:
    """Change some of the timings, until the process ends."""
    timings = service().store.timings
    try:
        wanted = msgspec.json.decode(request.get_data(), type=dict[str, float])
        changed = msgspec.convert(msgspec.structs.asdict(timings) | wanted, Timings)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise invalid(str(fault)) from None
    for name, seconds in msgspec.structs.asdict(changed).items():
        setattr(timings, name, seconds)
    return answered(timings)


@routes.get("/webhooks")
def kept() -> Response:
    """All webhooks after that `seq`, of one payment if its `reference` is given, as they would be sent now,
    or `at` a time in seconds since 1970."""
    after, at = (request.args.get(name, default, type=int) for name, default in (("after", 0), ("at", None)))
    reference = [request.args["reference"]] if "reference" in request.args else []
    of_one = "AND subject = (SELECT id FROM payments WHERE reference = ?)" if reference else ""
    with service().store.desk() as desk:
        found = desk.all(Delivery, f"seq > ? {of_one} ORDER BY seq LIMIT ?", after or 0, *reference, PAGE)
    timestamp = now() // 1_000_000 if at is None else at
    items = [_shown(delivery, webhooks.headers(delivery, service().settings.secret, timestamp)) for delivery in found]
    return answered({"items": items, "next": found[-1].seq if found else after or 0})


@routes.post("/webhooks/<int:seq>/heard")
def hear(seq: int) -> Response:
    """Somebody took it over by hand; it is not sent any more."""
    with service().store.desk() as desk:
        changed = desk.db.execute(
            "UPDATE deliveries SET state = 'heard', attempts = attempts + 1 WHERE seq = ?", (seq,)
        )
        if not changed.rowcount:
            raise not_found("webhook")
    return Response(status=204)


def _shown(delivery: Delivery, headers: dict[str, str]) -> Doc:
    return {
        "seq": delivery.seq, "event_id": delivery.event_id, "kind": delivery.kind, "subject": delivery.subject,
        "flaw": delivery.flaw, "due_at": moment(delivery.due_at), "state": delivery.state,
        "attempts": delivery.attempts, "last_answer": delivery.last_answer, "headers": headers, "body": delivery.body,
    }  # fmt: skip
