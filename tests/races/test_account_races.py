from collections import Counter

from flask import Flask
from sqlalchemy import func, select

from shopwright.commerce.accounts import service, sign_ins
from shopwright.commerce.accounts.addresses import Address
from shopwright.commerce.accounts.errors import AdminExists, EmailTaken, RefreshTokenUsed
from shopwright.commerce.accounts.models import Customer, CustomerAddress, RefreshToken, SignIn, StaffMember
from shopwright.kit.db import session
from shopwright.kit.principal import Kind, Principal, acting_as
from shopwright.kit.transaction import reading, transaction
from tests import make
from tests.races.parallel import together


def outcomes(results: list[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def test_a_refresh_token_used_50_times_at_once_is_exchanged_once(real_app: Flask) -> None:
    customer = make.make_customer()
    with transaction():
        first = sign_ins.begin("customer", customer.id).refresh_token

    def refresh() -> sign_ins.Tokens:
        with transaction():
            return sign_ins.refresh(first)

    results = together([refresh] * 50)
    assert outcomes(list(results)) == {"Tokens": 1, RefreshTokenUsed.__name__: 49}
    with reading():
        assert session.scalar(select(func.count()).select_from(RefreshToken)) == 2
        assert session.scalars(select(SignIn.ended_at)).all() == [None]


def test_one_of_many_first_admins_is_made(real_app: Flask) -> None:
    def create() -> StaffMember:
        with transaction():
            return service.create_first_admin("root@example.com", "seven red foxes dance at dawn")

    assert outcomes(list(together([create] * 8))) == {"StaffMember": 1, AdminExists.__name__: 7}


def test_one_of_many_with_the_same_address_registers(real_app: Flask) -> None:
    def register() -> Customer:
        with transaction():
            return service.register(email="ada@example.com", password_hash=make.PASSWORD_HASH)

    assert outcomes(list(together([register] * 16))) == {"Customer": 1, EmailTaken.__name__: 15}


def test_many_new_default_addresses_leave_one_default(real_app: Flask) -> None:
    customer = make.make_customer()
    address = Address(name="Ada", street_address="Torstraße 1", postal_code="10119", city="Berlin", country_code="DE")

    def add() -> CustomerAddress:
        with acting_as(Principal(kind=Kind.CUSTOMER, id=customer.id)), transaction():
            return service.add_address(address, is_default_shipping=True, is_default_billing=True)

    assert outcomes(list(together([add] * 60))) == {"CustomerAddress": 50, "TooManyAddresses": 10}
    with reading():
        defaults = select(func.count()).where(CustomerAddress.is_default_shipping, CustomerAddress.is_default_billing)
        assert session.scalar(defaults) == 1
