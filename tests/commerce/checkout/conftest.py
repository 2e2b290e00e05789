from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.auditor import audit
from tests.shopping import Buyer, Shop, make_shop


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return make_shop()


@pytest.fixture
def buyer(client: FlaskClient, shop: Shop) -> Iterator[Buyer]:
    """A guest; afterwards the auditor looks at the whole shop."""
    yield Buyer(client, shop)
    audit()
