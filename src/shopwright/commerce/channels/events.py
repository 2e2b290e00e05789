from uuid import UUID

from shopwright.kit.events import Event


class ChannelChanged(Event):
    channel_id: UUID
