from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, and_, func, select

from shopwright.commerce.accounts.access_tokens import AccountKind
from shopwright.commerce.accounts.emails import key_of
from shopwright.commerce.accounts.errors import UnknownAddress, UnknownCustomer, UnknownRole, UnknownStaffMember
from shopwright.commerce.accounts.models import Customer, CustomerAddress, Role, SignIn, StaffMember, StaffRole, granted
from shopwright.kit import principal
from shopwright.kit.db import session
from shopwright.kit.patterns import begins, containing
from shopwright.kit.principal import Principal


class Credentials(msgspec.Struct, frozen=True):
    """What a password is held against; `account_id` is None where nobody has the e-mail address."""

    kind: AccountKind
    account_id: UUID | None = None
    password_hash: str | None = None
    #: What a new password must not be made of.
    about: tuple[str, ...] = ()


def credentials(kind: AccountKind, email: str) -> Credentials:
    """Of the account with this e-mail address; a disabled one is as if it were not there."""
    model = StaffMember if kind == "staff" else Customer
    wanted = select(model.id, model.password_hash).where(model.email_key == key_of(email))
    if kind == "staff":
        wanted = wanted.where(StaffMember.is_active)
    found = session.execute(wanted).one_or_none()
    return Credentials(kind, found[0], found[1]) if found else Credentials(kind)


def credentials_of(who: Principal) -> Credentials:
    """Of who is asking, for a change that needs the password once more."""
    kind: AccountKind = "staff" if who.is_staff else "customer"
    found = session.get(StaffMember, who.id) if who.is_staff else session.get(Customer, who.id)
    return Credentials(kind, found.id, found.password_hash, (found.email, found.name)) if found else Credentials(kind)


def permissions_in(sign_in_id: UUID, staff_id: UUID, now: datetime) -> frozenset[str] | None:
    """What this member of staff may do; None once they are disabled, or that sign-in has ended."""
    rows = session.scalars(
        select(Role.permissions)
        .select_from(StaffMember)
        .join(SignIn, and_(SignIn.id == sign_in_id, SignIn.staff_id == StaffMember.id))
        .outerjoin(StaffRole, StaffRole.staff_id == StaffMember.id)
        .outerjoin(Role, Role.id == StaffRole.role_id)
        .where(StaffMember.id == staff_id, StaffMember.is_active, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    ).all()
    if not rows:
        return None
    return granted(permission for permissions in rows for permission in permissions or ())


def me() -> Customer:
    """The customer who is asking; raises `UnknownCustomer` when the account is gone."""
    return customer(principal.current().customer_id)


def customer(customer_id: UUID | None, *, lock: bool = False) -> Customer:
    """Raises `UnknownCustomer`."""
    if customer_id is None:
        raise UnknownCustomer()
    found = session.get(Customer, customer_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise UnknownCustomer()
    return found


def customers(email: str | None, text: str | None) -> list[Select[UUID]]:
    """The ids of all customers, or of those whose e-mail address begins with `email`; with `text` a statement for each way to
    be found: a name that has it somewhere, or begins with it if it is short, and an address that begins with it."""
    everybody = select(Customer.id)
    if email:
        everybody = everybody.where(begins(Customer.email_key, key_of(email)))
    if not text:
        return [everybody]
    return [
        everybody.where(Customer.name.ilike(containing(text))),
        everybody.where(begins(Customer.email_key, key_of(text))),
    ]


def my_addresses() -> Select[CustomerAddress]:
    """The addresses of the customer who is asking, in the order in which they were added."""
    mine = CustomerAddress.customer_id == principal.current().customer_id
    return select(CustomerAddress).where(mine).order_by(CustomerAddress.id)


def my_address(address_id: UUID, *, lock: bool = False) -> CustomerAddress:
    """Raises `UnknownAddress`, for a stranger's, too."""
    wanted = my_addresses().where(CustomerAddress.id == address_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise UnknownAddress()
    return found


def staff() -> Select[StaffMember]:
    return select(StaffMember)


def staff_member(staff_id: UUID, *, lock: bool = False) -> StaffMember:
    """Raises `UnknownStaffMember`."""
    found = session.get(StaffMember, staff_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise UnknownStaffMember()
    return found


def roles() -> Select[Role]:
    return select(Role).order_by(Role.name)


def role(role_id: UUID, *, lock: bool = False) -> Role:
    """Raises `UnknownRole`."""
    found = session.get(Role, role_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise UnknownRole()
    return found


def role_ids_of(staff_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """The roles that each of these members holds."""
    rows = session.execute(
        select(StaffRole.staff_id, func.array_agg(StaffRole.role_id))
        .where(StaffRole.staff_id.in_(staff_ids))
        .group_by(StaffRole.staff_id)
    )
    return {staff_id: sorted(role_ids) for staff_id, role_ids in rows}
