"""The golden set as `evaluate` takes it: its queries with their grades, and its texts for the floors."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256

from shopwright.listeners.search.golden import terms, texts
from shopwright.listeners.search.golden.evaluation import Judged
from shopwright.listeners.search.golden.floors import Texts
from shopwright.listeners.search.golden.queries import Half, Query, queries
from shopwright.listeners.search.golden.synonyms import synonyms
from shopwright.listeners.search.golden.things import Thing, things
from shopwright.listeners.search.golden.wanted import BEST

#: From this grade on a thing counts as found: all that was asked for, or all but one wish.
RELEVANT = BEST - 1


def judged(half: Half | None = None) -> Iterator[Judged]:
    """The queries of one half, or all."""
    for query in queries():
        if half is None or query.half is half:
            yield _judged(query)


def among(judged: Iterable[Judged], keys: Collection[str]) -> Iterator[Judged]:
    """The queries as they are where only these products are; those that none of them answers are left out."""
    for query in judged:
        gains = {key: gain for key, gain in query.gains.items() if key in keys}
        if relevant := query.relevant.intersection(keys):
            yield replace(query, gains=gains, relevant=relevant)


def _judged(query: Query) -> Judged:
    of_kind = (thing for kind in sorted(query.asked.wanted.kinds) for thing in _by_kind()[kind])
    grades = query.asked.wanted.grades(of_kind)
    return Judged(
        id=query.id, group=query.kind, text=query.text, locale=query.locale, twin=query.asked.twin,
        gains={key: float(grade) for key, grade in grades.items()},
        relevant=frozenset(key for key, grade in grades.items() if grade >= RELEVANT),
    )  # fmt: skip


@cache
def _by_kind() -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = defaultdict(list)
    for thing in things():
        found[thing.kind].append(thing)
    return found


def all_texts(among: Sequence[Thing]) -> Texts:
    return {locale: {thing.key: texts.everything(thing, locale) for thing in among} for locale in terms.LOCALES}


def digest() -> str:
    """Of all that the set consists of: things, what the shop says of them, the merchant's synonyms, queries and grades."""
    whole = sha256(repr([*synonyms()]).encode())
    for thing in things():
        said = [f"{texts.title(thing, locale)} {texts.everything(thing, locale)}" for locale in terms.LOCALES]
        whole.update(repr((thing.key, said, thing.offers)).encode())
    for query in queries():
        of_it = _judged(query)
        whole.update(repr((of_it.id, query.half.value, of_it.text, of_it.locale, of_it.twin, of_it.gains)).encode())
    return whole.hexdigest()
