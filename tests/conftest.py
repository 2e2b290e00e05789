"""Real PostgreSQL and Redis for every test: each worker has its own, thrown away when the run ends."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shopwright.app import create_app
from shopwright.embedded import postgres, valkey
from shopwright.embedded.engines import LAUNCHERS
from shopwright.embedded.process import Server
from shopwright.embedded.psp import server as payment_provider
from shopwright.kit import cache, db, schema
from shopwright.settings import Settings
from tests.engines import needed
from tests.paying import Psp
from tests.sharing import OneEngineEach

SECRET = "a-secret-that-is-only-for-tests-0123456789"
PSP_SECRET = "a-secret-of-the-payment-provider-for-tests"
#: No answer comes quickly, and what is late or pending waits for the test.
PSP_TIMINGS = {"PSP_SLOW_SECONDS": "0.3", "PSP_HOLD_SECONDS": "0.1", "PSP_LATE_SECONDS": "3600"}


@pytest.hookimpl(optionalhook=True)  # also where tests are run one by one, without xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneEngineEach | None:
    return OneEngineEach(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = postgres.launch(Path(tmp_path_factory.mktemp("pg")), durable=False)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = valkey.launch(Path(tmp_path_factory.mktemp("valkey")), durable=False)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def psp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The development payment provider, half a second a worker. It keeps its webhooks: `tests/paying.py` posts them."""
    folder = Path(tmp_path_factory.mktemp("psp"))
    server = payment_provider.launch(folder, secret=PSP_SECRET, environment=PSP_TIMINGS)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def search_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The address of an engine by its name, started for who asks first; its tests keep apart by their prefixes."""
    started: dict[str, Server] = {}

    def url_of(name: str) -> str:
        if name not in started:
            started[name] = LAUNCHERS[needed(name)](tmp_path_factory.mktemp(name), is_brief=True)
        return started[name].url

    yield url_of
    for server in started.values():
        server.stop()


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, psp: Server) -> Settings:
    return Settings(
        environment="test", database_url=database_url, redis_url=redis_url, secret_key=SECRET,
        cache_enabled=False, reads_per_minute=1_000_000,
        writes_per_minute=1_000_000, gift_card_tries_per_minute=1_000_000, sign_ins_per_minute=1_000_000,
        codes_per_minute=1_000_000,
        psp_url=psp.url, psp_secret=PSP_SECRET,
    )  # fmt: skip


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.testing = True
    schema.upgrade(settings)
    return app


@pytest.fixture(autouse=True)
def _rolled_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """One connection a test, joined by savepoints, and rolled back; races make real commits in a database of their own."""
    if "app" not in request.fixturenames and "client" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("app")
    with db.engine().connect() as connection:
        outer = connection.begin()
        db.pin(connection)
        try:
            yield
        finally:
            db.pin(None)
            outer.rollback()
            cache.redis().flushdb()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Speaks HTTP to the app; in it, a refusal that its endpoint does not declare is an error."""
    client = app.test_client()
    client.environ_base["shopwright.strict"] = True
    return client


@pytest.fixture
def provider(psp: Server) -> Iterator[Psp]:
    """The provider's side of what a test is about."""
    provider = Psp(psp.url, PSP_SECRET)
    yield provider
    provider.http.close()
