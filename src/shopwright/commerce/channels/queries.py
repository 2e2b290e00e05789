from uuid import UUID

from sqlalchemy import Select, select

from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import session


def active() -> Select[Channel]:
    """The channels that shoppers may choose from."""
    return select(Channel).where(Channel.is_active).order_by(Channel.code)


def everything() -> Select[Channel]:
    return select(Channel).order_by(Channel.code)


def by_code(code: str) -> Channel:
    """The active channel with this code; raises `UnknownChannel`."""
    channel = session.scalar(select(Channel).where(Channel.code == code, Channel.is_active))
    if channel is None:
        raise UnknownChannel()
    return channel


def get(channel_id: UUID) -> Channel:
    """Raises `UnknownChannel`."""
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise UnknownChannel()
    return channel
