from shopwright.kit.errors import Problem


class UnknownPrice(Problem):
    status = 404
    detail = "This variant has no price in this channel."


class PriceInForeignCurrency(Problem):
    status = 422
    detail = "Give price, compare-at price and cost in the currency of the channel."


class CompareAtTooLow(Problem):
    status = 422
    detail = "A compare-at price is what was asked before: it must be greater than the price."


class UnknownPriceList(Problem):
    status = 404
    detail = "There is no such price list."
