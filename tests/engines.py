"""Real search engines for tests: those that `make search-node` fetched. `make test-search` lets none be missing."""

import os

import pytest

from shopwright.embedded import engine_files as files
from shopwright.embedded.process import CannotStart

NAMES = {"elasticsearch": files.ELASTICSEARCH, "opensearch": files.OPENSEARCH}


def needed(engine: str) -> str:
    """The engine's own name, if it can be started; else the test is skipped, or fails where none may be missing."""
    try:
        files.find(NAMES[engine])
        files.find_jdk()
    except CannotStart as fault:
        if os.environ.get("SEARCH_ENGINES") == "needed":
            pytest.fail(str(fault))
        pytest.skip(str(fault))
    return engine
