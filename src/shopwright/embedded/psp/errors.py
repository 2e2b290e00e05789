class PspError(Exception):
    """A refusal. `code` is for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


def invalid(message: str) -> PspError:
    return PspError(400, "invalid_request", message)


def not_found(what: str) -> PspError:
    return PspError(404, f"{what}_not_found", f"There is no such {what}.")


def too_much(message: str) -> PspError:
    return PspError(409, "amount_too_large", message)
