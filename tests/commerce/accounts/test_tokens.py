from flask.testing import FlaskClient

from shopwright.commerce.accounts import tokens
from shopwright.commerce.accounts.permissions import Permission
from shopwright.kit.principal import ANONYMOUS, Kind
from tests import make


def test_nobody_is_anonymous(client: FlaskClient) -> None:
    assert tokens.authenticate(None) is ANONYMOUS


def test_a_customer_is_known_by_the_token(client: FlaskClient) -> None:
    customer = make.make_customer()
    principal = tokens.authenticate(make.customer_headers(customer)["Authorization"])
    assert (principal.kind, principal.id, principal.permissions) == (Kind.CUSTOMER, customer.id, frozenset())


def test_staff_have_the_permissions_of_their_roles(client: FlaskClient) -> None:
    headers = make.staff_headers(Permission.CHANNELS_READ)
    principal = tokens.authenticate(headers["Authorization"])
    assert (principal.kind, principal.permissions) == (Kind.STAFF, {"channels:read"})
    assert client.get("/v1/admin/channels", headers=headers).status_code == 200
