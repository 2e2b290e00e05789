"""The OpenAPI 3.1 document, generated from the endpoints' own signatures: each schema once, every refusal declared."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shopwright.kit import errors, idempotency
from shopwright.kit.conditional import PreconditionFailed, PreconditionRequired
from shopwright.kit.errors import Problem
from shopwright.kit.http import JSON, Endpoint, IfMatch, Kind, Raw
from shopwright.kit.tables import Table

REF = "#/components/schemas/{name}"
PROBLEM = "application/problem+json"
CONVERTERS = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer", "minimum": 0}}
PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")

Schema = dict[str, Any]


class FieldFault(msgspec.Struct, frozen=True):
    """One unacceptable value: where it is (RFC 6901), and why."""

    pointer: str
    detail: str


class ProblemDetails(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457). Members beside these are the facts of its type, which `GET /problems/{code}` explains."""

    type: Annotated[str, Meta(examples=["/problems/out-of-stock"])]
    title: Annotated[str, Meta(examples=["Out of stock"])]
    status: Annotated[int, Meta(examples=[409])]
    detail: Annotated[str, Meta(examples=["Some of what you want is no longer there in that quantity."])]
    code: Annotated[str, Meta(examples=["out-of-stock"])]
    instance: Annotated[str, Meta(examples=["/v1/orders"])]
    request_id: Annotated[str, Meta(examples=["0199b1f0a3c57d3e8c1a5f0d2b4e6a78"])]
    errors: list[FieldFault] = []


def document(endpoints: Iterable[Endpoint], *, title: str, version: str, description: str) -> Schema:
    """The whole document, in a stable order, so that a change of the code is a readable difference."""
    listed = sorted(endpoints, key=lambda e: (e.path, e.method))
    types = [t for e in listed for t in (e.body, e.query, e.returns) if _is_json(t)]
    schemas, components = _shortly_named(*msgspec.json.schema_components([*types, ProblemDetails], ref_template=REF))
    by_type = {id(t): s for t, s in zip([*types, ProblemDetails], schemas, strict=True)}
    paths: dict[str, Schema] = {}
    for endpoint in listed:
        paths.setdefault(PARAMETER.sub(r"{\2}", endpoint.path), {})[endpoint.method.lower()] = _operation(
            endpoint, by_type, components
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": room} for room in sorted({e.room for e in listed})],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "cart_token": {"type": "apiKey", "in": "header", "name": "Cart-Token"},
                "order_token": {"type": "apiKey", "in": "header", "name": "Order-Token"},
            },
        },
    }  # fmt: skip


def _shortly_named(schemas: tuple[Schema, ...], components: Schema) -> tuple[list[Schema], Schema]:
    """Where two rooms have a `State`, msgspec names the whole module; the room's name is enough (`PaymentsState`)."""
    long = {name: name.split(".") for name in components if "." in name}
    names = {name: parts[-3].capitalize() + parts[-1] for name, parts in long.items()}
    said = msgspec.json.encode((schemas, components)).decode()
    for name, short in names.items():
        said = said.replace(f'"{REF.format(name=name)}"', f'"{REF.format(name=short)}"').replace(
            f'"{name}":', f'"{short}":'
        )
    renamed: tuple[list[Schema], Schema] = msgspec.json.decode(said, type=tuple[list[Schema], Schema])
    return renamed


def _is_json(kind: Any) -> bool:
    return kind is not None and kind not in (type(None), Raw, Table)


def _operation(endpoint: Endpoint, by_type: dict[int, Schema], components: Schema) -> Schema:
    operation: Schema = {
        "operationId": endpoint.name,
        "tags": [endpoint.room],
        "summary": endpoint.summary,
        "description": _describe(endpoint),
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint, components), *_header_parameters(endpoint)],
        "responses": {str(endpoint.status): _success(endpoint, by_type, components), **_refusals(endpoint)},
        "security": _security(endpoint),
    }  # fmt: skip
    if endpoint.body is not None:
        schema = by_type[id(endpoint.body)]
        example = example_of(schema, components)
        operation["requestBody"] = {
            "required": True,
            "content": {endpoint.consumes: {"schema": schema, "example": example}},
        }
    if endpoint.kind is Kind.QUERY and endpoint.returns is not Table:
        operation["responses"]["304"] = {"description": "Your copy is still good."}
    return operation


def _describe(endpoint: Endpoint) -> str:
    needs = f"Needs the permission `{endpoint.access.permission}`." if endpoint.access.permission else ""
    return "\n\n".join(part for part in (endpoint.description, needs) if part)


def _security(endpoint: Endpoint) -> list[dict[str, list[str]]]:
    if endpoint.access.kinds:
        return [{"access_token": []}]
    if re.search("/carts/<|/orders", endpoint.path):
        return [{"cart_token": []}, {"order_token": []}, {"access_token": []}, {}]
    return [{}, {"access_token": []}]


def _path_parameters(endpoint: Endpoint) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": CONVERTERS.get(converter, {"type": "string"})}
        for converter, name in PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint, components: Schema) -> list[Schema]:
    if endpoint.query is None:
        return []
    schema = components[endpoint.query.__name__]
    return [
        {"name": name, "in": "query", "required": name in schema.get("required", []), "schema": part}
        | ({"description": part["description"]} if "description" in part else {})
        for name, part in schema["properties"].items()
    ]


