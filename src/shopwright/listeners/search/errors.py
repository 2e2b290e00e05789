from uuid import UUID

from shopwright.kit.errors import Problem


class UnknownDeadLetter(Problem):
    status = 404
    detail = "Of this product nothing was refused. `GET /v1/admin/search/dead-letters` lists what was."


class IndexAstray(Exception):
    """A new index does not hold what it should, so it is not used."""

    def __init__(self, index: str, products: int, example: UUID) -> None:
        super().__init__(
            f"{index} differs from PostgreSQL in {products} products, {example} among them; it is not used."
        )


class NotAlone(Exception):
    """Two that make, change over and delete indexes would take them from each other."""

    def __init__(self) -> None:
        super().__init__("Another reindex, rollback or drop-kept runs; wait until it has ended. Nothing was changed.")


class NothingKept(Exception):
    def __init__(self) -> None:
        super().__init__("There is no index to go back to: none was made since the last one was dropped.")


class NothingRated(Problem):
    status = 400
    detail = "There are no ratings to sort by yet. Sort by `relevance`, `price`, `-price`, `newest`, `popularity` or `title`."


class EngineAway(Exception):
    """No answer, or not in time, or not now; another one may answer in its place."""


class QuestionRefused(EngineAway):
    """It is there, and takes other questions than this one."""
