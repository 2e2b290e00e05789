"""What each column of the shop may be shown to: export, erasure, retention and log masking follow from it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column
from sqlalchemy.orm import MappedColumn, QueryableAttribute, mapped_column

_KEY = "privacy"


class Privacy(StrEnum):
    """How far a value may travel."""

    PUBLIC = "public"
    """Anyone may see it: a product's name, a published price."""
    BUSINESS = "business"
    """The shop's own: stock, costs, states, ids. Stays with staff, says nothing about a person."""
    PERSONAL = "personal"
    """About a person: exported on demand, erased on demand, masked in logs."""
    SECRET = "secret"  # noqa: S105 (a class of data, not a password)
    """Lets somebody in: never exported, never logged, never shown again."""


def public(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """`mapped_column(...)`, classed as public."""
    return _classed(Privacy.PUBLIC, args, kwargs)


def business(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """`mapped_column(...)`, classed as business."""
    return _classed(Privacy.BUSINESS, args, kwargs)


def personal(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """`mapped_column(...)`, classed as personal."""
    return _classed(Privacy.PERSONAL, args, kwargs)


def secret(*args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """`mapped_column(...)`, classed as secret."""
    return _classed(Privacy.SECRET, args, kwargs)


def privacy_of(column: Column[Any] | QueryableAttribute[Any]) -> Privacy | None:
    """The class of a table's column or of a mapped attribute; None if nobody gave it one."""
    found = column.info.get(_KEY)
    return found if isinstance(found, Privacy) else None


def _classed(privacy: Privacy, args: tuple[Any, ...], kwargs: dict[str, Any]) -> MappedColumn[Any]:
    info = {**(kwargs.pop("info", None) or {}), _KEY: privacy}
    return mapped_column(*args, info=info, **kwargs)
