"""Who pays other prices than anybody: customers and groups with price lists or catalog promotions of their own."""

from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, func, or_, select

from shopwright.commerce.accounts.models import GroupMember
from shopwright.commerce.pricing.list_models import PriceList
from shopwright.commerce.promotions import queries as promotions
from shopwright.kit import clock
from shopwright.kit.db import session


def groups(channel_id: UUID) -> frozenset[UUID]:
    """The groups whose members may pay other prices there than anybody, now or later."""
    lists = _lists_in(channel_id).with_only_columns(PriceList.group_id).where(PriceList.group_id.is_not(None))
    found = session.execute(
        select(promotions.RULES_VERSION, func.array(lists.scalar_subquery(), type_=ARRAY(Uuid())))
    ).one()
    return frozenset(found[1]) | promotions.compiled(found[0]).catalog_groups


def are_any(channel_id: UUID) -> bool:
    """Whether there is anybody at all who may pay other prices there, now or later."""
    of_somebody = _lists_in(channel_id).where(PriceList.customer_id.is_not(None))
    return bool(session.scalar(select(of_somebody.exists()))) or bool(groups(channel_id))


def has_own_prices(channel_id: UUID, customer_id: UUID) -> bool:
    """Whether this customer may pay other prices there than anybody."""
    own = select(_lists_in(channel_id).where(PriceList.customer_id == customer_id).exists())
    if session.scalar(own):
        return True
    mine = session.scalars(select(GroupMember.group_id).where(GroupMember.customer_id == customer_id)).all()
    return bool(mine) and not groups(channel_id).isdisjoint(mine)


def _lists_in(channel_id: UUID) -> Select[PriceList]:
    is_over = PriceList.ends_at <= clock.now()
    return select(PriceList).where(
        PriceList.channel_id == channel_id, PriceList.is_active, or_(PriceList.ends_at.is_(None), ~is_over)
    )
