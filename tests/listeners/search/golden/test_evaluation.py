"""From a search to a report, its table, and the gate."""

from collections.abc import Sequence
from dataclasses import replace
from math import log2
from pathlib import Path

import pytest

from shopwright.listeners.search.golden import gate, report, wands
from shopwright.listeners.search.golden.evaluation import Judged, evaluate

SOFA = Judged("1", "type", "sofa", "en", {"a": 3.0, "b": 1.0}, frozenset({"a"}))
LAMPS = Judged("2", "type", "lamps", "en", {"c": 3.0}, frozenset({"c"}), twin="lamp")
TYPO = Judged("3", "typo", "sofs", "en", {"a": 3.0}, frozenset({"a"}), twin="sofa")
QUERIES = [SOFA, LAMPS, TYPO]
FOUND = {"sofa": ["a", "b"], "lamps": ["x", "c"], "lamp": ["c"]}


def search(text: str, locale: str, k: int) -> Sequence[str]:
    assert locale == "en"
    return FOUND.get(text, [])[:k]


def test_a_report_says_means_over_all_queries_and_by_class() -> None:
    rows = evaluate(search, QUERIES).rows
    second = 1 / log2(3)
    assert [*rows] == ["all", "type", "typo"]
    assert (rows["all"].queries, rows["type"].queries, rows["typo"].queries) == (3, 2, 1)
    assert rows["type"].ndcg == pytest.approx((1 + second) / 2)
    assert (rows["type"].mrr, rows["type"].recall, rows["type"].empty) == (0.75, 1.0, 0.0)
    assert (rows["typo"].ndcg, rows["typo"].mrr, rows["typo"].recall, rows["typo"].empty) == (0.0, 0.0, 0.0, 1.0)
    assert rows["all"].ndcg == pytest.approx((1 + second) / 3)
    assert rows["all"].low <= rows["all"].ndcg <= rows["all"].high


def test_a_report_says_how_queries_do_beside_their_twins() -> None:
    found = evaluate(search, QUERIES)
    typo = found.rows["typo"].twins
    assert typo and (typo.own, typo.other, typo.apart) == (0.0, 1.0, 1.0)
    assert [*report.of_twins(found)] == [
        "type: 0.631, its twins 1.000 (0.631 of them; 0.369 apart)",
        "typo: 0.000, its twins 1.000 (0.000 of them; 1.000 apart)",
    ]


def test_a_search_that_answers_with_a_product_twice_is_not_judged() -> None:
    with pytest.raises(AssertionError, match="found twice by 'sofa'"):
        evaluate(lambda text, locale, k: ["a", "a"], [SOFA])


def test_the_table_has_the_floors_beside_it() -> None:
    found, floor = evaluate(search, QUERIES), evaluate(lambda text, locale, k: [], QUERIES)
    table = report.cells(found, {"nothing": floor})
    text = [*report.as_text(table)]
    assert len({len(line) for line in text}) == 1
    assert text[0].split()[-1] == "nothing"
    markdown = [*report.as_markdown(table)]
    assert markdown[1] == "|---|---:|---:|---:|---:|---:|---:|---:|"
    assert markdown[3].startswith("| type | 2 | 0.815 | ") and markdown[3].endswith(" | 0.750 | 1.000 | 0.0% | 0.000 |")
    assert [*report.worst(found, {query.id: query.text for query in QUERIES}, 1)] == [
        "0.000  3               sofs  (no result)"
    ]


def test_the_gate_lets_small_drops_pass_and_no_others() -> None:
    before = {"all": 0.85, "type": 0.9, "typo": 0.8}
    assert [*gate.drops({"all": 0.84, "type": 0.87, "typo": 0.77}, before)] == []
    assert [*gate.drops({"all": 0.9, "type": 0.95, "typo": 0.8, "new": 0.1}, before)] == []
    assert [*gate.drops({"all": 0.8399, "type": 0.8699}, before)] == [
        "all: nDCG@10 is 0.8399, 0.8500 was accepted (it may drop by 0.01)",
        "type: nDCG@10 is 0.8699, 0.9000 was accepted (it may drop by 0.03)",
        "typo: nDCG@10 is 0.0000, 0.8000 was accepted (it may drop by 0.03)",
    ]


def test_what_is_accepted_is_kept_by_the_searchs_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "FILE", tmp_path / "accepted.json")
    gate.FILE.write_text('{"other": {"all": 0.5}}')
    gate.accept("ours", gate.marks(evaluate(search, QUERIES)))
    assert gate.accepted() == {"other": {"all": 0.5}, "ours": {"all": 0.5436, "type": 0.8155, "typo": 0.0}}


def test_wands_is_read_as_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "query.csv").write_text("query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n1\tsofa\t\n")
    (tmp_path / "product.csv").write_text(
        "product_id\tproduct_name\tproduct_class\tcategory hierarchy\tproduct_description\tproduct_features\n"
        f"7\tarmchair\tChairs\tFurniture / Chairs\t{'long ' * 40_000}\tseat:soft\n"
    )
    (tmp_path / "label.csv").write_text(
        "id\tquery_id\tproduct_id\tlabel\n0\t0\t7\tExact\n1\t0\t8\tPartial\n2\t0\t9\tIrrelevant\n3\t1\t7\tPartial\n"
    )
    chair = Judged("0", "Massage Chairs", "salon chair", "en", {"7": 1.0, "8": 0.5}, frozenset({"7"}))
    sofa = replace(chair, id="1", group="no class", text="sofa", gains={"7": 0.5}, relevant=frozenset())
    assert [*wands.judged(tmp_path)] == [chair, sofa]
    assert wands.texts(tmp_path)["en"]["7"].startswith("armchair Chairs Furniture / Chairs long long")
