from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, convert

from shopwright.commerce.accounts.access_tokens import AccountKind
from shopwright.commerce.accounts.addresses import Address, Phone
from shopwright.commerce.accounts.emails import Email
from shopwright.commerce.accounts.models import Customer, CustomerAddress
from shopwright.commerce.accounts.passwords import NewPassword, Password
from shopwright.commerce.accounts.sign_ins import Tokens
from shopwright.kit.locale import LocaleTag
from shopwright.kit.wire import In, Out

Name = Annotated[str, Meta(max_length=200, examples=["Ada Lovelace"])]
RefreshTokenText = Annotated[str, Meta(min_length=1, max_length=200, examples=["Zk3v0p7dQ1c8Yx5sJ2nL9wR4tB6uE0aH"])]


class Register(In, frozen=True, kw_only=True):
    email: Email
    password: NewPassword
    name: Name = ""
    locale: LocaleTag | None = None


class SignInWith(In, frozen=True, kw_only=True):
    """`kind` says whose account it is: a customer's, or that of a member of staff."""

    email: Email
    password: Password
    kind: AccountKind = "customer"


class WithRefreshToken(In, frozen=True, kw_only=True):
    refresh_token: RefreshTokenText


class ChangePassword(In, frozen=True, kw_only=True):
    current_password: Password
    new_password: NewPassword


class TokensOut(Out, frozen=True, kw_only=True):
    """The access token goes into `Authorization: Bearer …`; the refresh token gets the next two, once."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    refresh_expires_at: datetime
    account_id: UUID

    @classmethod
    def of(cls, tokens: Tokens) -> "TokensOut":
        return cls(
            access_token=tokens.access_token, token_type="Bearer", expires_in=tokens.expires_in,  # noqa: S106  a type
            refresh_token=tokens.refresh_token, refresh_expires_at=tokens.refresh_expires_at,
            account_id=tokens.account_id,
        )  # fmt: skip


class ProfileOut(Out, frozen=True, kw_only=True):
    id: UUID
    email: str
    name: str
    phone: str
    locale: str | None
    registered_at: datetime
    version: int

    @classmethod
    def of(cls, customer: Customer) -> "ProfileOut":
        return cls(
            id=customer.id, email=customer.email, name=customer.name, phone=customer.phone, locale=customer.locale,
            registered_at=customer.registered_at, version=customer.version,
        )  # fmt: skip


class ChangeProfile(In, frozen=True, kw_only=True):
    name: Name | UnsetType = UNSET
    phone: Phone | UnsetType = UNSET
    locale: LocaleTag | None | UnsetType = UNSET


class AddAddress(In, frozen=True, kw_only=True):
    address: Address
    is_default_shipping: bool = False
    is_default_billing: bool = False


class ChangeAddress(In, frozen=True, kw_only=True):
    """The address is replaced as a whole: its fields only mean something together."""

    address: Address | UnsetType = UNSET
    is_default_shipping: bool | UnsetType = UNSET
    is_default_billing: bool | UnsetType = UNSET


class AddressOut(Out, frozen=True, kw_only=True):
    id: UUID
    address: Address
    is_default_shipping: bool
    is_default_billing: bool
    version: int

    @classmethod
    def of(cls, kept: CustomerAddress) -> "AddressOut":
        return cls(
            id=kept.id, address=convert(kept.address, Address), is_default_shipping=kept.is_default_shipping,
            is_default_billing=kept.is_default_billing, version=kept.version,
        )  # fmt: skip


class AddressList(Out, frozen=True, kw_only=True):
    items: list[AddressOut]
