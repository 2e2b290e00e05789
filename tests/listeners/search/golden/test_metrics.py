"""Our metrics beside those of `ir-measures`, and beside numbers that were reckoned by hand."""

import csv
import re
from pathlib import Path
from random import Random

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from shopwright.listeners.search.golden import esci
from shopwright.listeners.search.golden.metrics import interval, mean, ndcg, recall, reciprocal_rank

TINY = Path(__file__).parents[5] / "shared" / "data" / "esci-tiny"


def drawn(seed: int) -> tuple[dict[str, int], list[str]]:
    """Grades of 150 products and a ranking of some of them; each eighth seed finds nothing."""
    chance = Random(seed)
    keys = [f"product {number}" for number in range(300)]
    grades = {key: chance.choice([0, 0, 1, 2, 3]) for key in chance.sample(keys, 150)}
    return grades, chance.sample(keys, 0 if seed % 8 == 7 else chance.randrange(1, 200))


@pytest.mark.parametrize("seed", range(24))
def test_each_metric_is_what_ir_measures_says(seed: int) -> None:
    grades, ranking = drawn(seed)
    relevant = frozenset(key for key, grade in grades.items() if grade >= 2)
    run = {"q": {key: float(-place) for place, key in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate(
        [nDCG @ 10, nDCG, RR(rel=2) @ 10, R(rel=2) @ 100], {"q": grades}, run if ranking else {"q": {"none": 0.0}}
    )
    assert ndcg(ranking, grades, 10) == pytest.approx(theirs[nDCG @ 10])
    assert ndcg(ranking, grades) == pytest.approx(theirs[nDCG])
    assert reciprocal_rank(ranking, relevant, 10) == pytest.approx(theirs[RR(rel=2) @ 10])
    # Theirs is the share of all that are relevant; fewer than a hundred are in this draw.
    assert len(relevant) <= 100
    assert recall(ranking, relevant, 100) == pytest.approx(theirs[R(rel=2) @ 100])


def test_recall_is_whole_when_all_places_are_good_though_more_would_be() -> None:
    relevant = frozenset(f"product {number}" for number in range(300))
    assert recall(sorted(relevant)[:100], relevant, 100) == 1.0


def test_what_has_no_good_answer_is_worth_nothing() -> None:
    assert ndcg(["a"], {}, 10) == 0.0
    assert recall(["a"], frozenset(), 10) == 0.0
    assert mean([]) == 0.0


def test_an_interval_holds_the_mean_and_is_the_same_for_the_same_seed() -> None:
    values = [Random(1).random() * place / 50 for place in range(50)]
    low, high = interval(values, "seed")
    assert low < mean(values) < high
    assert interval(values, "seed") == (low, high)
    assert interval([0.5] * 50, "seed") == (0.5, 0.5)


def test_the_numbers_of_esci_tiny_come_out_as_they_were_published() -> None:
    if not TINY.is_dir():
        pytest.skip("not checked: ../shared/data/esci-tiny is not there")
    with (TINY / "qrels.tsv").open() as lines:
        labels = {row["product_id"]: row["esci_label"] for row in csv.DictReader(lines, delimiter="\t")}
    # The order in which Vespa's bi-encoder ranks the sixteen products is told where the data come from.
    ranking = re.findall(r"\bB[0-9A-Z]{9}\b", (TINY / "SOURCE.txt").read_text().partition("fixture:")[2])
    official = {key: esci.GAINS[label] for key, label in labels.items()}
    of_vespa = {key: {"E": 1.0, "S": 0.01, "C": 0.1, "I": 0.0}[label] for key, label in labels.items()}
    assert sorted(ranking) == sorted(labels)
    assert round(ndcg(ranking, official), 4) == 0.7304
    assert round(ndcg(ranking, of_vespa), 4) == 0.7046
    (judged,) = esci.judged(TINY / "qrels.tsv")
    assert judged.gains == {key: gain for key, gain in official.items() if gain}
    assert len(esci.texts(TINY / "products.jsonl")["us"]) == 16
