from shopwright.kit.errors import Problem


class OrderNotFound(Problem):
    status = 404
    detail = "There is no such order for you. A guest sends the order's token as `Order-Token`."


class OrderClosed(Problem):
    status = 409
    detail = "This order is canceled, expired or completed, and stays so."


class OrderNotCancelable(Problem):
    status = 409
    detail = "This order is paid or shipped. Ask the shop to cancel or take it back."


class OrderNotPayable(Problem):
    status = 409
    detail = "This order cannot be paid any more. Fill a new cart."


class NothingToShip(Problem):
    status = 409
    detail = "That is more than is paid and not yet shipped of these lines."
