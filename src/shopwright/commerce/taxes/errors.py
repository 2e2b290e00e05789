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
