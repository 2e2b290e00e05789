from uuid import UUID

from shopwright.kit.events import Event


class CustomerRegistered(Event, frozen=True, kw_only=True):
    customer_id: UUID


class CustomerChanged(Event, frozen=True, kw_only=True):
    """The profile or an address was changed."""

    customer_id: UUID


class StaffMemberAdded(Event, frozen=True, kw_only=True):
    staff_id: UUID


class StaffMemberChanged(Event, frozen=True, kw_only=True):
    """Name, roles or state were changed."""

    staff_id: UUID


class CustomerGroupsChanged(Event, frozen=True, kw_only=True):
    """Put into other groups, so that other prices may be theirs."""

    customer_id: UUID
