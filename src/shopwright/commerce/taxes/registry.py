"""Which tax service this shop has."""

from shopwright.commerce.taxes.provider import NoAnswer, TaxProvider
from shopwright.settings import current


def provider() -> TaxProvider:
    """Raises `NoAnswer` where none is set."""
    if not current().tax_service_url:
        raise NoAnswer("TAX_SERVICE_URL is not set")
    # Imported when it is first used: a shop with rates of its own need not load it.
    from shopwright.commerce.taxes.providers.http import Http

    return Http()
