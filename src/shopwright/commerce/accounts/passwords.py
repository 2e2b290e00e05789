"""Passwords: which ones are accepted (NIST SP 800-63B-4 §3.1.1.2), and how they are kept (argon2id)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Meta

from shopwright.commerce.accounts.errors import PasswordNotAcceptable

SHORTEST = 15
LONGEST = 1_024
EXAMPLE = "nine grey whales hum softly"
#: Characters that must be left of a password when all that anybody would guess is taken out of it.
LEAST_OF_ONES_OWN = 8
SHORTEST_WORD = 4
LONGEST_RUN = 4
TAKEN = "\x00"  # stands where a word was, so that what is left and right of it makes no new one
SHOP_WORDS = ("shopwright", "webshop", "shopping", "storefront", "customer", "checkout")
COMMON = Path(__file__).parent / "common_passwords.txt"
# What people write for letters. It is undone before a password is looked up.
DISGUISES = str.maketrans("013457@$!", "oleastasi")
BETWEEN_WORDS = re.compile(r"[\s!-/:-@\[-`{-~]+")  # spaces and ASCII's punctuation: other signs count as letters do

#: Any characters, as they are: nothing is cut off or forbidden.
NewPassword = Annotated[
    str, Meta(min_length=1, max_length=LONGEST, examples=[EXAMPLE], description="At least 15 characters")
]
Password = Annotated[str, Meta(max_length=LONGEST, examples=[EXAMPLE])]

# The least that OWASP recommends: 41 ms a sign-in here, where the library's own choice takes 200.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_of(password: str) -> str:
    """What is stored. Slow on purpose (40 ms): call it outside of a transaction."""
    return _hasher.hash(_normal(password))


def is_right(password: str, stored: str | None) -> bool:
    """Whether this is the stored password; without one, it takes as long to say no."""
    try:
        _hasher.verify(stored or _nobodys(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other parameters than those in force."""
    return _hasher.check_needs_rehash(stored)


def check(password: str, *, about: Iterable[str] = (), pointer: str = "/password") -> None:
    """Refuse what is short, common, a pattern, or made of what is known `about` its owner and the shop.

    Raises `PasswordNotAcceptable`.
    """
    normal = _normal(password)
    if len(normal) < SHORTEST:
        raise PasswordNotAcceptable(f"Shorter than {SHORTEST} characters.", pointer)
    if _is_guessable(normal.casefold(), {*SHOP_WORDS, *_words_of(about)}):
        raise PasswordNotAcceptable("Too easy to guess: a common password, a pattern, or made of known words.", pointer)


def _is_guessable(password: str, words: set[str]) -> bool:
    known = sorted({*_common(), *words}, key=len, reverse=True)
    left = _without(known, password)
    left = _without(known, left.translate(DISGUISES))
    left = _without_runs(_without(known, BETWEEN_WORDS.sub("", left)))
    return len(left) < LEAST_OF_ONES_OWN or _is_repetition(left)


def _without(words: list[str], text: str) -> str:
    for word in words:
        text = text.replace(word, TAKEN)
    return text


def _without_runs(text: str) -> str:
    """The text without the tails of runs like `4567`, `dcba` and `eeee`, and without what was taken out."""
    kept: list[str] = []
    step, length = 0, 1
    for before, character in zip(TAKEN + text, text, strict=False):
        now = ord(character) - ord(before)
        length = length + 1 if now == step and now in (-1, 0, 1) else 2
        step = now
        if length < LONGEST_RUN and character != TAKEN:
            kept.append(character)
    return "".join(kept)


def _is_repetition(text: str) -> bool:
    """Whether it is one short piece over and over (`abcxabcxabcx`), or of very few different characters."""
    return (text + text).find(text, 1) < min(len(text), LEAST_OF_ONES_OWN) or len(set(text)) < 5


def _words_of(about: Iterable[str]) -> set[str]:
    """`Ada.Lovelace@example.com` is ada.lovelace, lovelace, example; short words would forbid too much."""
    words = {part for text in about for part in BETWEEN_WORDS.split(text.casefold())}
    return {word for word in words if len(word) >= SHORTEST_WORD}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = COMMON.read_text("utf-8").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash that is verified where there is no account, so that the time it takes tells nothing."""
    return _hasher.hash("nobody has this password")


def _normal(password: str) -> str:
    # Keyboards write the same letter as different code points (RFC 8265 §4.2).
    return unicodedata.normalize("NFC", password)
