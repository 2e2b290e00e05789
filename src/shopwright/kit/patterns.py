"""LIKE patterns for what somebody typed, whatever signs are in it."""

import re

#: What an index of trigrams can look up anywhere in a text.
SHORTEST_PART = 3


def like(prefix: str) -> str:
    """For what begins with `prefix`."""
    return re.sub(r"([\\%_])", r"\\\1", prefix) + "%"


def containing(text: str) -> str:
    """For what has `text` in it. Of fewer than three signs an index knows no more than what begins so."""
    return like(text) if len(text) < SHORTEST_PART else "%" + like(text)
