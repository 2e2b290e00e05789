from uuid import UUID

from shopwright.commerce.accounts.errors import UnknownCustomer
from shopwright.commerce.accounts.permissions import Permission
from shopwright.commerce.taxes import exemptions, queries
from shopwright.commerce.taxes.errors import UnknownTaxExemption
from shopwright.commerce.taxes.schemas import GrantTaxExemption, TaxExemptionList, TaxExemptionOut
from shopwright.kit.access import requires
from shopwright.kit.db import session
from shopwright.kit.http import Routes

routes = Routes("taxes", prefix="/v1/admin/customers")


@routes.query("/<uuid:customer_id>/tax-exemptions", access=requires(Permission.TAXES_READ))
def list_tax_exemptions(customer_id: UUID) -> TaxExemptionList:
    """List a customer's exemptions from tax, also those that have ended, the last one first."""
    found = session.scalars(queries.exemptions_of(customer_id))
    return TaxExemptionList(items=[TaxExemptionOut.of(row) for row in found])


@routes.command(
    "POST", "/<uuid:customer_id>/tax-exemptions", access=requires(Permission.TAXES_WRITE), status=201,
    errors=(UnknownCustomer,),
)  # fmt: skip
def grant_tax_exemption(customer_id: UUID, body: GrantTaxExemption) -> TaxExemptionOut:
    """Ask no tax of a customer in a country, or a region of it, by a certificate that they have shown."""
    granted = exemptions.grant(
        customer_id, country=body.country, region=body.region, certificate=body.certificate, reason=body.reason,
        valid_from=body.valid_from, valid_until=body.valid_until,
    )  # fmt: skip
    return TaxExemptionOut.of(granted)


@routes.command(
    "POST", "/<uuid:customer_id>/tax-exemptions/<uuid:exemption_id>/end", access=requires(Permission.TAXES_WRITE),
    errors=(UnknownTaxExemption,),
)  # fmt: skip
def end_tax_exemption(customer_id: UUID, exemption_id: UUID) -> TaxExemptionOut:
    """End an exemption now. Orders keep what they were placed with."""
    return TaxExemptionOut.of(exemptions.end(customer_id, exemption_id))
