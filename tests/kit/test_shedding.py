"""Who has stood in line for too long is refused before anything is done for them."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from shopwright.kit import metrics
from shopwright.kit.shedding import Shedding, seconds_since
from shopwright.kit.web import TrustedProxies, Whole
from shopwright.settings import Settings

PROXY = "10.0.0.1"
LONGEST_MS = 1_000


@pytest.fixture
def behind_a_proxy(app: Flask) -> FlaskClient:
    own = Flask("bare")
    for path in ("/hello", "/livez"):
        own.add_url_rule(path, endpoint=path, view_func=lambda: Whole(200, [], b"hello"))
    settings = Settings(trusted_proxies=(PROXY,))
    own.wsgi_app = TrustedProxies(Shedding(own.wsgi_app, LONGEST_MS), settings)  # type: ignore[method-assign]
    return own.test_client()


def asked(client: FlaskClient, sent: str, path: str = "/hello", peer: str = PROXY) -> int:
    return client.get(path, headers={"X-Request-Start": sent}, environ_base={"REMOTE_ADDR": peer}).status_code


def waits(outcome: str) -> float:
    """How many waited, and had this outcome."""
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition().decode())}
    counted = (s for s in families["http_request_wait_seconds"].samples if s.name.endswith("_count"))
    return sum(sample.value for sample in counted if sample.labels["outcome"] == outcome)


@pytest.mark.parametrize(("prefix", "per_second"), [("t=", 1), ("t=", 1e3), ("", 1e6)])
def test_who_waited_for_too_long_is_refused_and_who_did_not_is_served(
    behind_a_proxy: FlaskClient, prefix: str, per_second: float
) -> None:
    now, refused, served = time.time(), waits("refused"), waits("served")
    assert asked(behind_a_proxy, f"{prefix}{(now - 2) * per_second:.3f}") == 503
    assert asked(behind_a_proxy, f"{prefix}{now * per_second:.3f}") == 200
    assert (waits("refused") - refused, waits("served") - served) == (1, 1)


def test_the_refusal_says_when_to_come_again(behind_a_proxy: FlaskClient) -> None:
    refused = behind_a_proxy.get(
        "/hello", headers={"X-Request-Start": f"t={time.time() - 2}"}, environ_base={"REMOTE_ADDR": PROXY}
    )
    assert (refused.status_code, refused.headers["Retry-After"], refused.json["code"]) == (503, "2", "unavailable")


def test_probes_get_through(behind_a_proxy: FlaskClient) -> None:
    assert asked(behind_a_proxy, f"t={time.time() - 60}", "/livez") == 200


def test_a_stranger_is_not_believed(behind_a_proxy: FlaskClient) -> None:
    assert asked(behind_a_proxy, f"t={time.time() - 60}", peer="203.0.113.9") == 200


@pytest.mark.parametrize("sent", ["", "t=", "yesterday", "t=nan", "inf", "-inf", "t=1e999"])
def test_what_is_no_moment_is_ignored(behind_a_proxy: FlaskClient, sent: str) -> None:
    assert seconds_since(sent) is None
    assert asked(behind_a_proxy, sent) == 200


def test_a_proxy_whose_clock_is_ahead_has_nobody_wait() -> None:
    assert seconds_since(f"t={time.time() + 60}") == 0
