"""Where stock lies, and who sells from there."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import flag_modified

from shopwright.commerce.channels import service as channels
from shopwright.commerce.channels.models import Channel
from shopwright.commerce.inventory.errors import LocationCodeTaken, LocationInUse, UnknownLocation
from shopwright.commerce.inventory.events import LocationChanged
from shopwright.commerce.inventory.models import ChannelLocation, Location
from shopwright.kit import conditional
from shopwright.kit.db import session
from shopwright.kit.events import emit


def open_location(*, code: str, name: str, country: str) -> Location:
    """Begin to keep stock somewhere. Raises `LocationCodeTaken`."""
    location = Location(code=code, name=name, country=country, is_active=True)
    session.add(location)
    try:
        session.flush()
    except IntegrityError as taken:
        raise LocationCodeTaken() from taken
    emit(LocationChanged(location_id=location.id))
    return location


def change_location(location_id: UUID, changes: Mapping[str, Any]) -> Location:
    """Change what `changes` names. Raises `UnknownLocation`, and `PreconditionFailed` for a stale edit."""
    location = _lock(location_id)
    for name, value in changes.items():
        setattr(location, name, value)
    session.flush()
    emit(LocationChanged(location_id=location.id))
    return location


def close_location(location_id: UUID) -> None:
    """Forget a location that was never used.

    Raises `UnknownLocation`, `LocationInUse`, and `PreconditionFailed` for a stale edit.
    """
    location = _lock(location_id)
    session.delete(location)
    try:
        session.flush()
    except IntegrityError as used:
        raise LocationInUse() from used


def sell_from(channel_id: UUID, location_ids: Sequence[UUID]) -> Channel:
    """Have the channel sell from these locations, and take from the first of them first.

    Raises `UnknownChannel`, `UnknownLocation`, and `PreconditionFailed` for a stale edit of the channel.
    """
    channel = channels.change_channel(channel_id, {})
    # The channel's row has not changed, but what it sells from is a part of it.
    flag_modified(channel, "code")
    session.execute(delete(ChannelLocation).where(ChannelLocation.channel_id == channel_id))
    session.add_all(
        ChannelLocation(channel_id=channel_id, location_id=location_id, priority=priority)
        for priority, location_id in enumerate(dict.fromkeys(location_ids))
    )
    try:
        session.flush()
    except IntegrityError as unknown:
        raise UnknownLocation() from unknown
    return channel


def _lock(location_id: UUID) -> Location:
    location = session.get(Location, location_id, with_for_update=True, populate_existing=True)
    if location is None:
        raise UnknownLocation()
    conditional.check(location.version)
    return location
