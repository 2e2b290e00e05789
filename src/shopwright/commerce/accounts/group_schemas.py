from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shopwright.commerce.accounts.models import CustomerGroup
from shopwright.kit.wire import In, Out

GroupName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Resellers"])]


class GroupOut(Out, frozen=True, kw_only=True):
    id: UUID
    name: str
    version: int

    @classmethod
    def of(cls, group: CustomerGroup) -> "GroupOut":
        return cls(id=group.id, name=group.name, version=group.version)


class GroupList(Out, frozen=True, kw_only=True):
    items: list[GroupOut]


class NameGroup(In, frozen=True, kw_only=True):
    name: GroupName


class PutInGroups(In, frozen=True, kw_only=True):
    """The groups are replaced as a whole."""

    group_ids: Annotated[list[UUID], Meta(max_length=100)]


class GroupsOfCustomer(Out, frozen=True, kw_only=True):
    """`version` is the customer's."""

    items: list[GroupOut]
    version: int
