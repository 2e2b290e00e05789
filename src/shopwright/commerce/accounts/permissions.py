"""What members of staff may do: `resource:action`, in the order of the alphabet. A role is a set of these."""

from enum import StrEnum


class Permission(StrEnum):
    AUDIT_READ = "audit:read"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    CHANNELS_READ = "channels:read"
    CHANNELS_WRITE = "channels:write"
    CUSTOMERS_READ = "customers:read"
    INVENTORY_READ = "inventory:read"
    INVENTORY_WRITE = "inventory:write"
    ORDERS_CANCEL = "orders:cancel"
    ORDERS_CAPTURE = "orders:capture"
    ORDERS_FULFILL = "orders:fulfill"
    ORDERS_READ = "orders:read"
    ORDERS_REFUND = "orders:refund"
    PRICES_READ = "prices:read"
    PRICES_WRITE = "prices:write"
    SHIPPING_READ = "shipping:read"
    SHIPPING_WRITE = "shipping:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    SYSTEM_READ = "system:read"
    SYSTEM_WRITE = "system:write"
    TAXES_READ = "taxes:read"
    TAXES_WRITE = "taxes:write"
