"""Groups of customers, for staff."""

from uuid import UUID

from shopwright.commerce.accounts import groups, queries
from shopwright.commerce.accounts.errors import GroupInUse, GroupNameTaken, UnknownCustomer, UnknownGroup
from shopwright.commerce.accounts.group_schemas import GroupList, GroupOut, GroupsOfCustomer, NameGroup, PutInGroups
from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.accounts.schemas import ProfileOut
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import IfMatch, Routes
from shopwright.kit.paging import InvalidCursor, Page, PageQuery, cut, keyset

routes = Routes("customer_groups", prefix="/v1/admin")

READ, WRITE = requires(Permission.CUSTOMERS_READ), requires(Permission.CUSTOMERS_WRITE)


@routes.query("/customer-groups", access=READ)
def list_customer_groups() -> GroupList:
    """List the groups of customers, by name."""
    return GroupList(items=[GroupOut.of(group) for group in session.scalars(groups.everything())])


@routes.query("/customer-groups/<uuid:group_id>", access=READ, errors=(UnknownGroup,))
def show_customer_group(group_id: UUID) -> GroupOut:
    """Show a group of customers."""
    return GroupOut.of(groups.get(group_id))


@routes.query("/customer-groups/<uuid:group_id>/members", access=READ, errors=(UnknownGroup, InvalidCursor))
def list_group_members(group_id: UUID, query: PageQuery) -> Page[ProfileOut]:
    """List who is in a group, the newest customers first."""
    purpose = f"members {group_id}"
    wanted = keyset(
        groups.members(group_id), [(Customer.id, False)], purpose=purpose, limit=query.limit, cursor=query.cursor
    )
    rows = session.scalars(wanted).all()
    page, cursor = cut(rows, purpose=purpose, limit=query.limit, values=lambda customer: [customer.id])
    return Page(items=[ProfileOut.of(customer) for customer in page], next_cursor=cursor)


@routes.command("POST", "/customer-groups", access=WRITE, status=201, errors=(GroupNameTaken,))
def create_customer_group(body: NameGroup) -> GroupOut:
    """Create a group of customers, empty as yet."""
    return GroupOut.of(groups.create_group(body.name))


@routes.command(
    "PATCH", "/customer-groups/<uuid:group_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownGroup, GroupNameTaken),
)  # fmt: skip
def rename_customer_group(group_id: UUID, body: NameGroup) -> GroupOut:
    """Rename a group of customers."""
    return GroupOut.of(groups.rename_group(group_id, body.name))


@routes.command(
    "DELETE", "/customer-groups/<uuid:group_id>", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownGroup, GroupInUse),
)  # fmt: skip
def delete_customer_group(group_id: UUID) -> None:
    """Delete a group of customers. Its members stay customers."""
    groups.delete_group(group_id)


@routes.query("/customers/<uuid:customer_id>/groups", access=READ, errors=(UnknownCustomer,))
def show_groups_of_customer(customer_id: UUID) -> GroupsOfCustomer:
    """Show which groups a customer is in."""
    customer = queries.customer(customer_id)
    return GroupsOfCustomer(
        items=[GroupOut.of(group) for group in groups.of_customer(customer_id)], version=customer.version
    )


@routes.command(
    "PUT", "/customers/<uuid:customer_id>/groups", access=WRITE, if_match=IfMatch.REQUIRED,
    errors=(UnknownCustomer, UnknownGroup),
)  # fmt: skip
def put_customer_in_groups(customer_id: UUID, body: PutInGroups) -> GroupsOfCustomer:
    """Put a customer into groups, and take them out of all others."""
    held = groups.put_in(customer_id, body.group_ids)
    return GroupsOfCustomer(items=[GroupOut.of(group) for group in held], version=queries.customer(customer_id).version)