def _header_parameters(endpoint: Endpoint) -> list[Schema]:
    headers: list[Schema] = []
    if endpoint.is_idempotent:
        least = 22 if endpoint.needs_strong_key else 1
        headers.append(
            {
                "name": "Idempotency-Key", "in": "header", "required": True,
                "description": "A new random value for each intent; the same value when you repeat it.",
                "schema": {"type": "string", "minLength": least, "maxLength": idempotency.LONGEST_KEY},
                "example": "0b2f3c55-6f5e-4c0e-9a38-2f5a4d6f1b7c",
            }
        )  # fmt: skip
    if endpoint.if_match is not IfMatch.IGNORED:
        required = endpoint.if_match is IfMatch.REQUIRED
        headers.append(
            {"name": "If-Match", "in": "header", "required": required, "schema": {"type": "string"},
             "description": "The ETag of what you read."}
        )  # fmt: skip
    return headers


def _success(endpoint: Endpoint, by_type: dict[int, Schema], components: Schema) -> Schema:
    if endpoint.returns is type(None):
        return {"description": "Done."}
    if endpoint.returns is Raw:
        return {"description": "As asked.", "content": {"*/*": {}}}
    if endpoint.returns is Table:
        return {"description": "A file, with a header line.", "content": {"text/csv": {"schema": {"type": "string"}}}}
    schema = by_type[id(endpoint.returns)]
    headers = {"ETag": {"schema": {"type": "string"}}}
    if "next_cursor" in _resolved(schema, components).get("properties", {}):
        headers["Link"] = {"schema": {"type": "string"}}
    content = {JSON: {"schema": schema, "example": example_of(schema, components)}}
    return {"description": "As asked.", "headers": headers, "content": content}


def refusals_of(endpoint: Endpoint) -> list[type[Problem]]:
    """Every reason for which this endpoint may refuse: those of its kind, and its own."""
    found: list[type[Problem]] = [errors.MalformedRequest, errors.InternalError, errors.Unavailable]
    if endpoint.access.kinds or "/auth" in endpoint.path or endpoint.room not in ("health", "docs"):
        found += [errors.Unauthenticated]
    if endpoint.access.kinds:
        found += [errors.Forbidden]
    if PARAMETER.search(endpoint.path):
        found += [errors.NotFound]
    if endpoint.body is not None:
        found += [errors.PayloadTooLarge, errors.UnsupportedMediaType]
    if endpoint.body is not None and not endpoint.is_for_staff:
        found += [errors.CardNumberRefused]
    if endpoint.body is not None or endpoint.query is not None:
        found += [errors.ValidationFailed]
    if endpoint.kind is not Kind.QUERY:
        found += [errors.Busy, errors.TooManyRequests]
    if endpoint.limit is not None:
        found += [errors.TooManyRequests]
    if endpoint.is_idempotent:
        found += [idempotency.IdempotencyKeyMissing, idempotency.IdempotencyKeyReused]
        found += [idempotency.RequestInProgress]
    if endpoint.needs_strong_key:
        found += [idempotency.IdempotencyKeyTooWeak]
    if endpoint.if_match is not IfMatch.IGNORED:
        found += [PreconditionFailed]
    if endpoint.if_match is IfMatch.REQUIRED:
        found += [PreconditionRequired]
    return [*dict.fromkeys([*found, *endpoint.errors])]


def _refusals(endpoint: Endpoint) -> Schema:
    by_status: dict[int, list[type[Problem]]] = {}
    for problem in refusals_of(endpoint):
        by_status.setdefault(problem.status, []).append(problem)
    return {str(status): _refusal(problems) for status, problems in sorted(by_status.items())}


def _refusal(problems: list[type[Problem]]) -> Schema:
    return {
        "description": " ".join(f"`{p.code()}`: {p.detail}" for p in problems),
        "content": {PROBLEM: {"schema": {"$ref": REF.format(name="ProblemDetails")}}},
    }


def _resolved(schema: Schema, components: Schema) -> Schema:
    ref = schema.get("$ref")
    return components[ref.rsplit("/", 1)[1]] if ref else schema


def example_of(schema: Schema, components: Schema, depth: int = 0) -> Any:
    """An example of a schema, built from those of its parts."""
    schema = _resolved(schema, components)
    if "examples" in schema:
        return schema["examples"][0]
    if "default" in schema and schema["default"] not in ([], {}, None):
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, depth)
    kind = schema.get("type")
    if kind == "object":
        if depth > 6:
            return {}
        return {k: example_of(v, components, depth + 1) for k, v in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema["items"], components, depth + 1)] if "items" in schema and depth <= 6 else []
    if kind == "string":
        return {"uuid": "0199b1f0-a3c5-7d3e-8c1a-5f0d2b4e6a78", "date-time": "2026-11-24T09:30:00Z"}.get(
            schema.get("format", ""), "text"
        )
    return {"integer": max(1, schema.get("minimum", 1)), "number": 1.0, "boolean": True}.get(str(kind))
