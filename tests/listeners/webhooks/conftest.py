from collections.abc import Iterator

import msgspec
import pytest
from flask import Flask

from shopwright import settings
from shopwright.kit import clock
from tests.receiver import Receiver, receiving


@pytest.fixture(autouse=True)
def _loopback_may_be_called(app: Flask) -> Iterator[None]:
    before = settings.current()
    settings.use(msgspec.structs.replace(before, outbound_private_hosts=("127.0.0.1",)))
    yield
    settings.use(before)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def _held_clock() -> Iterator[None]:
    """Days pass only when a test says so."""
    with clock.held_at(clock.now()):
        yield
