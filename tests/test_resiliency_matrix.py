"""The resiliency matrix claims nothing that no test shows."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Needs a shop of real processes, but nothing fails in it.
NO_FAULT = "test_gunicorn.py"
MATRIX = ROOT / "docs" / "resiliency.md"
ROW = re.compile(r"^\| F(\d+) \|(.*)\|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

ROWS = [(int(number), [cell.strip() for cell in cells.split("|")]) for number, cells in ROW.findall(MATRIX.read_text())]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_scenario_has_its_row() -> None:
    assert [number for number, _ in ROWS] == list(range(1, 44))


@pytest.mark.parametrize(("number", "cells"), ROWS, ids=[f"F{number}" for number, _ in ROWS])
def test_a_row_claims_what_a_test_shows_and_nothing_else(number: int, cells: list[str]) -> None:
    fault, happens, seen, state, proof = cells
    named = NAMED.findall(proof)
    assert fault
    assert [test for file, test in named if test not in functions_of(file)] == []
    if state == "not yet":
        assert not named and not happens and not seen
        assert proof, "say what is missing"
    else:
        assert state in ("shown", "part")
        assert named and happens and seen
        assert (state == "part") == bool(NAMED.sub("", proof).strip(" ,;")), "a part says what is missing"


def test_every_scenario_of_the_suite_is_in_the_matrix() -> None:
    named = {test for _, cells in ROWS for _, test in NAMED.findall(cells[-1])}
    there = {
        test
        for file in sorted((ROOT / "tests" / "faults").glob("test_*.py"))
        if file.name != NO_FAULT
        for test in functions_of(str(file.relative_to(ROOT)))
        if test.startswith("test_")
    }
    assert there - named == set()
