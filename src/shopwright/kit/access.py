"""Who a route is for. The route says it in one word; the edge asks `admit`."""

from dataclasses import dataclass

from shopwright.kit.errors import Forbidden, Unauthenticated
from shopwright.kit.principal import Kind, Principal


@dataclass(frozen=True)
class Access:
    """`kinds` that may call; none means all. `permission` is what a member of staff needs beside."""

    kinds: frozenset[Kind] = frozenset()
    permission: str | None = None

    def admit(self, principal: Principal) -> None:
        """Raises `Unauthenticated` for a stranger and `Forbidden` for somebody else's kind or a missing permission."""
        if not self.kinds:
            return
        if principal.kind is Kind.ANONYMOUS:
            raise Unauthenticated()
        if principal.kind not in self.kinds:
            raise Forbidden()
        if self.permission is not None and self.permission not in principal.permissions:
            raise Forbidden(permission=self.permission)


Anyone = Access()
Customer = Access(frozenset({Kind.CUSTOMER}))


def requires(permission: str) -> Access:
    """For staff who hold this permission."""
    return Access(frozenset({Kind.STAFF}), str(permission))
