"""A crowd of shoppers, played by k6 (`crowd.js`): what each endpoint took, and how many good answers came a second."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from bench import smoke
from bench.checkouts import Offer

SCRIPT = Path(__file__).with_suffix(".js")
SHOPPERS = 1000
THINKING = 1.0
#: So that a run that hangs ends.
SPARE_SECONDS = 60


@dataclass(frozen=True)
class Endpoint:
    """Milliseconds, of the answers that were as asked for. `refused` were told to come again later."""

    name: str
    done: int
    errors: int
    refused: int
    p50: float
    p95: float
    p99: float
    worst: float


@dataclass(frozen=True)
class Crowd:
    endpoints: list[Endpoint]
    seconds: float
    good: int
    """Answers as asked for, within a second."""
    cpu_of_client: float
    """Seconds of the processor, of the whole run."""

    @property
    def asked(self) -> int:
        return sum(endpoint.done + endpoint.errors + endpoint.refused for endpoint in self.endpoints)

    @property
    def failed(self) -> int:
        return self.errors + sum(endpoint.refused for endpoint in self.endpoints)

    @property
    def errors(self) -> int:
        return sum(endpoint.errors for endpoint in self.endpoints)


@dataclass(frozen=True)
class Way:
    """How they come: so many who think between two requests, or (with a `rate`) so many requests a second."""

    seconds: int
    warming: int
    shoppers: int = SHOPPERS
    thinking: float = THINKING
    rate: int = 0


def catalog(port: int, offers: Sequence[Offer], folder: Path) -> Path:
    """What they choose from, as a file for all runs."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        said = {
            name: [item["slug"] for item in browser.get(f"/v1/{name}?channel=eu").raise_for_status().json()["items"]]
            for name in ("categories", "collections")
        }
    path = folder / "offers.json"
    path.write_bytes(msgspec.json.encode(said | {"offers": offers}))
    return path


def come(port: int, offers: Path, way: Way) -> Crowd:
    """Ends the program when k6 does not do what it should; answers that are no good are in what it answers."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        summary = Path(folder) / "summary.json"
        settings = {
            "SHOP": f"http://127.0.0.1:{port}", "OFFERS": str(offers), "SUMMARY": str(summary),
            "EXECUTOR": "arriving" if way.rate else "thinking", "RATE": str(way.rate or 1), "SHOPPERS": str(way.shoppers),
            "SECONDS": str(way.seconds), "WARMING": str(way.warming), "THINKING": str(0 if way.rate else way.thinking),
        }  # fmt: skip
        before = os.times()
        _run_k6(settings, way.seconds + SPARE_SECONDS)
        after = os.times()
        metrics = msgspec.json.decode(summary.read_bytes())
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return read(metrics, way.seconds - way.warming, cpu)


def find_k6() -> str:
    """Ends the program where there is none, so that it is looked for before anything is measured."""
    beside_python = Path(sys.executable).with_name("k6")
    program = str(beside_python) if beside_python.exists() else shutil.which("k6")
    return program or sys.exit("There is no k6: `make load` installs it.")


def _run_k6(settings: dict[str, str], longest: float) -> None:
    # It asks nobody outside, and its own API would want a port.
    command = [find_k6(), "run", "--quiet", "--no-usage-report", "--address", "", str(SCRIPT)]
    process = subprocess.Popen(command, cwd=smoke.ROOT, env=os.environ | settings)
    try:
        code = process.wait(longest)
    finally:
        # Also when this program is told to end.
        process.kill()
        process.wait()
    if code:
        sys.exit(f"k6 ended with {code}")


def read(metrics: dict[str, dict[str, dict[str, float]]], seconds: float, cpu: float) -> Crowd:
    def counted(name: str) -> int:
        return int(metrics[name]["values"]["count"]) if name in metrics else 0

    endpoints = []
    names = {name.partition("_")[2] for name in metrics if name.startswith(("took_", "failed_", "refused_"))}
    for name in names:
        took = metrics.get(f"took_{name}", {"values": {}})["values"]
        at = {part: took.get(part, 0.0) for part in ("med", "p(95)", "p(99)", "max")}
        endpoints.append(
            Endpoint(
                name.replace("_", " "), counted(f"took_{name}"), counted(f"failed_{name}"), counted(f"refused_{name}"),
                at["med"], at["p(95)"], at["p(99)"], at["max"],
            )
        )  # fmt: skip
    return Crowd(sorted(endpoints, key=lambda found: -found.done), seconds, counted("good"), cpu)
