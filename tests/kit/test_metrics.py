import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families

from shopwright.kit import metrics

WORKER = """
from shopwright.kit import metrics
metrics.configure({directory!r})
for _ in range(3):
    metrics.observe("GET", "/products/<slug>", 200, 0.02)
"""


@pytest.fixture(autouse=True)
def _own_metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("_directory", "_registry", "_requests", "_waits", "_drifts"):
        monkeypatch.setattr(metrics, name, getattr(metrics, name))
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    yield
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)


def samples() -> dict[tuple[str, ...], float]:
    """The count of requests by method, rule and status."""
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition().decode())}
    family = families["http_request_duration_seconds"]
    assert family.type == "histogram"
    return {
        (sample.labels["method"], sample.labels["url_rule"], sample.labels["status"]): sample.value
        for sample in family.samples
        if sample.name.endswith("_count")
    }


def test_requests_are_counted_by_method_rule_and_status() -> None:
    metrics.configure(None)
    for status in (200, 200, 404):
        metrics.observe("GET", "/products/<slug>", status, 0.02)
    assert samples() == {("GET", "/products/<slug>", "200"): 2, ("GET", "/products/<slug>", "404"): 1}


def test_their_time_falls_into_a_bucket() -> None:
    metrics.configure(None)
    metrics.observe("GET", "/", 200, 0.02)
    line = 'http_request_duration_seconds_bucket{le="%s",method="GET",status="200",url_rule="/"} %s'
    written = metrics.exposition().decode().splitlines()
    assert line % ("0.01", "0.0") in written
    assert line % ("0.025", "1.0") in written


def test_invented_methods_share_one_label() -> None:
    metrics.configure(None)
    for number in range(5):
        metrics.observe(f"HACK{number}", "(none)", 405, 0.01)
    assert samples() == {("OTHER", "(none)", "405"): 5}


def test_all_processes_are_added_up_and_cleared_at_the_next_start(tmp_path: Path) -> None:
    directory = str(tmp_path / "metrics")
    for _ in range(2):
        subprocess.run([sys.executable, "-c", WORKER.format(directory=directory)], check=True)
    metrics.configure(directory)
    assert samples() == {("GET", "/products/<slug>", "200"): 6}
    metrics.observe("GET", "/products/<slug>", 200, 0.02)
    assert samples() == {("GET", "/products/<slug>", "200"): 7}
    metrics.clear(directory)
    assert metrics.exposition() == b""


def test_of_drifts_the_last_run_counts_whichever_process_made_it(tmp_path: Path) -> None:
    directory = str(tmp_path / "metrics")
    earlier = f"from shopwright.kit import metrics; metrics.configure({directory!r}); metrics.report_drifts({{'a': 3, 'b': 1}})"
    subprocess.run([sys.executable, "-c", earlier], check=True)
    metrics.configure(directory)
    metrics.report_drifts({"a": 0})
    told = metrics.exposition().decode().splitlines()
    assert [line for line in told if line.startswith("verification_drifts{")] == [
        'verification_drifts{check="a"} 0.0',
        'verification_drifts{check="b"} 1.0',
    ]


def test_before_it_is_configured_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_requests", None)
    with pytest.raises(RuntimeError):
        metrics.observe("GET", "/", 200, 0.1)
