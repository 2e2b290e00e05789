from shopwright.kit.errors import Problem


class UnknownCuration(Problem):
    status = 404
    detail = "There are no such synonyms, rule or weights. `GET /v1/admin/search/curations` lists them."


class UnknownRevision(Problem):
    status = 404
    detail = "There is no such revision. `GET /v1/admin/search/revisions` lists them."


class ChangedSince(Problem):
    status = 409
    detail = "What this change made is not what is said now, so that it cannot be undone by itself. Undo newer changes first."


class CurationIllegible(Problem):
    status = 409
    detail = (
        "A newer version of the program said this, and this one cannot read it. It does not act. Update, or remove it."
    )


class WeightsExist(Problem):
    status = 409
    detail = "This channel has its weights already. Change those."


class CurationNotSensible(Problem):
    status = 422
    detail = "This cannot be right; `reason` says why."


class KindFixed(Problem):
    status = 422
    detail = "What it is cannot be changed: remove it, and add another."


class TooManyCurations(Problem):
    status = 409
    detail = "There are as many of these as search can look through for each query. Remove some first."
