from shopwright.kit.errors import Problem


class UnknownPromotion(Problem):
    status = 404
    detail = "There is no such promotion. `GET /v1/admin/promotions` lists them."


class UnknownPromotionVersion(Problem):
    status = 404
    detail = "The promotion never had this version. `GET /v1/admin/promotions/{id}/versions` lists those that it had."


class PromotionStateConflict(Problem):
    status = 409
    detail = (
        "A promotion that is as `is_now` says cannot do that: drafts are activated, active ones paused and resumed, and what has"
        " ended stays ended. Create another one."
    )


class CodeTaken(Problem):
    status = 409
    detail = "This code exists already, here or at another promotion. Choose another one."


class CodeNotFound(Problem):
    status = 404
    detail = "The promotion has no such code."


class TakesNoCodes(Problem):
    status = 409
    detail = "The promotion does not ask for a code. Give it the condition `code` first."
