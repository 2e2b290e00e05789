import unicodedata

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from shopwright.commerce.accounts import passwords
from shopwright.commerce.accounts.errors import PasswordNotAcceptable
from shopwright.commerce.accounts.models import Customer
from shopwright.kit.db import session
from shopwright.kit.transaction import reading

LONG = "".join(chr(0x4E00 + 7 * n) for n in range(1_024))


@pytest.mark.parametrize(
    "password",
    ["nine grey whales hum softly", "nine grey whale", "only lower letters here", "пароль надежный длинный",
     "🦊🐻🐼🦁🐯🐨🐸🐵🐔🐧🐦🐤🦆🦅🦉", "猫が好きです犬も好きですよねえ本", "tr4ffic-cone-umbrella-9",
     "kd93mzq71bva8f2"],
)  # fmt: skip
def test_s25_any_characters_make_a_password(password: str) -> None:
    passwords.check(password)
    assert passwords.is_right(password, passwords.hash_of(password))


@pytest.mark.parametrize("password", ["", "short", "nine grey whal", "🦊" * 14])
def test_s25_fewer_than_15_characters_are_refused(password: str) -> None:
    with pytest.raises(PasswordNotAcceptable):
        passwords.check(password)


@pytest.mark.parametrize("length", [64, 128, 1_024])
def test_s25_no_character_is_cut_off(length: int) -> None:
    password = LONG[:length]
    passwords.check(password)
    kept = passwords.hash_of(password)
    assert passwords.is_right(password, kept)
    assert not passwords.is_right(password[:-1], kept)
    assert not passwords.is_right(password[:-1] + "x", kept)


def test_s25_spaces_and_case_count() -> None:
    kept = passwords.hash_of(" Nine grey whales hum ")
    assert not passwords.is_right("Nine grey whales hum", kept)
    assert not passwords.is_right(" nine grey whales hum ", kept)


def test_s25_a_letter_is_the_same_however_it_was_typed() -> None:
    kept = passwords.hash_of(unicodedata.normalize("NFD", "über schöne blaue Äpfel"))
    assert passwords.is_right(unicodedata.normalize("NFC", "über schöne blaue Äpfel"), kept)


@pytest.mark.parametrize(
    "password",
    ["passwordpassword", "P@ssw0rd1234567!", "p-a-s-s-w-o-r-d-1-2-3", "correct horse battery staple",
     "qwertyuiopasdfghjkl",
     "123456789012345", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlk", "aaaaaaaaaaaaaaaaaaaa", "abcxabcxabcxabcx",
     "monkeydragonsunshine", "JanuaryFebruary2026", "                    ", "The Quick Brown Fox"],
)  # fmt: skip
def test_s26_common_passwords_and_patterns_are_refused(password: str) -> None:
    with pytest.raises(PasswordNotAcceptable) as refused:
        passwords.check(password)
    assert refused.value.facts["errors"][0]["pointer"] == "/password"


@pytest.mark.parametrize(
    "password",
    ["Shopwright2026!!", "shopwright-customer", "ada.lovelace1815", "LovelaceLovelace", "analytical.example"],
)
def test_s26_words_of_the_shop_and_of_the_owner_are_refused(password: str) -> None:
    with pytest.raises(PasswordNotAcceptable):
        passwords.check(password, about=["ada.lovelace@analytical.example", "Ada Lovelace"])


def test_s26_a_weak_password_registers_nobody(client: FlaskClient) -> None:
    body = {"email": "charles.babbage@example.com", "password": "charlesbabbage1791"}
    refused = client.post("/v1/auth/register", json=body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "password-not-acceptable")
    assert "babbage1791" not in refused.get_data(as_text=True)
    with reading():
        assert session.scalars(select(Customer)).all() == []


def test_s27_passwords_are_kept_as_argon2id_with_a_salt_of_their_own() -> None:
    first, second = passwords.hash_of("nine grey whales"), passwords.hash_of("nine grey whales")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(first)


def test_nobody_has_no_password() -> None:
    assert not passwords.is_right("nobody has this password", None)
    assert not passwords.is_right("nine grey whales", "no hash at all")
