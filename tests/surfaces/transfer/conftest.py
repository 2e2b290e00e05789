from collections.abc import Iterator

import pytest
from flask import Flask

from tests.auditor import audit


@pytest.fixture(autouse=True)
def _audited(app: Flask) -> Iterator[None]:
    """Whatever was imported, the auditor finds nothing wrong with it."""
    yield
    audit()
