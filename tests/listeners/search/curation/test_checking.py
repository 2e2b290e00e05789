"""What cannot act as it is meant is refused when it is said, by whomever it is said."""

import pytest

from shopwright.listeners.search.curation import checking
from shopwright.listeners.search.curation.bodies import LONGEST_TEXT, Synonyms
from shopwright.listeners.search.curation.errors import CurationNotSensible


@pytest.mark.parametrize("is_found", [True, False])
def test_a_phrase_that_could_not_be_read_again_is_refused(is_found: bool) -> None:
    pair = ("x" * (LONGEST_TEXT + 1), "sofa")
    words, finds = pair if is_found else pair[::-1]
    with pytest.raises(CurationNotSensible):
        checking.check(Synonyms(locale="en", words=(words,), finds=(finds,)))
