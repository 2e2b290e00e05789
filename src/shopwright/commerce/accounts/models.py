"""Customers and staff, what staff may do, and the sign-ins of both."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import clock, ids
from shopwright.kit.db import Base
from shopwright.kit.privacy import business, personal, secret


class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = (
        # Staff look for the beginning of an address, which a plain index finds in the C locale only.
        Index("ix_customers_email_prefix", "email_key", postgresql_ops={"email_key": "text_pattern_ops"}),
        Index("ix_customers_name_parts", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    email: Mapped[str] = personal(String(254))
    # As written above, and here as compared: without regard to case.
    email_key: Mapped[str] = personal(String(800), unique=True)
    name: Mapped[str] = personal(String(200), default="")
    phone: Mapped[str] = personal(String(30), default="")
    locale: Mapped[str | None] = personal(String(20))
    password_hash: Mapped[str] = secret(String(200))
    registered_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


#: Among a role's permissions: also those that later releases bring.
EVERYTHING = "*"


def granted(permissions: Iterable[str]) -> frozenset[str]:
    """What a role with these permissions lets its holders do."""
    named = frozenset(permissions)
    return frozenset(str(permission) for permission in Permission) if EVERYTHING in named else named


def _one_default(purpose: str) -> Index:
    flag = text(f"is_default_{purpose}")
    return Index(f"uq_customer_addresses_{purpose}", "customer_id", unique=True, postgresql_where=flag)


class CustomerAddress(Base):
    __tablename__ = "customer_addresses"
    __table_args__ = (
        Index("ix_customer_addresses_customer", "customer_id", "id"),
        _one_default("shipping"),
        _one_default("billing"),
    )

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    customer_id: Mapped[UUID] = business(ForeignKey("customers.id", ondelete="CASCADE"))
    address: Mapped[dict[str, Any]] = personal()
    is_default_shipping: Mapped[bool] = personal(default=False)
    is_default_billing: Mapped[bool] = personal(default=False)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class CustomerGroup(Base):
    """Customers who are treated alike: resellers, members of a club. Its prices and promotions are theirs alone."""

    __tablename__ = "customer_groups"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    name: Mapped[str] = business(String(100), unique=True)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class GroupMember(Base):
    __tablename__ = "customer_group_members"

    customer_id: Mapped[UUID] = personal(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[UUID] = personal(
        ForeignKey("customer_groups.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class StaffMember(Base):
    __tablename__ = "staff_members"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    email: Mapped[str] = personal(String(254))
    email_key: Mapped[str] = personal(String(800), unique=True)
    name: Mapped[str] = personal(String(200), default="")
    password_hash: Mapped[str] = secret(String(200))
    is_active: Mapped[bool] = business(default=True)
    added_at: Mapped[datetime] = business(default=clock.now)
    # Moves with the roles, too, so that a change of them is a new version of the member.
    changed_at: Mapped[datetime] = business(default=clock.now)
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}


class Role(Base):
    """A name for a set of permissions."""

    __tablename__ = "roles"

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    name: Mapped[str] = business(String(100), unique=True)
    permissions: Mapped[list[str]] = business(ARRAY(String(100)))
    version: Mapped[int] = business()

    __mapper_args__ = {"version_id_col": version}

    @property
    def grants(self) -> frozenset[str]:
        return granted(self.permissions)


class StaffRole(Base):
    """That a member holds a role. A role that somebody holds cannot be deleted."""

    __tablename__ = "staff_roles"

    staff_id: Mapped[UUID] = business(ForeignKey("staff_members.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[UUID] = business(ForeignKey("roles.id", ondelete="RESTRICT"), primary_key=True, index=True)


class SignIn(Base):
    """One sign-in of somebody, until they sign out: the family of all the refresh tokens that followed from it."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name="of_one_account"),)

    id: Mapped[UUID] = business(primary_key=True, default=ids.new)
    customer_id: Mapped[UUID | None] = business(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[UUID | None] = business(ForeignKey("staff_members.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = personal(default=clock.now)
    expires_at: Mapped[datetime] = business(index=True)
    ended_at: Mapped[datetime | None] = business()


class RefreshToken(Base):
    """A token that can be exchanged for the next, once. It is random, and stored as its SHA-256."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[bytes] = secret(LargeBinary, primary_key=True)
    sign_in_id: Mapped[UUID] = business(ForeignKey("sign_ins.id", ondelete="CASCADE"), index=True)
    issued_at: Mapped[datetime] = business(default=clock.now)
    used_at: Mapped[datetime | None] = business()
