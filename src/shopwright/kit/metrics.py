"""What the shop counts, for Prometheus, added up over all worker processes."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Histogram, disable_created_metrics, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_directory: str | None = None
_registry = CollectorRegistry()
_requests: Histogram | None = None
_waits: Histogram | None = None
_drifts: Gauge | None = None
_series: dict[tuple[str, str, int], Histogram] = {}
_watched: dict[str, tuple[str, Callable[[], float]]] = {}


def configure(directory: str | None) -> None:
    """Count in files of this directory, which all processes share; without one, in this process alone."""
    global _directory, _registry, _requests, _waits, _drifts
    _directory = directory
    # The library takes the directory from the environment, and looks for it only once, when it is imported.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    if directory:
        Path(directory).mkdir(parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
    # They would add a second series to each.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    _registry = CollectorRegistry()
    _series.clear()
    _requests = Histogram(
        "http_request_duration_seconds",
        "How long requests took to answer",
        ("method", "url_rule", "status"),
        buckets=BUCKETS,
        registry=_registry,
    )
    _waits = Histogram(
        "http_request_wait_seconds",
        "How long requests stood in line before they were looked at, as the proxy in front says",
        ("outcome",),
        buckets=BUCKETS,
        registry=_registry,
    )
    _drifts = Gauge(
        "verification_drifts",
        "Rows that drifted from their ledgers, as the last verification found them",
        ("check",),
        # Only the worker that made the last run knows.
        multiprocess_mode="mostrecent",
        registry=_registry,
    )


def report_drifts(counts: Mapping[str, int]) -> None:
    """How many drifts the last verification found, by check."""
    if _drifts is None:
        raise RuntimeError("metrics.configure() was not called")
    for check, count in counts.items():
        _drifts.labels(check).set(count)


def watch(name: str, meaning: str, read: Callable[[], float]) -> None:
    """Read this anew whenever somebody looks at the metrics: it is true whether or not a worker lives to tell of it."""
    _watched[name] = meaning, read


def clear(directory: str) -> None:
    """Forget what an earlier run counted. Call it once, before the first process starts."""
    for file in Path(directory).glob("*.db"):
        file.unlink()


def observe(method: str, url_rule: str, status: int, seconds: float) -> None:
    """Count a request. `url_rule` is the route's pattern, never the path: each new label costs memory."""
    if _requests is None:
        raise RuntimeError("metrics.configure() was not called")
    # Kept at hand, since finding the series costs as much as counting.
    series = _series.get((method, url_rule, status))
    if series is None:
        labels = method if method in METHODS else "OTHER", url_rule, str(status)
        series = _series[labels[0], url_rule, status] = _requests.labels(*labels)
    series.observe(seconds)


def observe_wait(seconds: float, *, is_shed: bool) -> None:
    """Count for how long a request stood in line, and whether it was refused for that."""
    if _waits is None:
        raise RuntimeError("metrics.configure() was not called")
    _waits.labels("refused" if is_shed else "served").observe(seconds)


def exposition() -> bytes:
    """All counts in Prometheus' text format 0.0.4."""
    if _directory is None:
        return generate_latest(_registry)
    together = CollectorRegistry()
    MultiProcessCollector(together, _directory)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def watched() -> bytes:
    """What is read now, in the same format. Raises what reading raises."""
    lines = (
        f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{name} {float(read())}\n"
        for name, (meaning, read) in _watched.items()
    )
    return "".join(lines).encode()
