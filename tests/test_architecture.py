"""What a machine can hold of the architecture: sizes, contracts, the document, privacy, idempotency."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from shopwright import app as shop
from shopwright.kit import db, schema
from shopwright.kit.http import IfMatch, Kind
from shopwright.kit.privacy import privacy_of

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
DOCUMENT = ROOT / "docs" / "api" / "openapi.json"

LONGEST_FILE, LONGEST_FUNCTION = 300, 40

#: Sign-in answers are never stored, a balance is only asked for, providers' webhooks are told apart by their own event
#: ids, and what was clicked by search and product.
NOT_IDEMPOTENT = {
    "POST /v1/auth/register",
    "POST /v1/auth/token",
    "POST /v1/auth/refresh",
    "POST /v1/auth/revoke",
    "POST /v1/auth/password",
    "POST /v1/gift-cards/balance",
    "POST /v1/search/events",
    "POST /v1/webhooks/payments/<provider_name>",
}


def endpoints() -> Iterator[object]:
    for routes in shop.ROOMS:
        yield from routes.endpoints


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_and_its_functions_keep_their_sizes(file: Path) -> None:
    text = file.read_text()
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno + 1 <= LONGEST_FUNCTION, node.name


def test_only_the_settings_read_the_environment() -> None:
    readers = [str(f.relative_to(ROOT)) for f in SOURCES if "os.environ" in f.read_text() or "getenv(" in f.read_text()]
    # prometheus-client takes its folder from the environment alone, so `metrics` must set it.
    assert readers == ["src/shopwright/kit/metrics.py", "src/shopwright/settings.py"]


def test_services_models_and_queries_know_neither_http_nor_transactions() -> None:
    for file in SOURCES:
        if file.parent.parent.name == "commerce" and file.stem in ("service", "models", "queries"):
            imported = {
                alias
                for node in ast.walk(ast.parse(file.read_text()))
                for alias in (
                    [node.module or ""] if isinstance(node, ast.ImportFrom)
                    else [a.name for a in node.names] if isinstance(node, ast.Import) else []
                )
            }  # fmt: skip
            forbidden = {"flask", "shopwright.kit.http", "shopwright.kit.edge", "shopwright.kit.transaction"}
            assert not imported & forbidden, file


def test_rooms_call_down_only() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""},
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout


def test_every_unsafe_route_is_idempotent_but_the_listed_ones() -> None:
    loose = {f"{e.method} {e.path}" for e in endpoints() if e.kind is not Kind.QUERY and not e.is_idempotent}
    assert loose == NOT_IDEMPOTENT


def test_every_edit_by_staff_asks_for_the_version_that_was_read() -> None:
    edits = [e for e in endpoints() if e.is_for_staff and e.method in ("PUT", "PATCH")]
    assert [e.name for e in edits if e.if_match is not IfMatch.REQUIRED] == []


def test_every_column_says_what_it_is() -> None:
    columns = [column for table in db.Base.metadata.tables.values() for column in table.columns]
    assert columns
    assert [str(column) for column in columns if privacy_of(column) is None] == []


def test_the_document_is_valid_and_checked_in(app: Flask) -> None:
    served = app.test_client().get("/openapi.json").data
    OpenAPIV31SpecValidator(msgspec.json.decode(served)).validate()
    assert DOCUMENT.exists(), "write it: make openapi"
    assert DOCUMENT.read_bytes() == served, "the API has changed: look at it, then `make openapi` writes the document"


def test_s11_every_route_is_in_the_document_and_back(app: Flask) -> None:
    import re

    document = msgspec.json.decode(app.test_client().get("/openapi.json").data)
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    own_pages = {"/openapi.json", "/docs", "/docs/{name}"}
    routed = {
        (method, path)
        for rule in app.url_map.iter_rules()
        if (path := re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)) not in own_pages
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routed == described


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    with db.engine().connect() as connection:
        assert schema.differences(connection) == []


def test_s44_nothing_for_development_is_mounted() -> None:
    assert not [endpoint.path for endpoint in endpoints() if "development" in endpoint.path]
