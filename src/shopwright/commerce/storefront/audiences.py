"""Whose listings there are: those of anybody, and of each group that has prices of its own.

A group is admitted when a walk is through: until then its members see lists by the prices of anybody, each card at their own.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from shopwright.commerce.accounts.models import GroupMember
from shopwright.commerce.channels import queries as channels
from shopwright.commerce.channels.queries import KnownChannel
from shopwright.commerce.pricing import audiences
from shopwright.commerce.storefront import keeping, queries
from shopwright.commerce.storefront.models import ANYBODY, ListingAudience
from shopwright.kit import principal
from shopwright.kit.db import session, table_of


class Buyer(NamedTuple):
    """A customer with prices of their own. Lists are sorted and filtered by those of the group."""

    customer_id: UUID
    group_id: UUID


def buyer(channel: KnownChannel) -> Buyer | None:
    """The caller, if they are somebody who may pay other prices than anybody.

    Of several groups the first one's listings are taken, by id.
    """
    customer_id = principal.current().customer_id
    if customer_id is None or not audiences.has_own_prices(channel.id, customer_id):
        return None
    first = session.scalar(
        select(ListingAudience.group_id)
        .join(GroupMember, GroupMember.group_id == ListingAudience.group_id)
        .where(
            ListingAudience.channel_id == channel.id, ListingAudience.is_listed, GroupMember.customer_id == customer_id
        )
        .order_by(ListingAudience.group_id)
        .limit(1)
    )
    return Buyer(customer_id, first or ANYBODY)


def are_any(channel: str | None) -> bool:
    """Whether anybody is a `buyer` there. Kept as pages are, so that most need not be asked who they are."""
    return keeping.known(f"buyers in {channel}", lambda: audiences.are_any(queries.market(channel, None).channel.id))


def prepare() -> None:
    """For a walk that begins: take out the groups that have no prices of their own any more, and note those that it lists."""
    for channel in session.scalars(channels.active()).all():
        groups = audiences.groups(channel.id)
        gone = delete(ListingAudience).where(ListingAudience.channel_id == channel.id)
        session.execute(gone.where(ListingAudience.group_id.not_in(groups)))
        rows = [{"channel_id": channel.id, "group_id": group_id, "is_listed": False} for group_id in groups]
        if rows:
            session.execute(insert(table_of(ListingAudience)).on_conflict_do_nothing(), rows)


def admit() -> None:
    """For a walk that is through: have the groups seen that it knew of when it began."""
    session.execute(update(ListingAudience).values(is_listed=True).where(~ListingAudience.is_listed))
