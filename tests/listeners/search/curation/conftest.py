"""A merchant who says something to search, and a shop in which it acts."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit import ids
from tests.make import staff_headers

PATH = "/v1/admin/search/curations"


class Merchant:
    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.headers = staff_headers(Permission.SEARCH_READ, Permission.SEARCH_WRITE)

    def sends(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = self.headers | {"Idempotency-Key": str(ids.new())} | headers
        return self.client.open(path, method=method, headers=sent, **({} if body is None else {"json": body}))

    def asks_to_add(self, says: Any) -> TestResponse:
        return self.sends("POST", PATH, {"says": says})

    def adds(self, says: Any) -> dict[str, Any]:
        added = self.asks_to_add(says)
        assert added.status_code == 201, added.text
        return dict(added.get_json())

    def rules(self, when: dict[str, Any], *actions: dict[str, Any], **more: Any) -> str:
        """The id of a new rule."""
        rule = {"kind": "rule", "name": "a rule", "when": when, "actions": actions}
        return str(self.adds(rule | more)["id"])

    def changes(self, curation_id: str, says: Any, seen: str = "*") -> TestResponse:
        return self.sends("PUT", f"{PATH}/{curation_id}", {"says": says}, **{"If-Match": seen})

    def removes(self, curation_id: str) -> None:
        assert self.sends("DELETE", f"{PATH}/{curation_id}", **{"If-Match": "*"}).status_code == 204

    def revisions(self) -> list[dict[str, Any]]:
        return list(self.sends("GET", "/v1/admin/search/revisions").get_json()["items"])

    def undoes(self, number: int) -> TestResponse:
        return self.sends("POST", f"/v1/admin/search/revisions/{number}/undo")


@pytest.fixture
def merchant(client: FlaskClient) -> Merchant:
    return Merchant(client)
