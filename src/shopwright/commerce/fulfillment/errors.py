from shopwright.kit.errors import Problem


class GiftCardNotPaid(Problem):
    status = 409
    detail = "The order is not paid yet. Its gift cards are made as soon as it is."
