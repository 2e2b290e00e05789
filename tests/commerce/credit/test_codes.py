import math
import re

from shopwright.commerce.credit import codes


def test_a_code_has_more_than_eighty_bits_and_nothing_that_looks_alike() -> None:
    assert len(set(codes.ALPHABET)) == len(codes.ALPHABET)
    assert codes.LENGTH * math.log2(len(codes.ALPHABET)) > 80
    assert not set(codes.ALPHABET) & set("0O1IB8S5Z2")
    assert re.fullmatch(rf"([{codes.ALPHABET}]{{5}}-){{3}}[{codes.ALPHABET}]{{5}}", codes.make())


def test_no_two_codes_are_the_same() -> None:
    assert len({codes.make() for _ in range(1000)}) == 1000


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert codes.hash_of("ahr7x 9kmqp-6twce n4djf") == codes.hash_of("AHR7X-9KMQP-6TWCE-N4DJF")
    assert codes.hash_of("AHR7X-9KMQP-6TWCE-N4DJH") != codes.hash_of("AHR7X-9KMQP-6TWCE-N4DJF")
