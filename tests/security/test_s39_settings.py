"""S39: a shop whose settings do not hold does not start, and says everything that is wrong with them at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from shopwright import settings
from shopwright.settings import DEVELOPMENT_SECRET, SHORTEST_SECRET, SettingsFault

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://shop:secret@db.example.com/shop",
    "REDIS_URL": "rediss://redis.example.com/0",
    "SECRET_KEY": "Zk3v0p7dQ1c8Yx5sJ2nL9wR4tB6uE0aH",
    "STORAGE_URL": "s3://pictures",
    "PUBLIC_URL": "https://api.example.com",
    "ALLOWED_HOSTS": "api.example.com",
}


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsFault) as caught:
        settings.read(environ)
    first, *rest = str(caught.value).splitlines()
    assert first == "The settings do not hold:"
    return [line.removeprefix("  - ").split(":")[0] for line in rest]


def test_a_production_with_all_its_settings_starts() -> None:
    assert settings.read(PRODUCTION).is_production


def test_every_fault_is_named_at_once() -> None:
    wrong = {
        "DATABASE_URL": "mysql://localhost", "REDIS_URL": "localhost:6379", "TRUSTED_PROXIES": "10.0.0.0/8, nobody",
        "WEB_WORKERS": "0", "DB_POOL_SIZE": "many", "ACCESS_TOKEN_SECONDS": "901", "ENVIRONMENT": "live",
    }  # fmt: skip
    assert sorted(faults(wrong)) == sorted(wrong)


def test_production_names_all_that_it_needs() -> None:
    needed = ["ALLOWED_HOSTS", "DATABASE_URL", "PUBLIC_URL", "REDIS_URL", "SECRET_KEY", "STORAGE_URL"]
    assert sorted(faults({"ENVIRONMENT": "production"})) == needed


@pytest.mark.parametrize("secret", [DEVELOPMENT_SECRET, "", "x" * (SHORTEST_SECRET - 1)])
def test_production_refuses_a_default_or_short_secret(secret: str) -> None:
    assert faults(PRODUCTION | {"SECRET_KEY": secret}) == ["SECRET_KEY"]


@pytest.mark.parametrize("secret", [" " * 40, "x" * 40, "changeme" * 5])
def test_production_refuses_a_secret_that_is_long_and_no_secret(secret: str) -> None:
    assert faults(PRODUCTION | {"SECRET_KEY": secret}) == ["SECRET_KEY"]


def test_s44_production_refuses_the_development_payment_provider() -> None:
    assert faults(PRODUCTION | {"PSP_URL": "http://127.0.0.1:9000"}) == ["PSP_URL"]


def test_production_calls_nothing_private() -> None:
    assert faults(PRODUCTION | {"OUTBOUND_PRIVATE_HOSTS": "localhost"}) == ["OUTBOUND_PRIVATE_HOSTS"]


def test_a_fault_never_shows_the_secret() -> None:
    with pytest.raises(SettingsFault) as caught:
        settings.read(PRODUCTION | {"SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_process_with_wrong_settings_ends_before_it_serves() -> None:
    start = "from shopwright.app import create_app; create_app()"
    environ = {"PYTHONPATH": str(ROOT / "src"), "ENVIRONMENT": "production", "PORT": "99999"}
    ended = subprocess.run([sys.executable, "-c", start], env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    for name in ("PORT", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "PUBLIC_URL", "STORAGE_URL"):
        assert f"  - {name}: " in ended.stderr


def test_the_search_is_answered_by_one_engine() -> None:
    one, other = {"ELASTICSEARCH_URL": "https://es.example.com"}, {"OPENSEARCH_URL": "https://os.example.com"}
    assert faults(one | other) == ["OPENSEARCH_URL"]
    assert faults(one | {"SEARCH": "opensearch"}) == ["SEARCH"]
    assert faults({"SEARCH": "solr"}) == ["SEARCH"]
    assert faults({"ELASTICSEARCH_URL": "es.example.com:9200"}) == ["ELASTICSEARCH_URL"]
    assert settings.read(other).opensearch_url == "https://os.example.com"
