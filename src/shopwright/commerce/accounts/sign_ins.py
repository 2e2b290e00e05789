"""Signing in, staying signed in by refresh tokens that rotate (RFC 9700 §4.14.2), and signing out."""

from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update

from shopwright import settings
from shopwright.commerce.accounts import access_tokens, passwords
from shopwright.commerce.accounts.access_tokens import AccountKind
from shopwright.commerce.accounts.emails import key_of
from shopwright.commerce.accounts.errors import (
    RefreshTokenNotValid,
    RefreshTokenReused,
    RefreshTokenUsed,
    WrongCredentials,
)
from shopwright.commerce.accounts.models import Customer, RefreshToken, SignIn, StaffMember
from shopwright.commerce.accounts.queries import Credentials
from shopwright.kit import clock, ids, logging, ratelimit
from shopwright.kit.db import session
from shopwright.kit.errors import TooManyRequests


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who signed in gets; shown once, since only the hash of the refresh token is kept."""

    account_id: UUID
    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_at: datetime


def slow_down(kind: AccountKind, account: str) -> None:
    """Count one attempt to get into an account; raises `TooManyRequests`. `account` need not exist."""
    limit = ratelimit.Limit("sign-ins", settings.current().sign_ins_per_minute, 60)
    verdict = ratelimit.take(limit, f"{kind}:{key_of(account)}")
    if not verdict.allowed:
        logging.security("auth.slowed_down", kind=kind)
        raise TooManyRequests(headers=ratelimit.headers(verdict))


def prove(known: Credentials, password: str) -> str | None:
    """Check a password, outside of any transaction; answers with its new hash where the stored one is outdated.

    Raises `WrongCredentials`, after the same time whether or not there is such an account.
    """
    if not passwords.is_right(password, known.password_hash):
        logging.security("auth.sign_in_failed", kind=known.kind, account_id=known.account_id)
        raise WrongCredentials()
    assert known.password_hash is not None
    return passwords.hash_of(password) if passwords.is_outdated(known.password_hash) else None


def sign_in(known: Credentials, *, new_hash: str | None = None) -> Tokens:
    """Begin a sign-in of an account whose password was just proven.

    Raises `WrongCredentials` if the password was changed, or the account disabled, in between.
    """
    account = _lock(known)
    if account is None or account.password_hash != known.password_hash:
        raise WrongCredentials()
    if new_hash is not None:
        account.password_hash = new_hash
    logging.security("auth.signed_in", kind=known.kind, account_id=account.id)
    return begin(known.kind, account.id)


def begin(kind: AccountKind, account_id: UUID) -> Tokens:
    """A new sign-in with its first tokens. It ends after `refresh_token_days`, however often it is refreshed."""
    expires_at = clock.now() + timedelta(days=settings.current().refresh_token_days)
    owner = {"staff_id": account_id} if kind == "staff" else {"customer_id": account_id}
    begun = SignIn(id=ids.new(), expires_at=expires_at, **owner)
    session.add(begun)
    session.flush()
    return _issue(begun)


def refresh(token: str) -> Tokens:
    """The next tokens for this one, which is used up by that.

    Raises `RefreshTokenUsed` when it was used a moment ago (two tabs; nothing happens), `RefreshTokenReused` when
    it was used longer ago (the sign-in is ended, for all who hold a token of it), else `RefreshTokenNotValid`.
    """
    now, hashed = clock.now(), ids.hashed(token)
    used = session.scalar(
        update(RefreshToken)
        .where(RefreshToken.token_hash == hashed, RefreshToken.used_at.is_(None))
        .where(SignIn.id == RefreshToken.sign_in_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .values(used_at=now)
        .returning(RefreshToken.sign_in_id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        _refuse(hashed, now)
    begun = session.get_one(SignIn, used)
    kind, account_id = _owner(begun)
    slow_down(kind, str(account_id))
    logging.security("auth.refreshed", kind=kind, account_id=account_id)
    return _issue(begun)


def sign_out(token: str) -> None:
    """End the sign-in that this refresh token belongs to; a token that does not hold changes nothing."""
    family = select(RefreshToken.sign_in_id).where(RefreshToken.token_hash == ids.hashed(token)).scalar_subquery()
    ended = session.scalar(
        update(SignIn)
        .where(SignIn.id == family, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(SignIn.id)
    )
    if ended:
        logging.security("auth.signed_out", sign_in_id=ended)


def end_all(kind: AccountKind, account_id: UUID) -> None:
    """End all sign-ins of an account: its password was changed, or it was disabled."""
    owner = SignIn.staff_id if kind == "staff" else SignIn.customer_id
    session.execute(update(SignIn).where(owner == account_id, SignIn.ended_at.is_(None)).values(ended_at=clock.now()))
    logging.security("auth.all_signed_out", kind=kind, account_id=account_id)


def sweep() -> int:
    """Forget the sign-ins that have expired, with their tokens; answers how many."""
    gone = session.execute(delete(SignIn).where(SignIn.expires_at <= clock.now()).returning(SignIn.id))
    return len(gone.all())


def _lock(known: Credentials) -> Customer | StaffMember | None:
    if known.account_id is None:
        return None
    if known.kind == "customer":
        return session.get(Customer, known.account_id, with_for_update=True, populate_existing=True)
    member = session.get(StaffMember, known.account_id, with_for_update=True, populate_existing=True)
    return member if member is not None and member.is_active else None


def _refuse(hashed: bytes, now: datetime) -> NoReturn:
    """Say why a token could not be exchanged, and end its sign-in if it was stolen."""
    found = session.execute(
        select(RefreshToken.used_at, SignIn)
        .join(SignIn, SignIn.id == RefreshToken.sign_in_id)
        .where(RefreshToken.token_hash == hashed)
    ).one_or_none()
    used_at, begun = (found[0], found[1]) if found else (None, None)
    if used_at is None or begun is None or begun.ended_at is not None or begun.expires_at <= now:
        logging.security("auth.refresh_failed", sign_in_id=begun.id if begun else None)
        raise RefreshTokenNotValid()
    if now <= used_at + timedelta(seconds=settings.current().refresh_grace_seconds):
        raise RefreshTokenUsed()
    begun.ended_at = now
    session.flush()
    kind, account_id = _owner(begun)
    logging.security("auth.refresh_reused", kind=kind, account_id=account_id, sign_in_id=begun.id)
    raise RefreshTokenReused()


def _issue(begun: SignIn) -> Tokens:
    kind, account_id = _owner(begun)
    in_force, token = settings.current(), ids.secret_token()
    session.add(RefreshToken(token_hash=ids.hashed(token), sign_in_id=begun.id, issued_at=clock.now()))
    session.flush()
    return Tokens(
        account_id=account_id,
        access_token=access_tokens.issue(kind, account_id, begun.id, clock.now(), in_force),
        expires_in=in_force.access_token_seconds,
        refresh_token=token,
        refresh_expires_at=begun.expires_at,
    )


def _owner(begun: SignIn) -> tuple[AccountKind, UUID]:
    if begun.staff_id is not None:
        return "staff", begun.staff_id
    assert begun.customer_id is not None
    return "customer", begun.customer_id
