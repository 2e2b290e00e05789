"""Groups of customers, and who is in them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.accounts import queries
from shopwright.commerce.accounts.errors import GroupInUse, GroupNameTaken, UnknownGroup
from shopwright.commerce.accounts.events import CustomerGroupsChanged
from shopwright.commerce.accounts.models import Customer, CustomerGroup, GroupMember
from shopwright.kit import conditional
from shopwright.kit.db import session
from shopwright.kit.events import emit


def everything() -> Select[CustomerGroup]:
    return select(CustomerGroup).order_by(CustomerGroup.name)


def get(group_id: UUID, *, lock: bool = False) -> CustomerGroup:
    """Raises `UnknownGroup`."""
    found = session.get(CustomerGroup, group_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise UnknownGroup()
    return found


def members(group_id: UUID) -> Select[Customer]:
    """Raises `UnknownGroup`."""
    get(group_id)
    return select(Customer).join(GroupMember, GroupMember.customer_id == Customer.id).where(
        GroupMember.group_id == group_id
    )  # fmt: skip


def of_customer(customer_id: UUID) -> list[CustomerGroup]:
    """By name. A customer who does not exist is in none."""
    mine = everything().join(GroupMember, GroupMember.group_id == CustomerGroup.id)
    return list(session.scalars(mine.where(GroupMember.customer_id == customer_id)))


def create_group(name: str) -> CustomerGroup:
    """Raises `GroupNameTaken`."""
    group = CustomerGroup(name=name)
    session.add(group)
    return _saved(group)


def rename_group(group_id: UUID, name: str) -> CustomerGroup:
    """Raises `UnknownGroup`, `GroupNameTaken`."""
    group = get(group_id, lock=True)
    conditional.check(group.version)
    group.name = name
    return _saved(group)


def delete_group(group_id: UUID) -> None:
    """Its members stay customers. Raises `UnknownGroup`, and `GroupInUse` while prices are kept for it."""
    group = get(group_id, lock=True)
    conditional.check(group.version)
    session.delete(group)
    try:
        session.flush()
    except IntegrityError as kept:
        raise GroupInUse() from kept


def put_in(customer_id: UUID, group_ids: Iterable[UUID]) -> list[CustomerGroup]:
    """Have the customer in exactly these groups. Raises `UnknownCustomer`, `UnknownGroup`."""
    customer = queries.customer(customer_id, lock=True)
    conditional.check(customer.version)
    wanted = set(group_ids)
    # Held, so that none of them goes while it gets a member.
    rows = select(CustomerGroup).where(CustomerGroup.id.in_(wanted)).order_by(CustomerGroup.id)
    found = session.scalars(rows.with_for_update(read=True, key_share=True)).all()
    if len(found) != len(wanted):
        raise UnknownGroup()
    session.execute(delete(GroupMember).where(GroupMember.customer_id == customer_id))
    session.add_all(GroupMember(customer_id=customer_id, group_id=group.id) for group in found)
    customer.version += 1
    session.flush()
    emit(CustomerGroupsChanged(customer_id=customer_id))
    return sorted(found, key=lambda group: group.name)


def _saved(group: CustomerGroup) -> CustomerGroup:
    try:
        session.flush()
    except IntegrityError as taken:
        raise GroupNameTaken() from taken
    return group
