from uuid import UUID

from shopwright.kit.events import Event


class EndpointDisabled(Event):
    """Nothing is sent to this webhook endpoint any more: `staff` wanted it so, it is `gone`, or it is `failing`."""

    endpoint_id: UUID
    reason: str
