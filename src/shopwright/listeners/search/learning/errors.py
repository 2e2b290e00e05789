from shopwright.kit.errors import Problem


class UnknownProposal(Problem):
    status = 404
    detail = "There is no such proposal any more. `GET /v1/admin/search/proposals` lists them."
