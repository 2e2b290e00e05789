from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from shopwright.commerce.accounts.emails import Email
from shopwright.commerce.accounts.models import Role, StaffMember
from shopwright.commerce.accounts.passwords import NewPassword
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.accounts.schemas import Name
from shopwright.kit.audit import AuditEntry
from shopwright.kit.counting import CountedQuery
from shopwright.kit.paging import PageQuery
from shopwright.kit.wire import In, Out

RoleName = Annotated[str, Meta(min_length=1, max_length=100, examples=["Warehouse"])]
RoleIds = Annotated[list[UUID], Meta(max_length=50)]
EmailStart = Annotated[str, Meta(max_length=254, examples=["ada@"], description="How the e-mail address begins")]
Permissions = Annotated[list[Permission], Meta(max_length=100, examples=[["orders:read", "orders:fulfill"]])]


class StaffOut(Out, frozen=True, kw_only=True):
    id: UUID
    email: str
    name: str
    is_active: bool
    role_ids: list[UUID]
    added_at: datetime
    version: int

    @classmethod
    def of(cls, member: StaffMember, role_ids: list[UUID]) -> "StaffOut":
        return cls(
            id=member.id, email=member.email, name=member.name, is_active=member.is_active, role_ids=role_ids,
            added_at=member.added_at, version=member.version,
        )  # fmt: skip


class AddMember(In, frozen=True, kw_only=True):
    """The password is the member's first; have them change it."""

    email: Email
    name: Name = ""
    password: NewPassword
    role_ids: RoleIds = []


class ChangeMember(In, frozen=True, kw_only=True):
    name: Name | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    role_ids: RoleIds | UnsetType = UNSET
    password: NewPassword | UnsetType = UNSET


class RoleOut(Out, frozen=True, kw_only=True):
    """`*` among the permissions, as the first admin has it, stands for all there are."""

    id: UUID
    name: str
    permissions: list[str]
    version: int

    @classmethod
    def of(cls, role: Role) -> "RoleOut":
        return cls(id=role.id, name=role.name, permissions=role.permissions, version=role.version)


class RoleList(Out, frozen=True, kw_only=True):
    items: list[RoleOut]


class CreateRole(In, frozen=True, kw_only=True):
    name: RoleName
    permissions: Permissions


class ChangeRole(In, frozen=True, kw_only=True):
    name: RoleName | UnsetType = UNSET
    permissions: Permissions | UnsetType = UNSET


class CustomerQuery(CountedQuery, frozen=True, kw_only=True):
    email: EmailStart | None = None
    q: Annotated[
        str,
        Meta(
            min_length=1, max_length=100,
            description="Part of the name, its beginning if fewer than three signs, or the beginning of the e-mail address",
        ),
    ] | None = None  # fmt: skip


class AuditQuery(PageQuery, frozen=True, kw_only=True):
    actor_id: UUID | None = None


class AuditEntryOut(Out, frozen=True, kw_only=True):
    """Who did what. `facts` is what was sent, without passwords."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    target: str
    request_id: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditEntryOut":
        return cls(
            id=entry.id, at=entry.at, actor_kind=entry.actor_kind, actor_id=entry.actor_id, action=entry.action,
            target=entry.target, request_id=entry.request_id, facts=entry.facts,
        )  # fmt: skip
