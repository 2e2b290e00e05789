from uuid import UUID

from shopwright.commerce.accounts import queries, service
from shopwright.commerce.accounts.errors import AddressNotValid, TooManyAddresses, UnknownAddress, UnknownCustomer
from shopwright.commerce.accounts.schemas import (
    AddAddress,
    AddressList,
    AddressOut,
    ChangeAddress,
    ChangeProfile,
    ProfileOut,
)
from shopwright.kit.access import Customer
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.wire import changes_in

routes = Routes("accounts")


@routes.query("/me", access=Customer, errors=(UnknownCustomer,))
def show_profile() -> ProfileOut:
    """Show your profile."""
    return ProfileOut.of(queries.me())


@routes.command("PATCH", "/me", access=Customer, if_match=IfMatch.HONOURED, errors=(UnknownCustomer,))
def change_profile(body: ChangeProfile) -> ProfileOut:
    """Change your profile."""
    return ProfileOut.of(service.change_profile(changes_in(body)))


@routes.query("/me/addresses", access=Customer)
def list_addresses() -> AddressList:
    """List your addresses."""
    return AddressList(items=[AddressOut.of(kept) for kept in session.scalars(queries.my_addresses())])


@routes.query("/me/addresses/<uuid:address_id>", access=Customer, errors=(UnknownAddress,))
def show_address(address_id: UUID) -> AddressOut:
    """Show one of your addresses."""
    return AddressOut.of(queries.my_address(address_id))


@routes.command(
    "POST", "/me/addresses", access=Customer, status=201, errors=(AddressNotValid, TooManyAddresses, UnknownCustomer)
)
def add_address(body: AddAddress) -> AddressOut:
    """Add an address.

    It is checked by the rules of its country, and kept as that country writes addresses. Being made a default, it takes
    the place of the one before.
    """
    added = service.add_address(
        body.address, is_default_shipping=body.is_default_shipping, is_default_billing=body.is_default_billing
    )
    return AddressOut.of(added)


@routes.command(
    "PATCH", "/me/addresses/<uuid:address_id>", access=Customer, if_match=IfMatch.HONOURED,
    errors=(AddressNotValid, UnknownAddress, UnknownCustomer),
)  # fmt: skip
def change_address(address_id: UUID, body: ChangeAddress) -> AddressOut:
    """Change an address, or make it a default."""
    return AddressOut.of(service.change_address(address_id, changes_in(body)))


@routes.command(
    "DELETE", "/me/addresses/<uuid:address_id>", access=Customer, if_match=IfMatch.HONOURED,
    errors=(UnknownAddress, UnknownCustomer),
)  # fmt: skip
def delete_address(address_id: UUID) -> None:
    """Delete an address."""
    service.delete_address(address_id)
