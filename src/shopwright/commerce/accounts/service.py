from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from shopwright.commerce.accounts import queries, sign_ins
from shopwright.commerce.accounts.addresses import Address, checked
from shopwright.commerce.accounts.emails import key_of
from shopwright.commerce.accounts.errors import EmailTaken, TooManyAddresses, WrongCredentials
from shopwright.commerce.accounts.events import CustomerChanged, CustomerRegistered
from shopwright.commerce.accounts.models import Customer, CustomerAddress, StaffMember
from shopwright.commerce.accounts.queries import Credentials
from shopwright.commerce.accounts.staff import create_first_admin as create_first_admin
from shopwright.kit import conditional, logging, principal
from shopwright.kit.db import session
from shopwright.kit.events import emit

MOST_ADDRESSES = 50
DEFAULTS = ("is_default_shipping", "is_default_billing")


def register(*, email: str, password_hash: str, name: str = "", locale: str | None = None) -> Customer:
    """Open an account; the password was checked and hashed before, since that is slow. Raises `EmailTaken`."""
    customer = Customer(email=email, email_key=key_of(email), name=name, locale=locale, password_hash=password_hash)
    session.add(customer)
    try:
        session.flush()
    except IntegrityError as taken:
        logging.security("auth.register_refused", reason="address taken")
        raise EmailTaken() from taken
    logging.security("auth.registered", kind="customer", account_id=customer.id)
    emit(CustomerRegistered(customer_id=customer.id))
    return customer


def change_password(known: Credentials, new_hash: str) -> sign_ins.Tokens:
    """Put a new password in the place of the one just proven, end every sign-in, and begin a new one.

    Raises `WrongCredentials` if another change was faster.
    """
    model = StaffMember if known.kind == "staff" else Customer
    changed = session.scalar(
        update(model)
        .where(model.id == known.account_id, model.password_hash == known.password_hash)
        .values(password_hash=new_hash)
        .returning(model.id)
    )
    if changed is None:
        raise WrongCredentials()
    logging.security("auth.secret_changed", kind=known.kind, account_id=changed)
    sign_ins.end_all(known.kind, changed)
    return sign_ins.begin(known.kind, changed)


def change_profile(changes: Mapping[str, Any]) -> Customer:
    """Change name, phone or locale of the customer who asks."""
    customer = _lock_me()
    conditional.check(customer.version)
    for name, value in changes.items():
        setattr(customer, name, value)
    session.flush()
    emit(CustomerChanged(customer_id=customer.id))
    return customer


def add_address(address: Address, *, is_default_shipping: bool, is_default_billing: bool) -> CustomerAddress:
    """Keep an address for the customer who asks. Raises `AddressNotValid` and `TooManyAddresses`."""
    fields = checked(address, "/address")
    # The customer's row is the lock for all their addresses: how many there are, and which is the default.
    customer = _lock_me()
    mine = CustomerAddress.customer_id == customer.id
    if session.scalars(select(func.count()).where(mine)).one() >= MOST_ADDRESSES:
        raise TooManyAddresses(most=MOST_ADDRESSES)
    flags = {"is_default_shipping": is_default_shipping, "is_default_billing": is_default_billing}
    _make_room(customer.id, flags)
    added = CustomerAddress(customer_id=customer.id, address=to_builtins(fields), **flags)
    session.add(added)
    session.flush()
    emit(CustomerChanged(customer_id=customer.id))
    return added


def change_address(address_id: UUID, changes: Mapping[str, Any]) -> CustomerAddress:
    """Replace the address itself, or its being a default. Raises `UnknownAddress` and `AddressNotValid`."""
    customer = _lock_me()
    kept = queries.my_address(address_id, lock=True)
    conditional.check(kept.version)
    if "address" in changes:
        kept.address = to_builtins(checked(changes["address"], "/address"))
    flags = {name: changes[name] for name in DEFAULTS if name in changes}
    _make_room(customer.id, flags)
    for name, value in flags.items():
        setattr(kept, name, value)
    session.flush()
    emit(CustomerChanged(customer_id=customer.id))
    return kept


def delete_address(address_id: UUID) -> None:
    """Raises `UnknownAddress`."""
    customer = _lock_me()
    kept = queries.my_address(address_id, lock=True)
    conditional.check(kept.version)
    session.delete(kept)
    session.flush()
    emit(CustomerChanged(customer_id=customer.id))


def _lock_me() -> Customer:
    return queries.customer(principal.current().customer_id, lock=True)


def _make_room(customer_id: UUID, flags: Mapping[str, bool]) -> None:
    """Take the flags that are about to be set from the address that has them."""
    for name in (name for name, is_set in flags.items() if is_set):
        flag = getattr(CustomerAddress, name)
        for other in session.scalars(select(CustomerAddress).where(CustomerAddress.customer_id == customer_id, flag)):
            setattr(other, name, False)
    session.flush()
