from collections.abc import Callable, Iterator

import msgspec
import pytest

from shopwright import settings
from shopwright.commerce.payments.providers.stripe import Stripe
from shopwright.embedded.process import Server
from shopwright.kit import ids
from shopwright.settings import Settings
from tests.commerce.payments.stripe import peers
from tests.commerce.payments.stripe.relay import Relay, Served
from tests.commerce.payments.stripe.scripted import Scripted
from tests.commerce.payments.stripe.shapes import SECRET


@pytest.fixture(autouse=True)
def _ids_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids never go back, so after a test that held its clock ahead they are born in the future; the adapter reads that."""
    monkeypatch.setattr(ids, "_last", 0)


@pytest.fixture
def stripe_at() -> Iterator[Callable[[str], Stripe]]:
    """The adapter, speaking to this address."""
    before = settings.current()

    def at(url: str) -> Stripe:
        settings.use(
            msgspec.structs.replace(
                Settings(environment="test"), stripe_secret_key=peers.KEY, stripe_api_base=url,
                stripe_webhook_secrets=("whsec_the_one_before", SECRET),
            )
        )  # fmt: skip
        return Stripe()

    yield at
    settings.use(before)


@pytest.fixture
def stripe(stripe_at: Callable[[str], Stripe]) -> Stripe:
    """Asks nobody: nothing listens there."""
    return stripe_at("http://127.0.0.1:9")


@pytest.fixture
def script() -> Scripted:
    """What Stripe is to answer; the test writes it down."""
    return Scripted()


@pytest.fixture
def scripted(script: Scripted, stripe_at: Callable[[str], Stripe]) -> Iterator[Stripe]:
    served = Served(script)
    yield stripe_at(served.url)
    served.stop()
    assert script.script == [], "not all was asked for"


@pytest.fixture(scope="session")
def localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = peers.localstripe(tmp_path_factory.mktemp("localstripe"))
    if server is None:
        pytest.skip("localstripe is not installed, or there is no IPv6, which it listens on: its checks are skipped")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str | None]:
    """stripe-mock where it is; without it the flows go unchecked, and the tests of the requests say so."""
    server = peers.stripe_mock(tmp_path_factory.mktemp("stripe-mock"))
    if server is None:
        yield None
        return
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def stripe_mock(checker: str | None) -> str:
    if checker is None:
        pytest.skip("no stripe-mock (`make peers` builds it where Go is): its checks are skipped")
    return checker


@pytest.fixture
def relay(localstripe: Server, checker: str | None) -> Iterator[Relay]:
    relay = Relay(upstream=localstripe.url, checker=checker)
    yield relay
    assert relay.refused == [], "Stripe's own document does not have it like this"


@pytest.fixture
def local(relay: Relay, stripe_at: Callable[[str], Stripe]) -> Iterator[Stripe]:
    """The adapter, speaking to localstripe, with every request checked by stripe-mock."""
    served = Served(relay)
    yield stripe_at(served.url)
    served.stop()
