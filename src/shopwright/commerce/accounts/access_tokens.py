"""Access tokens: short-lived JWTs that only this service signs and reads (RFC 9068 `at+jwt`, RFC 8725)."""

import hmac
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from shopwright.settings import Settings

ALGORITHM = "HS256"
TYPE = "at+jwt"
AUDIENCE = "shopwright-api"
LEEWAY_SECONDS = 5
LONGEST = 2_000

AccountKind = Literal["customer", "staff"]


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says: who signed in, as what, in which sign-in, and from when until when it holds."""

    iss: str
    aud: str
    sub: UUID
    sid: UUID
    kind: AccountKind
    iat: int
    nbf: int
    exp: int


class TokenNotValid(Exception):
    """The token is not ours, not an access token, or not of this time."""


def issuer(settings: Settings) -> str:
    return settings.public_url or "shopwright"


def issue(kind: AccountKind, account_id: UUID, sign_in_id: UUID, now: datetime, settings: Settings) -> str:
    """A token for this sign-in that holds from now for as long as the settings say."""
    began = int(now.timestamp())
    claims = Claims(
        iss=issuer(settings), aud=AUDIENCE, sub=account_id, sid=sign_in_id, kind=kind,
        iat=began, nbf=began, exp=began + settings.access_token_seconds,
    )  # fmt: skip
    return sign(claims, settings.secret_key)


def sign(claims: Claims, secret: str) -> str:
    """The claims as a compact JWT, signed with a key derived from this secret."""
    key, kid = _key(secret)
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": kid}, msgspec.to_builtins(claims), key, [ALGORITHM])


def read(token: str, secret: str, *, issuer: str, now: datetime) -> Claims:
    """What the token says, if all of it holds at this moment; raises `TokenNotValid`.

    The key is ours whatever the header offers: `jku`, `x5u` and `jwk` are never looked at.
    """
    if len(token) > LONGEST:
        raise TokenNotValid("too long")
    key, kid = _key(secret)
    try:
        opened = jwt.decode(token, key, [ALGORITHM])
        claims = msgspec.convert(opened.claims, Claims)
    except (JoseError, ValueError, TypeError, RecursionError, msgspec.ValidationError) as fault:
        raise TokenNotValid(type(fault).__name__) from None
    if opened.header.get("typ") != TYPE or opened.header.get("kid") != kid:
        raise TokenNotValid("of another kind or key")
    if claims.iss != issuer or claims.aud != AUDIENCE:
        raise TokenNotValid("of another issuer or for another audience")
    moment = now.timestamp()
    if not claims.nbf - LEEWAY_SECONDS <= moment < claims.exp + LEEWAY_SECONDS:
        raise TokenNotValid("not of this time")
    return claims


@lru_cache(maxsize=4)
def _key(secret: str) -> tuple[OctKey, str]:
    """The key for this purpose alone, and its name."""
    raw = hmac.digest(secret.encode(), b"shopwright access tokens", sha256)
    return OctKey.import_key(raw), sha256(raw).hexdigest()[:16]
