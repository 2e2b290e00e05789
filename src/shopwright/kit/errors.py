"""How the shop refuses: problem details (RFC 9457), one class a reason."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar


class Problem(Exception):
    """A refusal. A room subclasses it in its `errors.py`; the class name is the stable `type` of the problem.

    `facts` become extension members of the answer, so they must be JSON values and hold no personal data.
    """

    status: ClassVar[int] = 400
    detail: ClassVar[str] = "The request was refused."
    #: Whether what was changed before the refusal stands (a stolen token's family stays revoked).
    keeps_changes: ClassVar[bool] = False

    def __init__(self, detail: str | None = None, /, *, headers: dict[str, str] | None = None, **facts: Any) -> None:
        self.text = detail or self.detail
        self.facts = facts
        self.headers = headers or {}
        super().__init__(self.text)

    @classmethod
    def code(cls) -> str:
        """The stable name on the wire: `OutOfStock` is `out-of-stock`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def title(cls) -> str:
        return cls.code().replace("-", " ").capitalize()


def all_problems(root: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every reason that is known to this process."""
    for problem in root.__subclasses__():
        yield problem
        yield from all_problems(problem)


class MalformedRequest(Problem):
    status = 400
    detail = "The request could not be read. Send well-formed JSON in UTF-8."


class CardNumberRefused(Problem):
    status = 400
    detail = (
        "This looks like the number of a payment card, which never belongs here: the payment provider's own page takes"
        " it, and gives you a token. Write a phone number with a + in front."
    )


class Unauthenticated(Problem):
    status = 401
    detail = "Sign in and send the access token as `Authorization: Bearer …`."

    def __init__(self, detail: str | None = None, /, **facts: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="shopwright"'}, **facts)


class Forbidden(Problem):
    status = 403
    detail = "You are signed in, but this needs a permission that you do not have."


class NotFound(Problem):
    status = 404
    detail = "There is nothing here that you may see."


class MethodNotAllowed(Problem):
    status = 405
    detail = "This method is not offered here; see the Allow header."


class Busy(Problem):
    status = 409
    detail = "Somebody else is changing the same thing. Try again in a moment."

    def __init__(self, detail: str | None = None, /, **facts: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "1"}, **facts)


class PayloadTooLarge(Problem):
    status = 413
    detail = "The request body is larger than this shop accepts."


class UnsupportedMediaType(Problem):
    status = 415
    detail = "Send the body as application/json, and a PATCH as application/merge-patch+json."


class ValidationFailed(Problem):
    status = 422
    detail = "Some values are not acceptable; `errors` names each one."

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors=errors)


class TooManyRequests(Problem):
    status = 429
    detail = "Too many requests. Wait as long as Retry-After says."


class InternalError(Problem):
    status = 500
    detail = "Something went wrong on our side. Quote the request id when you report it."


class Unavailable(Problem):
    status = 503
    detail = "The shop cannot answer right now. Try again shortly."

    def __init__(self, detail: str | None = None, /, **facts: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "2"}, **facts)
