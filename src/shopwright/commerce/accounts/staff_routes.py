from uuid import UUID

from sqlalchemy import select

from shopwright.commerce.accounts import queries, staff
from shopwright.commerce.accounts.errors import (
    EmailTaken,
    NobodyInCharge,
    PasswordNotAcceptable,
    PermissionNotHeld,
    RoleInUse,
    RoleNameTaken,
    UnknownCustomer,
    UnknownRole,
    UnknownStaffMember,
)
from shopwright.commerce.accounts.models import Customer, StaffMember
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.accounts.schemas import ProfileOut
from shopwright.commerce.accounts.staff_schemas import (
    AddMember,
    AuditEntryOut,
    AuditQuery,
    ChangeMember,
    ChangeRole,
    CreateRole,
    CustomerQuery,
    RoleList,
    RoleOut,
    StaffOut,
)
from shopwright.kit import audit, counting
from shopwright.kit.access import requires
from shopwright.kit.counting import CountedPage
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery, cut, keyset, newest
from shopwright.kit.wire import changes_in

routes = Routes("accounts", prefix="/v1/admin")


@routes.query("/customers", access=requires(Permission.CUSTOMERS_READ), errors=(InvalidCursor,))
def list_customers(query: CustomerQuery) -> CountedPage[ProfileOut]:
    """List the customers, the newest first."""
    purpose = f"customers {query.email or ''} {query.q or ''}"
    ways = queries.customers(query.email, query.q)
    ids = newest(ways, purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows = session.scalars(select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id.desc())).all()
    page, cursor = cut(rows, purpose=purpose, limit=query.limit, values=lambda customer: [customer.id])
    total, is_estimated = counting.count(*ways) if query.count else counting.UNASKED
    return CountedPage(
        items=[ProfileOut.of(each) for each in page], next_cursor=cursor, total=total, total_is_estimated=is_estimated
    )


@routes.query("/customers/<uuid:customer_id>", access=requires(Permission.CUSTOMERS_READ), errors=(UnknownCustomer,))
def show_customer(customer_id: UUID) -> ProfileOut:
    """Show a customer."""
    return ProfileOut.of(queries.customer(customer_id))


@routes.query("/staff", access=requires(Permission.STAFF_READ), errors=(InvalidCursor,))
def list_staff(query: PageQuery) -> Page[StaffOut]:
    """List the members of staff, the newest first."""
    wanted = keyset(queries.staff(), [(StaffMember.id, False)], purpose="staff", limit=query.limit, cursor=query.cursor)
    rows = session.scalars(wanted).all()
    page, cursor = cut(rows, purpose="staff", limit=query.limit, values=lambda member: [member.id])
    held = queries.role_ids_of([member.id for member in page])
    return Page(items=[StaffOut.of(member, held.get(member.id, [])) for member in page], next_cursor=cursor)


@routes.query("/staff/<uuid:staff_id>", access=requires(Permission.STAFF_READ), errors=(UnknownStaffMember,))
def show_member(staff_id: UUID) -> StaffOut:
    """Show a member of staff."""
    return _shown(queries.staff_member(staff_id))


@routes.command(
    "POST", "/staff", access=requires(Permission.STAFF_WRITE), status=201,
    errors=(EmailTaken, PasswordNotAcceptable, PermissionNotHeld, UnknownRole),
)  # fmt: skip
def add_member(body: AddMember) -> StaffOut:
    """Add a member of staff.

    Roles that may do more than you yourself cannot be given.
    """
    added = staff.add_member(email=body.email, name=body.name, password=body.password, role_ids=body.role_ids)
    return _shown(added)


@routes.command(
    "PATCH", "/staff/<uuid:staff_id>", access=requires(Permission.STAFF_WRITE), if_match=IfMatch.REQUIRED,
    errors=(NobodyInCharge, PasswordNotAcceptable, PermissionNotHeld, UnknownRole, UnknownStaffMember),
)  # fmt: skip
def change_member(staff_id: UUID, body: ChangeMember) -> StaffOut:
    """Change or disable a member of staff.

    Who is disabled, or gets a new password, is signed out everywhere at once.
    """
    return _shown(staff.change_member(staff_id, changes_in(body)))


@routes.query("/roles", access=requires(Permission.STAFF_READ))
def list_roles() -> RoleList:
    """List the roles."""
    return RoleList(items=[RoleOut.of(role) for role in session.scalars(queries.roles())])


@routes.query("/roles/<uuid:role_id>", access=requires(Permission.STAFF_READ), errors=(UnknownRole,))
def show_role(role_id: UUID) -> RoleOut:
    """Show a role."""
    return RoleOut.of(queries.role(role_id))


@routes.command(
    "POST", "/roles", access=requires(Permission.STAFF_WRITE), status=201, errors=(PermissionNotHeld, RoleNameTaken)
)
def create_role(body: CreateRole) -> RoleOut:
    """Create a role: a name for a set of permissions."""
    return RoleOut.of(staff.create_role(name=body.name, permissions=body.permissions))


@routes.command(
    "PATCH", "/roles/<uuid:role_id>", access=requires(Permission.STAFF_WRITE), if_match=IfMatch.REQUIRED,
    errors=(NobodyInCharge, PermissionNotHeld, RoleNameTaken, UnknownRole),
)  # fmt: skip
def change_role(role_id: UUID, body: ChangeRole) -> RoleOut:
    """Change a role, for all who hold it and from their next request on."""
    return RoleOut.of(staff.change_role(role_id, changes_in(body)))


@routes.command(
    "DELETE", "/roles/<uuid:role_id>", access=requires(Permission.STAFF_WRITE), if_match=IfMatch.REQUIRED,
    errors=(PermissionNotHeld, RoleInUse, UnknownRole),
)  # fmt: skip
def delete_role(role_id: UUID) -> None:
    """Delete a role that nobody holds."""
    staff.delete_role(role_id)


@routes.query("/audit-log", access=requires(Permission.AUDIT_READ), errors=(InvalidCursor,))
def read_audit_log(query: AuditQuery) -> Page[AuditEntryOut]:
    """Read what staff have done, the newest first."""
    purpose = f"audit {query.actor_id or ''}"
    entries = audit.entries()
    if query.actor_id is not None:
        entries = entries.where(audit.AuditEntry.actor_id == query.actor_id)
    wanted = keyset(entries, [(audit.AuditEntry.id, False)], purpose=purpose, limit=query.limit, cursor=query.cursor)
    rows = session.scalars(wanted).all()
    page, cursor = cut(rows, purpose=purpose, limit=query.limit, values=lambda entry: [entry.id])
    return Page(items=[AuditEntryOut.of(entry) for entry in page], next_cursor=cursor)


def _shown(member: StaffMember) -> StaffOut:
    return StaffOut.of(member, queries.role_ids_of([member.id]).get(member.id, []))
