from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column

from shopwright.kit.privacy import Privacy, business, personal, privacy_of, public, secret


class Base(DeclarativeBase):
    pass


class Stamped:
    noted_by: Mapped[str | None] = personal(String(40))


class Person(Stamped, Base):
    __tablename__ = "person"

    id: Mapped[int] = business(primary_key=True)
    nickname: Mapped[str | None] = public(info={"label": "Nick"})
    email: Mapped[str] = personal("e_mail", String(254), unique=True)
    password_hash: Mapped[str] = secret(String(200))
    boss_id: Mapped[int | None] = business(ForeignKey("person.id"))
    unclassed: Mapped[str] = mapped_column()


PERSON = Base.metadata.tables["person"]


def test_each_column_says_what_it_is() -> None:
    assert {column.name: privacy_of(column) for column in PERSON.columns} == {
        "id": Privacy.BUSINESS,
        "nickname": Privacy.PUBLIC,
        "e_mail": Privacy.PERSONAL,
        "password_hash": Privacy.SECRET,
        "boss_id": Privacy.BUSINESS,
        "unclassed": None,
        "noted_by": Privacy.PERSONAL,
    }


def test_a_mapped_attribute_answers_as_its_column_does() -> None:
    assert privacy_of(Person.email) is Privacy.PERSONAL
    assert privacy_of(Person.unclassed) is None


def test_the_arguments_reach_the_column() -> None:
    email = PERSON.c.e_mail
    assert (email.unique, email.nullable, email.type.length) == (True, False, 254)  # type: ignore[attr-defined]
    assert [key.target_fullname for key in PERSON.c.boss_id.foreign_keys] == ["person.id"]


def test_other_facts_about_the_column_are_kept() -> None:
    assert PERSON.c.nickname.info == {"label": "Nick", "privacy": Privacy.PUBLIC}


@pytest.mark.parametrize("classed", [public, business, personal, secret])
def test_the_callers_info_is_not_changed(classed: Callable[..., MappedColumn[Any]]) -> None:
    info = {"label": "x"}
    classed(info=info)
    assert info == {"label": "x"}
