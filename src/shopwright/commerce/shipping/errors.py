from shopwright.kit.errors import Problem


class UnknownShippingZone(Problem):
    status = 404
    detail = "There is no such shipping zone. `GET /v1/admin/shipping-zones` lists them."


class UnknownShippingMethod(Problem):
    status = 404
    detail = "There is no such shipping method. `GET /v1/admin/shipping-zones/{zone_id}/methods` lists them."


class ShippingAreaTaken(Problem):
    status = 409
    detail = "One of these areas belongs to another shipping zone. Take it out there first."


class ShippingCodeTaken(Problem):
    status = 409
    detail = "Another method of this zone and channel has this code."


class ForeignCurrency(Problem):
    status = 422
    detail = "Give every amount in the currency of the channel."


class DeliveryDaysReversed(Problem):
    status = 422
    detail = "The least number of delivery days may not be greater than the most."


class TiersRepeated(Problem):
    status = 422
    detail = "Two tiers begin or end at the same place. Keep one of them."
