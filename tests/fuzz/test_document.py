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
from shopwright.kit.http import Endpoint
from shopwright.kit.openapi import PARAMETER
from tests.fuzz.conftest import Stage, with_what_is_there

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
REQUESTS_EACH = 14
OFTEN = st.sampled_from([True, True, True, False])


def operations() -> Iterator[Any]:
    for routes in shop.ROOMS:
        for endpoint in routes.endpoints:
            yield pytest.param(endpoint, id=endpoint.name)


@pytest.mark.parametrize("endpoint", [*operations()])
def test_every_answer_is_one_that_the_document_describes(
    document: OpenApiSchema, stage: Stage, endpoint: Endpoint
) -> None:
    path = PARAMETER.sub(r"{\2}", endpoint.path)
    operation = document[path][endpoint.method]
    sensible, not_sensible = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    # Most of the time by one who may, about what is there: what lies behind the door has more to be wrong.
    roles = ["staff" if endpoint.is_for_staff else "customer"] * 6 + sorted(stage.roles)

    @settings(
        max_examples=REQUESTS_EACH, deadline=None, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(sensible, sensible, not_sensible), role=st.sampled_from(roles), data=st.data())
    def ask(case: Case, role: str, data: st.DataObject) -> None:
        if data.draw(OFTEN, label="about what is there"):
            sent = case.path_parameters or {}
            case.path_parameters = {**sent, **stage.ids(path, sent)}
            if "channel" in (case.query or {}):
                case.query = {**case.query, "channel": stage.there["channel"]}
            case.body = with_what_is_there(case.body, stage.there)
        headers = {**stage.roles[role], "Idempotency-Key": str(uuid4())}
        if "If-Match" in (case.headers or {}) and data.draw(OFTEN, label="the newest version"):
            headers["If-Match"] = "*"
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
