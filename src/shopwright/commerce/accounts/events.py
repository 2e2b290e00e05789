from uuid import UUID

from shopwright.kit.events import Event


class CustomerRegistered(Event):
    customer_id: UUID


class CustomerChanged(Event):
    """The profile or an address was changed."""

    customer_id: UUID


class StaffMemberAdded(Event):
    staff_id: UUID


class StaffMemberChanged(Event):
    """Name, roles or state were changed."""

    staff_id: UUID
