"""Ways in and out. None of them is idempotent, so that no answer with a token in it is ever kept."""

from shopwright.commerce.accounts import passwords, queries, service, sign_ins
from shopwright.commerce.accounts.errors import (
    EmailTaken,
    PasswordNotAcceptable,
    RefreshTokenNotValid,
    RefreshTokenReused,
    RefreshTokenUsed,
    WrongCredentials,
)
from shopwright.commerce.accounts.schemas import ChangePassword, Register, SignInWith, TokensOut, WithRefreshToken
from shopwright.kit import principal
from shopwright.kit.access import Access, Anyone
from shopwright.kit.http import Routes
from shopwright.kit.principal import Kind
from shopwright.kit.ratelimit import Limit
from shopwright.kit.transaction import reading, transaction
from shopwright.settings import Settings

routes = Routes("accounts")

AnyAccount = Access(frozenset({Kind.CUSTOMER, Kind.STAFF}))
ADDRESSES_SHARE = 5  # people behind one address, such as an office, who may sign in at the full rate


def per_address(settings: Settings) -> Limit:
    return Limit("auth", settings.sign_ins_per_minute * ADDRESSES_SHARE, 60)


@routes.phased(
    "POST", "/auth/register", access=Anyone, status=201, is_idempotent=False, limit=per_address,
    errors=(EmailTaken, PasswordNotAcceptable),
)  # fmt: skip
def register(body: Register) -> TokensOut:
    """Register as a customer.

    A password has 15 characters at least, of any kind; it must not be a common one, or be made of your e-mail address.
    """
    passwords.check(body.password, about=[body.email, body.name])
    hashed = passwords.hash_of(body.password)  # no transaction waits for argon2
    with transaction():
        customer = service.register(email=body.email, password_hash=hashed, name=body.name, locale=body.locale)
        return TokensOut.of(sign_ins.begin("customer", customer.id))


@routes.phased("POST", "/auth/token", access=Anyone, is_idempotent=False, limit=per_address, errors=(WrongCredentials,))
def sign_in(body: SignInWith) -> TokensOut:
    """Sign in as a customer, or as a member of staff."""
    sign_ins.slow_down(body.kind, body.email)
    with reading():
        known = queries.credentials(body.kind, body.email)
    new_hash = sign_ins.prove(known, body.password)
    with transaction():
        return TokensOut.of(sign_ins.sign_in(known, new_hash=new_hash))


@routes.command(
    "POST", "/auth/refresh", access=Anyone, is_idempotent=False, limit=per_address,
    errors=(RefreshTokenNotValid, RefreshTokenReused, RefreshTokenUsed),
)  # fmt: skip
def refresh(body: WithRefreshToken) -> TokensOut:
    """Get new tokens for a refresh token, which is used up by that.

    A refresh token that comes again within a few seconds is refused with 409, and the tokens answered first go on.
    If it comes later, somebody has a copy: the whole sign-in ends.
    """
    return TokensOut.of(sign_ins.refresh(body.refresh_token))


@routes.command("POST", "/auth/revoke", access=Anyone, is_idempotent=False, limit=per_address)
def revoke(body: WithRefreshToken) -> None:
    """Sign out: end the sign-in that a refresh token belongs to.

    A token that does not hold any more is answered in the same way (RFC 7009 §2.2).
    """
    sign_ins.sign_out(body.refresh_token)


@routes.phased(
    "POST", "/auth/password", access=AnyAccount, is_idempotent=False, limit=per_address,
    errors=(PasswordNotAcceptable, WrongCredentials),
)  # fmt: skip
def change_password(body: ChangePassword) -> TokensOut:
    """Change your password, which ends all your sign-ins and begins a new one."""
    who = principal.current()
    with reading():
        known = queries.credentials_of(who)
    sign_ins.slow_down(known.kind, str(known.account_id))
    sign_ins.prove(known, body.current_password)
    passwords.check(body.new_password, about=known.about, pointer="/new_password")
    hashed = passwords.hash_of(body.new_password)
    with transaction():
        return TokensOut.of(service.change_password(known, hashed))
