from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from shopwright.kit.db import session
from shopwright.kit.events import OutboxEntry
from shopwright.kit.transaction import reading

Facts = Callable[[], list[str]]


@pytest.fixture
def facts(app: Flask) -> Facts:
    """The names of the facts announced since it was last asked, in order."""
    seen = 0

    def announced() -> list[str]:
        nonlocal seen
        with reading():
            names = list(session.scalars(select(OutboxEntry.name).order_by(OutboxEntry.sequence)))
        new, seen = names[seen:], len(names)
        return new

    announced()
    return announced
