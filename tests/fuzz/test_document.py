"""Requests made from the document, sensible and not, by everyone: no 5xx, and no answer that it does not describe."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from shopwright import app as shop
from shopwright.kit.openapi import PARAMETER
from shopwright.settings import Settings
from tests.fuzz.conftest import Stage, with_what_is_there

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
REQUESTS_EACH = 32


def operations() -> Iterator[Any]:
    for routes in shop.rooms(Settings(environment="test")):
        for endpoint in routes.endpoints:
            yield pytest.param(endpoint.method, PARAMETER.sub(r"{\2}", endpoint.path), id=endpoint.name)


@pytest.mark.parametrize(("method", "path"), [*operations()])
def test_every_answer_is_one_that_the_document_describes(
    document: OpenApiSchema, stage: Stage, method: str, path: str
) -> None:
    operation = document[path][method]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @settings(
        max_examples=REQUESTS_EACH, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases, role=st.sampled_from(sorted(stage.roles)), data=st.data())
    def ask(case: Case, role: str, data: st.DataObject) -> None:
        if data.draw(st.booleans(), label="about what is there"):
            known = {name: stage.there[name] for name in case.path_parameters or {} if name in stage.there}
            case.path_parameters = {**(case.path_parameters or {}), **known}
            case.body = with_what_is_there(case.body, stage.there)
        headers = {**stage.roles[role], "Idempotency-Key": str(uuid4())}
        if "If-Match" in (case.headers or {}) and data.draw(st.booleans(), label="the newest version"):
            headers["If-Match"] = "*"
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
