"""A report as a table, with the floors beside each number, for a terminal or for a document."""

from collections.abc import Iterator, Mapping, Sequence

from shopwright.listeners.search.golden.evaluation import ALL, Report, Row, Score

HEADINGS = ("", "queries", "nDCG@10", "95 %", "MRR@10", "Recall@100", "no result")

Cells = Sequence[Sequence[str]]


def cells(report: Report, floors: Mapping[str, Report]) -> Cells:
    """A line of headings, then one for each group; of a floor its nDCG@10 is shown."""
    return [[*HEADINGS, *floors], *(_line(group, row, floors) for group, row in report.rows.items())]


def _line(group: str, row: Row, floors: Mapping[str, Report]) -> list[str]:
    return [
        group, str(row.queries), f"{row.ndcg:.3f}", f"{row.low:.3f}–{row.high:.3f}", f"{row.mrr:.3f}",  # noqa: RUF001  From … to.
        f"{row.recall:.3f}", f"{row.empty:.1%}", *(f"{floor.rows[group].ndcg:.3f}" for floor in floors.values()),
    ]  # fmt: skip


def as_text(table: Cells) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        first, *others = line
        yield "  ".join([first.ljust(widths[0]), *map(str.rjust, others, widths[1:])])


def as_markdown(table: Cells) -> Iterator[str]:
    headings, *lines = table
    yield f"| {' | '.join(headings)} |"
    yield f"|---|{'---:|' * (len(headings) - 1)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def of_twins(report: Report) -> Iterator[str]:
    """What a slip costs a class, and what singular or plural make out."""
    for group, row in report.rows.items():
        if group != ALL and (twins := row.twins):
            share = f"{twins.own / twins.other:.3f} of them" if twins.other else "they find nothing"
            yield f"{group}: {twins.own:.3f}, its twins {twins.other:.3f} ({share}; {twins.apart:.3f} apart)"


def worst(report: Report, texts: Mapping[str, str], count: int) -> Iterator[str]:
    """The queries that were answered worst, by their ids and `texts`."""
    by_mark: list[Score] = sorted(report.scores, key=lambda score: score.ndcg)
    for score in by_mark[:count]:
        yield f"{score.ndcg:.3f}  {score.id:14}  {texts[score.id]}{'  (no result)' if score.is_empty else ''}"
