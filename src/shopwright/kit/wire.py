"""The two kinds of Structs that cross the wire."""

from typing import Any, dataclass_transform

import msgspec
from msgspec import UNSET


@dataclass_transform(frozen_default=True, kw_only_default=True)
class In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client sends. A field that is not asked for is refused, so nothing can be assigned by surprise."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Out(msgspec.Struct, frozen=True, kw_only=True):
    """What a client gets: an allow-list, never a row."""


def changes_in(body: In) -> dict[str, Any]:
    """What a merge patch (RFC 7396) says: absent keeps, null empties."""
    said = {name: getattr(body, name) for name in body.__struct_fields__}
    return {name: value for name, value in said.items() if value is not UNSET}
