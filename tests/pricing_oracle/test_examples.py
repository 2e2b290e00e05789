import re
from pathlib import Path

import pytest

from tests.pricing_oracle.examples import EXAMPLES, Example
from tests.pricing_oracle.judging import judge

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "pricing.md"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_oracle_judges_the_examples_of_the_guide_as_the_guide_says(example: Example) -> None:
    assert judge(example.rules, example.offer) == example.judgement


def test_each_example_of_the_guide_is_in_the_table() -> None:
    told = set(re.findall(r"\*\*Example (\d+):", GUIDE.read_text()))
    assert told == {example.name.split(":")[0] for example in EXAMPLES}
