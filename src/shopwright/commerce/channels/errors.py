from shopwright.kit.errors import Problem


class UnknownChannel(Problem):
    status = 404
    detail = "There is no such sales channel. `GET /v1/channels` lists them."


class ChannelCodeTaken(Problem):
    status = 409
    detail = "Another channel has this code."


class NoTaxService(Problem):
    status = 409
    detail = "This shop has no tax service: `TAX_SERVICE_URL` is not set."
