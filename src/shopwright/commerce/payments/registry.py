"""Which payment providers this shop has."""

from shopwright.commerce.payments.errors import UnknownProvider
from shopwright.commerce.payments.provider import Provider
from shopwright.settings import current

#: Gift cards and store credit, which every shop has.
CREDIT = "credit"


def provider(name: str) -> Provider:
    """Raises `UnknownProvider`; the development provider is unknown in production mode (S44)."""
    settings = current()
    # Each is imported when it is first used: a shop without Stripe need not load its SDK.
    if name == "development" and settings.psp_url and not settings.is_production:
        from shopwright.commerce.payments.providers.development import Development

        return Development()
    if name == CREDIT:
        from shopwright.commerce.payments.providers.credit import Credit

        return Credit()
    if name == "stripe" and settings.stripe_secret_key:
        from shopwright.commerce.payments.providers.stripe import Stripe

        return Stripe()
    raise UnknownProvider()


def names() -> list[str]:
    """The providers that can be asked now."""
    settings = current()
    has = {
        "development": settings.psp_url and not settings.is_production,
        "stripe": settings.stripe_secret_key,
        CREDIT: True,
    }
    return [name for name, is_there in has.items() if is_there]
