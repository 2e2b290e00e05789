from shopwright.kit.errors import Problem


class UnknownProvider(Problem):
    status = 404
    detail = "There is no such payment provider."


class PaymentNotFound(Problem):
    status = 404
    detail = "There is no such payment."


class PaymentUnderWay(Problem):
    status = 409
    detail = "Another payment for this order is under way or done."


class PaymentClosed(Problem):
    status = 409
    detail = "This payment cannot be captured, voided or refunded in its state."


class TooMuch(Problem):
    status = 409
    detail = "That is more than is left of this payment."


class WebhookNotAuthentic(Problem):
    status = 401
    detail = "The signature of this webhook does not hold, or it is too old."


class ProviderDisagrees(Problem):
    status = 502
    detail = "The payment provider answered with another amount or currency than was asked. Nothing was booked."
