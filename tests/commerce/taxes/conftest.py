from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shopwright.embedded.process import Server
from tests import tax_service
from tests.auditor import audit
from tests.shopping import Buyer, Shop, make_shop


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A tax service, in a process of its own."""
    server = tax_service.launch(Path(tmp_path_factory.mktemp("tax-service")))
    yield server
    server.stop()


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return make_shop()


@pytest.fixture
def buyer(client: FlaskClient, shop: Shop) -> Iterator[Buyer]:
    """A guest; afterwards the auditor looks at the whole shop."""
    yield Buyer(client, shop)
    audit()
