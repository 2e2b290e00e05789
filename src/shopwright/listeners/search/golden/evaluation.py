"""Has a search answer judged queries, and says how well it did, whole and by class."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from shopwright.listeners.search.golden.metrics import interval, mean, ndcg, recall, reciprocal_rank

#: What is judged: query, locale and how many at most, to the keys of products, best first.
Search = Callable[[str, str, int], Sequence[str]]
FIRST_PAGE, DEEP = 10, 100
ALL = "all"


@dataclass(frozen=True)
class Judged:
    """A query with what each product is worth for it. `relevant` are those that count as found."""

    id: str
    group: str
    text: str
    locale: str
    gains: Map[str, float]
    relevant: frozenset[str]
    twin: str | None = None


@dataclass(frozen=True)
class Score:
    id: str
    group: str
    ndcg: float
    mrr: float
    recall: float
    is_empty: bool
    of_twin: float | None


@dataclass(frozen=True)
class Twins:
    """nDCG of the queries that have a twin, and of their twins; `apart`: by how much a query differs from its own, on average."""

    own: float
    other: float
    apart: float


@dataclass(frozen=True)
class Row:
    """Means over a group. `low` and `high` bound its nDCG."""

    queries: int
    ndcg: float
    low: float
    high: float
    mrr: float
    recall: float
    empty: float
    twins: Twins | None


@dataclass(frozen=True)
class Report:
    """`rows` by group, that of all queries first; `scores` by query, to look into."""

    rows: Map[str, Row]
    scores: Sequence[Score]


def evaluate(search: Search, judged: Iterable[Judged], at_once: int = 1) -> Report:
    """nDCG@10, MRR@10, Recall@100 and the share of queries without any answer. So many queries are asked `at_once`, from
    threads of their own."""
    with ThreadPoolExecutor(at_once) as threads:
        scores = [*threads.map(partial(_score, search), judged)]
    groups: dict[str, list[Score]] = {ALL: scores}
    for score in scores:
        groups.setdefault(score.group, []).append(score)
    return Report({group: _row(group, of_group) for group, of_group in groups.items()}, scores)


def _score(search: Search, query: Judged) -> Score:
    found = [*search(query.text, query.locale, DEEP)]
    assert len(found) == len({*found}), f"found twice by {query.text!r}"
    of_twin = (
        None if query.twin is None else ndcg(search(query.twin, query.locale, FIRST_PAGE), query.gains, FIRST_PAGE)
    )
    return Score(
        id=query.id, group=query.group, ndcg=ndcg(found, query.gains, FIRST_PAGE),
        mrr=reciprocal_rank(found, query.relevant, FIRST_PAGE), recall=recall(found, query.relevant, DEEP),
        is_empty=not found, of_twin=of_twin,
    )  # fmt: skip


def _row(group: str, scores: Sequence[Score]) -> Row:
    marks = [score.ndcg for score in scores]
    low, high = interval(marks, group) if marks else (0.0, 0.0)
    return Row(
        queries=len(scores), ndcg=mean(marks), low=low, high=high, mrr=mean([score.mrr for score in scores]),
        recall=mean([score.recall for score in scores]), empty=mean([float(score.is_empty) for score in scores]),
        twins=_twins(scores),
    )  # fmt: skip


def _twins(scores: Sequence[Score]) -> Twins | None:
    pairs = [(score.ndcg, score.of_twin) for score in scores if score.of_twin is not None]
    if not pairs:
        return None
    own, other = (mean(marks) for marks in zip(*pairs, strict=True))
    return Twins(own, other, mean([abs(one - another) for one, another in pairs]))
