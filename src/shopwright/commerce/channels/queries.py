from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import JSON, Select, String, bindparam, or_, select

from shopwright.commerce.channels.errors import UnknownChannel
from shopwright.commerce.channels.models import Channel
from shopwright.kit.db import as_object, session

# Behind a subquery, where PostgreSQL does not see whether there is one: else it plans what asks for it anew each time.
_CODE = select(bindparam("channel", type_=String)).scalar_subquery()
#: The active channel with this code, or without one the first, as a `KnownChannel`; null if there is none.
CHOSEN: Any = (
    select(as_object(id=Channel.id, code=Channel.code, currency=Channel.currency, locales=Channel.locales).cast(JSON))
    .where(Channel.is_active, or_(_CODE.is_(None), Channel.code == _CODE))
    .order_by(Channel.code)
    .limit(1)
    .scalar_subquery()
)


class KnownChannel(Struct, frozen=True):
    """What a page has to know of the channel that it is shown in."""

    id: UUID
    code: str
    currency: str
    locales: list[str]

    @property
    def default_locale(self) -> str:
        return self.locales[0]


def active() -> Select[Channel]:
    """The channels that shoppers may choose from."""
    return select(Channel).where(Channel.is_active).order_by(Channel.code)


def active_locales() -> set[str]:
    """The languages of the channels that shoppers may choose from."""
    return {locale for channel in session.scalars(active()) for locale in channel.locales}


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
