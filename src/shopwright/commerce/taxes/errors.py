from shopwright.kit.errors import Problem


class UnknownTaxClass(Problem):
    status = 404
    detail = "There is no such tax class. `GET /v1/admin/tax-classes` lists them."


class TaxClassTaken(Problem):
    status = 409
    detail = "There is already a tax class with this code."


class UnknownTaxZone(Problem):
    status = 404
    detail = "There is no such tax zone. `GET /v1/admin/tax-zones` lists them."


class TaxAreaTaken(Problem):
    status = 409
    detail = "One of these areas belongs to another tax zone. Take it out there first."


class UnknownTaxExemption(Problem):
    status = 404
    detail = "This customer has no such exemption."


class VatIdNotValid(Problem):
    status = 422
    detail = "The VAT id is not right; `errors` says why. Correct it, or leave it out."


class TaxServiceUnavailable(Problem):
    status = 503
    detail = "The tax service does not answer at the moment, so nothing can be ordered yet. Try again shortly."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "10"})


class TaxServiceNotUnderstood(Problem):
    status = 502
    detail = (
        "The tax service gave an answer that does not fit, so nothing can be ordered yet. The shop must look into it."
    )

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "60"})
