"""What the guide shows a merchant is what the shop takes."""

import re
from pathlib import Path

import msgspec

from tests.listeners.search.curation.conftest import Merchant

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "search.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def test_every_example_of_the_guide_can_be_said(merchant: Merchant) -> None:
    assert len(EXAMPLES) >= 4
    for example in EXAMPLES:
        merchant.adds(msgspec.json.decode(example))
