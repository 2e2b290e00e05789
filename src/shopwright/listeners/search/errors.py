from shopwright.kit.errors import Problem


class NothingRated(Problem):
    status = 400
    detail = "There are no ratings to sort by yet. Sort by `relevance`, `price`, `-price`, `newest`, `popularity` or `title`."
