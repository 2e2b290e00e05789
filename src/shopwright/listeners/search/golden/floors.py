"""What any search must beat: chance, and BM25 over all that the shop says of a product, in one field, word by word."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from math import log

from shopwright.listeners.search.golden.chance import Chance
from shopwright.listeners.search.golden.evaluation import Search

K1, B = 1.2, 0.75
WORD = re.compile(r"\w+")

#: Each product's text by locale and key.
Texts = Mapping[str, Mapping[str, str]]


def at_random(keys: Sequence[str]) -> Search:
    """The same keys for the same words."""

    def search(query: str, locale: str, k: int) -> Sequence[str]:
        return Chance(f"{locale} {query}").some(keys, k)

    return search


def naive_bm25(texts: Texts) -> Search:
    """Robertson & Zaragoza 2009, with the parameters that all engines come with."""
    indexes = {locale: _Index(of_locale) for locale, of_locale in texts.items()}

    def search(query: str, locale: str, k: int) -> Sequence[str]:
        return indexes[locale].search(query, k)

    return search


class _Index:
    def __init__(self, texts: Mapping[str, str]) -> None:
        self._postings: dict[str, list[tuple[str, float]]] = defaultdict(list)
        counts = {key: Counter(_words(text)) for key, text in texts.items()}
        usual = sum(count.total() for count in counts.values()) / len(counts)
        for key, count in counts.items():
            longer = K1 * (1 - B + B * count.total() / usual)
            for word, times in count.items():
                self._postings[word].append((key, times * (K1 + 1) / (times + longer)))
        self._size = len(counts)

    def search(self, query: str, k: int) -> list[str]:
        scores: dict[str, float] = defaultdict(float)
        for word in _words(query):
            found = self._postings.get(word, [])
            rarity = log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
            for key, weight in found:
                scores[key] += rarity * weight
        return nsmallest(k, scores, key=lambda key: (-scores[key], key))


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
