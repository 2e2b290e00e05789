"""Customers who pay no tax somewhere, and for how long."""

from datetime import datetime
from uuid import UUID

from shopwright.commerce.accounts.errors import UnknownCustomer
from shopwright.commerce.accounts.models import Customer
from shopwright.commerce.taxes.errors import UnknownTaxExemption
from shopwright.commerce.taxes.models import TaxExemption
from shopwright.kit import clock
from shopwright.kit.db import session
from shopwright.kit.errors import ValidationFailed


def grant(
    customer_id: UUID, *, country: str, region: str | None, certificate: str, reason: str,
    valid_from: datetime | None = None, valid_until: datetime | None = None,
) -> TaxExemption:  # fmt: skip
    """Ask no tax of this customer there, from `valid_from` (now) until just before `valid_until` (for good).

    Raises `UnknownCustomer`, `ValidationFailed`.
    """
    begins = valid_from or clock.now()
    far = [
        name
        for name, moment in (("valid_from", begins), ("valid_until", valid_until))
        if moment and not clock.is_near(moment)
    ]
    if far:
        raise ValidationFailed(
            [{"pointer": f"/{name}", "detail": "Say a date between the years 2000 and 3000."} for name in far]
        )
    if valid_until is not None and valid_until <= begins:
        raise ValidationFailed([{"pointer": "/valid_until", "detail": "It would end before it begins."}])
    if session.get(Customer, customer_id) is None:
        raise UnknownCustomer()
    granted = TaxExemption(
        customer_id=customer_id, country=country, region=region and region.upper(), certificate=certificate.strip(),
        reason=reason, valid_from=begins, valid_until=valid_until,
    )  # fmt: skip
    session.add(granted)
    session.flush()
    return granted


def end(customer_id: UUID, exemption_id: UUID) -> TaxExemption:
    """Ask tax of them from now on. One that has ended stays as it is; one that has not begun never will.

    Raises `UnknownTaxExemption`.
    """
    ended = session.get(TaxExemption, exemption_id, with_for_update=True, populate_existing=True)
    if ended is None or ended.customer_id != customer_id:
        raise UnknownTaxExemption()
    at = max(clock.now(), ended.valid_from)
    if ended.valid_until is None or at < ended.valid_until:
        ended.valid_until = at
        session.flush()
    return ended
