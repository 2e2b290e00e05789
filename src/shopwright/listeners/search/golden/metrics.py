"""How good a ranking is. Checked in tests against `ir-measures`, and against numbers that were reckoned by hand."""

from collections.abc import Mapping, Sequence
from math import log2

from shopwright.listeners.search.golden.chance import Chance

RESAMPLES = 1_000


def ndcg(ranking: Sequence[str], gains: Mapping[str, float], k: int | None = None) -> float:
    """Normalized discounted cumulated gain of the first `k`, with linear gains (Järvelin & Kekäläinen 2002, as `trec_eval`)."""
    best = _dcg(sorted(gains.values(), reverse=True)[:k])
    return _dcg([gains.get(key, 0.0) for key in ranking[:k]]) / best if best else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / log2(place + 2) for place, gain in enumerate(gains))


def reciprocal_rank(ranking: Sequence[str], relevant: frozenset[str], k: int) -> float:
    return next((1 / (place + 1) for place, key in enumerate(ranking[:k]) if key in relevant), 0.0)


def recall(ranking: Sequence[str], relevant: frozenset[str], k: int) -> float:
    """Of what could be among the first `k`, so much is: 1 is reached, too, where more than `k` are relevant."""
    return len(relevant.intersection(ranking[:k])) / min(len(relevant), k) if relevant else 0.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def interval(values: Sequence[float], seed: str) -> tuple[float, float]:
    """Within which the mean lies with 95 % (percentile bootstrap over queries, Efron 1979); the same for the same seed."""
    chance = Chance(seed)
    means = sorted(mean([chance.one_of(values) for _ in values]) for _ in range(RESAMPLES))
    return means[RESAMPLES * 25 // 1000], means[RESAMPLES * 975 // 1000 - 1]
