"""E-mail addresses: which ones are accepted, and when two are the same."""

import unicodedata
from typing import Annotated

from msgspec import Meta

Email = Annotated[
    str,
    Meta(
        pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s.\x00-\x1f\x7f]{1,63}(\.[^@\s.\x00-\x1f\x7f]{1,63}){1,8}$(?!\n)",
        max_length=254,
        examples=["ada@example.com"],
        description="An e-mail address. Case makes no difference",
    ),
]


def key_of(email: str) -> str:
    """What is compared: two spellings of one address have the same key."""
    return unicodedata.normalize("NFC", email.strip().casefold())
