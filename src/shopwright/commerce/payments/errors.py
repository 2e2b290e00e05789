from shopwright.kit.errors import Problem


class UnknownProvider(Problem):
    status = 404
    detail = "There is no such payment provider."


class ProviderUnavailable(Problem):
    status = 503
    detail = "The payment provider does not answer at the moment. Nothing was charged; try again shortly."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "10"})


class PaymentNotFound(Problem):
    status = 404
    detail = "There is no such payment."


class PaymentUnderWay(Problem):
    status = 409
    detail = "Another payment for this order is under way or done."


class PaymentClosed(Problem):
    status = 409
    detail = "This payment cannot be captured, voided or refunded in its state."


class GiftCardsNotPaidByCredit(Problem):
    status = 409
    detail = "Gift cards are not bought with gift cards or credit, and nothing else of this order is left to pay. Pay otherwise."


class OperationUnderWay(Problem):
    status = 409
    detail = "Something else is being done with this payment. Wait until it is done."


class TooManyPayments(Problem):
    status = 409
    detail = "Too many payments were tried for this order. Ask the shop, or fill a new cart."


class TooMuch(Problem):
    status = 409
    detail = "That is more than is left; `left` says how much is, in minor units."


class ProviderRefused(Problem):
    status = 409
    detail = "The payment provider refused; `reason` is its own word for why. Nothing was moved."


class ProviderDisagrees(Problem):
    """The issue that it opened stays."""

    status = 502
    detail = (
        "The payment provider answered with another amount or currency than was asked. The shop looks into it; nothing"
        " was booked."
    )
    keeps_changes = True


class WebhookNotAuthentic(Problem):
    status = 401
    detail = "The signature of this webhook does not hold, or it is too old."


class PaymentMethodNotFound(Problem):
    status = 404
    detail = "You have no such saved means of payment."


class MeansAmbiguous(Problem):
    status = 422
    detail = "Give either a `token` or a saved `payment_method_id`; only a customer who is signed in can save one."


class MethodDeclined(Problem):
    status = 409
    detail = "The payment provider declined to keep this means of payment; `reason` is its own word for why."


class IssueNotFound(Problem):
    status = 404
    detail = "There is no such issue."


class IssueResolved(Problem):
    status = 409
    detail = "This issue was resolved already."
