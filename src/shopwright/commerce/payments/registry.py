"""Which payment providers this shop has."""

from shopwright.commerce.payments.errors import UnknownProvider
from shopwright.commerce.payments.provider import Provider
from shopwright.commerce.payments.providers.development import Development
from shopwright.settings import current


def provider(name: str) -> Provider:
    """Raises `UnknownProvider`; the development provider is unknown in production mode."""
    if name == "development" and not current().is_production:
        return Development()
    raise UnknownProvider()
