"""Members of staff and their roles. Nobody grants, or changes, more than what they may do themselves."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.accounts import passwords, queries, sign_ins
from shopwright.commerce.accounts.emails import key_of
from shopwright.commerce.accounts.errors import (
    AdminExists,
    EmailTaken,
    NobodyInCharge,
    PermissionNotHeld,
    RoleInUse,
    RoleNameTaken,
    UnknownRole,
)
from shopwright.commerce.accounts.events import StaffMemberAdded, StaffMemberChanged
from shopwright.commerce.accounts.models import EVERYTHING, Role, StaffMember, StaffRole
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, conditional, logging, principal
from shopwright.kit.db import session
from shopwright.kit.events import emit

#: Held by who changes what decides whether anybody is in charge, and by who makes the first admin.
STAFF_LOCK = 0x5402
ADMIN = "admin"


def create_first_admin(email: str, password: str) -> StaffMember:
    """The one member of staff that nobody had to permit, with a role that may do everything.

    Raises `AdminExists` once there is any member of staff, and `PasswordNotAcceptable`.
    """
    passwords.check(password, about=[email])
    password_hash = passwords.hash_of(password)
    _lock_staff()
    if session.scalar(select(exists().select_from(StaffMember))):
        raise AdminExists()
    role = session.scalar(select(Role).where(Role.name == ADMIN)) or Role(name=ADMIN)
    role.permissions = [EVERYTHING]
    session.add(role)
    session.flush()
    return _add(email, "", password_hash, [role])


def add_member(*, email: str, name: str, password: str, role_ids: Iterable[UUID]) -> StaffMember:
    """Raises `EmailTaken`, `UnknownRole`, `PermissionNotHeld` and `PasswordNotAcceptable`."""
    passwords.check(password, about=[email, name])
    password_hash = passwords.hash_of(password)
    roles = _lock_roles(role_ids)
    _may_touch(roles)
    return _add(email, name, password_hash, roles)


def change_member(staff_id: UUID, changes: Mapping[str, Any]) -> StaffMember:
    """Change name, password, roles, or whether they may come in; disabling and a new password end their sign-ins.

    Raises `UnknownStaffMember`, `UnknownRole`, `PermissionNotHeld`, `NobodyInCharge` and `PasswordNotAcceptable`.
    """
    password: str | None = changes.get("password")
    password_hash = passwords.hash_of(password) if password is not None else None
    _lock_staff()
    member = queries.staff_member(staff_id, lock=True)
    conditional.check(member.version)
    _may_touch(_lock_roles(queries.role_ids_of([staff_id]).get(staff_id, [])))
    if "role_ids" in changes:
        _assign(member, changes["role_ids"])
    member.name = changes.get("name", member.name)
    member.is_active = changes.get("is_active", member.is_active)
    if password is not None and password_hash is not None:
        passwords.check(password, about=[member.email, member.name])
        member.password_hash = password_hash
    member.changed_at = clock.now()
    session.flush()
    _refuse_to_leave_nobody()
    if password_hash is not None or not member.is_active:
        sign_ins.end_all("staff", staff_id)
    emit(StaffMemberChanged(staff_id=staff_id))
    return member


def create_role(*, name: str, permissions: Iterable[Permission]) -> Role:
    """Raises `RoleNameTaken` and `PermissionNotHeld`."""
    role = Role(name=name, permissions=sorted(set(permissions)))
    _may_touch([role])
    session.add(role)
    _flush_role()
    return role


def change_role(role_id: UUID, changes: Mapping[str, Any]) -> Role:
    """Raises `UnknownRole`, `RoleNameTaken`, `PermissionNotHeld` and `NobodyInCharge`."""
    _lock_staff()
    role = queries.role(role_id, lock=True)
    conditional.check(role.version)
    _may_touch([role])
    role.name = changes.get("name", role.name)
    role.permissions = sorted(set(changes.get("permissions", role.permissions)))
    _may_touch([role])
    _flush_role()
    _refuse_to_leave_nobody()
    return role


def delete_role(role_id: UUID) -> None:
    """Raises `UnknownRole`, `PermissionNotHeld`, and `RoleInUse` while somebody holds it."""
    role = queries.role(role_id, lock=True)
    conditional.check(role.version)
    _may_touch([role])
    session.delete(role)
    try:
        session.flush()
    except IntegrityError as held:
        raise RoleInUse() from held


def _add(email: str, name: str, password_hash: str, roles: list[Role]) -> StaffMember:
    member = StaffMember(email=email, email_key=key_of(email), name=name, password_hash=password_hash)
    session.add(member)
    try:
        session.flush()
    except IntegrityError as taken:
        raise EmailTaken() from taken
    session.add_all(StaffRole(staff_id=member.id, role_id=role.id) for role in roles)
    session.flush()
    logging.security("staff.added", staff_id=member.id, by=principal.current().id)
    emit(StaffMemberAdded(staff_id=member.id))
    return member


def _assign(member: StaffMember, role_ids: Iterable[UUID]) -> None:
    roles = _lock_roles(role_ids)
    _may_touch(roles)
    session.execute(delete(StaffRole).where(StaffRole.staff_id == member.id))
    session.add_all(StaffRole(staff_id=member.id, role_id=role.id) for role in roles)


def _lock_roles(role_ids: Iterable[UUID]) -> list[Role]:
    """The roles, held as they are until the end: what is granted is what was judged. Raises `UnknownRole`."""
    wanted = set(role_ids)
    rows = select(Role).where(Role.id.in_(wanted)).order_by(Role.id)
    found = session.scalars(rows.with_for_update(read=True).execution_options(populate_existing=True)).all()
    if len(found) != len(wanted):
        raise UnknownRole()
    return list(found)


def _may_touch(roles: Iterable[Role]) -> None:
    """Raises `PermissionNotHeld` unless the caller holds every permission of these roles."""
    caller = principal.current()
    lacking = {permission for role in roles for permission in role.grants} - caller.permissions
    if lacking:
        logging.security("staff.grant_refused", by=caller.id, permissions=sorted(lacking))
        raise PermissionNotHeld(permissions=sorted(lacking))


def _lock_staff() -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(:staff)"), {"staff": STAFF_LOCK})


def _refuse_to_leave_nobody() -> None:
    """Raises `NobodyInCharge` when no active member holds `staff:write` any more."""
    in_charge = session.scalar(
        select(func.count(StaffMember.id))
        .join(StaffRole, StaffRole.staff_id == StaffMember.id)
        .join(Role, Role.id == StaffRole.role_id)
        .where(StaffMember.is_active, Role.permissions.overlap([str(Permission.STAFF_WRITE), EVERYTHING]))
    )
    if not in_charge:
        raise NobodyInCharge()


def _flush_role() -> None:
    try:
        session.flush()
    except IntegrityError as taken:
        raise RoleNameTaken() from taken
