"""Which words a compound is made of."""

from shopwright.listeners.search import splitting

KNOWN = {"kinder", "bucher", "regal", "arbeit", "platz", "leuchte", "arbeitsplatz", "tuch", "hand", "halter", "tier"}


def in_three(word: str, known: set[str]) -> list[tuple[str, str, str]]:
    return splitting.in_three(word, known, "de-AT")


def test_three_known_words_are_found_with_joints_between_them_and_without() -> None:
    assert in_three("kinderbucherregal", KNOWN) == [("kinder", "bucher", "regal")]
    assert in_three("kinderbucherregale", KNOWN) == [("kinder", "bucher", "regale")]
    assert in_three("tiersarbeitsleuchte", KNOWN) == [("tier", "arbeit", "leuchte")]


def test_a_compound_that_is_known_is_taken_apart_no_further() -> None:
    assert in_three("arbeitsplatzleuchte", KNOWN) == []
    assert in_three("arbeitsplatzleuchte", KNOWN - {"arbeitsplatz"}) == [("arbeit", "platz", "leuchte")]
    assert in_three("handtuchhalter", KNOWN) == [("hand", "tuch", "halter")]
    assert in_three("handtuchhalter", KNOWN | {"tuchhalter"}) == []


def test_what_has_an_unknown_part_is_left_whole() -> None:
    assert in_three("kinderbuchregal", KNOWN) == []
    assert in_three("kinderbuchregal", KNOWN | {"buch"}) == [("kinder", "buch", "regal")]


def test_only_what_is_long_enough_in_a_language_of_compounds_is_looked_into() -> None:
    said = ["sofa", "x" * 11, "y" * 12, "z" * 40, "a" * 41, "12345678901234", *(letter * 20 for letter in "bcde")]
    assert splitting.may_be_three(said, "de-AT") == ["y" * 12, "z" * 40, "b" * 20, "c" * 20]
    assert splitting.may_be_three(said, "en") == []


def test_the_longest_compound_has_a_bounded_number_of_parts() -> None:
    longest = "".join(chr(ord("a") + number % 26) for number in range(splitting.LONGEST_OF_THREE))
    parts = splitting.candidates(longest, "de")
    assert len(parts) <= 1000
    assert len(in_three("a" * splitting.LONGEST_OF_THREE, {"a" * 4, "a" * 30, "a" * 6})) <= splitting.MOST_WAYS
