from shopwright.kit.errors import Problem


class OutOfStock(Problem):
    status = 409
    detail = "There is not enough of some variants; `variants` says of which, and how many are left."


class ReservationExpired(Problem):
    status = 409
    detail = "The stock that was held for this order is no longer held."


class NotClaimed(Problem):
    status = 409
    detail = "More is to be shipped than is paid and not yet shipped; `variants` says how many may be."


class StockInUse(Problem):
    status = 409
    detail = "On hand would fall below what is promised to orders; `levels` says where and how much that is."


class UnknownLocation(Problem):
    status = 404
    detail = "There is no such location. `GET /v1/admin/locations` lists them."


class LocationCodeTaken(Problem):
    status = 409
    detail = "Another location has this code."


class LocationInUse(Problem):
    status = 409
    detail = "Stock has been kept here, or a channel sells from here. Make the location inactive instead."
