"""From the Authorization header to who is asking. The edge calls it before any transaction."""

from shopwright import settings
from shopwright.commerce.accounts import access_tokens, queries
from shopwright.commerce.accounts.access_tokens import Claims, TokenNotValid
from shopwright.kit import clock, logging
from shopwright.kit.errors import Unauthenticated
from shopwright.kit.principal import ANONYMOUS, Kind, Principal
from shopwright.kit.transaction import steadily

SCHEME = "bearer"


def authenticate(authorization: str | None) -> Principal:
    """Who this header names; nobody without one. Raises `Unauthenticated` for one that does not hold.

    A customer is believed from the token alone until it expires. What a member of staff may do, and whether they
    may still do anything, is read from the database every time.
    """
    if authorization is None:
        return ANONYMOUS
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != SCHEME:
        raise Unauthenticated()
    in_force = settings.current()
    try:
        claims = access_tokens.read(
            token.strip(), in_force.secret_key, issuer=access_tokens.issuer(in_force), now=clock.now()
        )
    except TokenNotValid as fault:
        logging.security("auth.token_refused", reason=str(fault))
        raise Unauthenticated() from None
    return _staff(claims) if claims.kind == "staff" else Principal(kind=Kind.CUSTOMER, id=claims.sub)


def _staff(claims: Claims) -> Principal:
    permissions = steadily(lambda: queries.permissions_in(claims.sid, claims.sub, clock.now()))
    if permissions is None:
        logging.security("auth.token_refused", reason="disabled or signed out", staff_id=str(claims.sub))
        raise Unauthenticated()
    return Principal(kind=Kind.STAFF, id=claims.sub, permissions=permissions)
