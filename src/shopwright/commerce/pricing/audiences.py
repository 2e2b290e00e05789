"""Who pays other prices than anybody: customers and groups with price lists or catalog promotions of their own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, DateTime, Select, Uuid, bindparam, func, or_, select

from shopwright.commerce.accounts.models import GroupMember
from shopwright.commerce.pricing.list_models import PriceList
from shopwright.commerce.promotions import queries as promotions
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.prepared import Prepared


def _lists_in(channel_id: UUID | BindParameter[UUID], now: datetime | BindParameter[datetime]) -> Select[PriceList]:
    return select(PriceList).where(
        PriceList.channel_id == channel_id,
        PriceList.is_active,
        or_(PriceList.ends_at.is_(None), PriceList.ends_at > now),
    )


_lists = _lists_in(bindparam("channel", type_=Uuid()), bindparam("now", type_=DateTime(timezone=True)))
_group_ids = _lists.with_only_columns(PriceList.group_id).where(PriceList.group_id.is_not(None))
_GROUPS = Prepared(select(promotions.RULES_VERSION, func.array(_group_ids.scalar_subquery(), type_=ARRAY(Uuid()))))


def groups(channel_id: UUID) -> frozenset[UUID]:
    """The groups whose members may pay other prices there than anybody, now or later."""
    ((version, of_lists),) = _GROUPS.all({"channel": channel_id, "now": clock.now()})
    return frozenset(of_lists) | promotions.compiled(version).catalog_groups


def are_any(channel_id: UUID) -> bool:
    """Whether there is anybody at all who may pay other prices there, now or later."""
    of_somebody = _lists_in(channel_id, clock.now()).where(PriceList.customer_id.is_not(None))
    return bool(session.scalar(select(of_somebody.exists()))) or bool(groups(channel_id))


def has_own_prices(channel_id: UUID, customer_id: UUID) -> bool:
    """Whether this customer may pay other prices there than anybody."""
    own = select(_lists_in(channel_id, clock.now()).where(PriceList.customer_id == customer_id).exists())
    if session.scalar(own):
        return True
    mine = session.scalars(select(GroupMember.group_id).where(GroupMember.customer_id == customer_id)).all()
    return bool(mine) and not groups(channel_id).isdisjoint(mine)
