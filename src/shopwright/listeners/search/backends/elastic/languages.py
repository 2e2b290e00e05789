"""What each language's words go through. Filters of the engines' own `analysis-common` only."""

from typing import Any

from shopwright.listeners.search.splitting import COMPOUNDING

#: By language: what makes its spellings one, and its lightest stemmer. Accents are folded before, in Python.
_STEMMERS = {
    "de": "light_german", "en": "light_english", "es": "light_spanish", "fr": "light_french", "it": "light_italian",
    "nl": "dutch", "pt": "light_portuguese", "sv": "light_swedish",
}  # fmt: skip
#: No part of a compound is shorter, and no compound.
SHORTEST_PART, SHORTEST_COMPOUND = 4, 8


def language(locale: str) -> str:
    return locale.partition("-")[0].lower()


def analysis(locale: str, vocabulary: list[str]) -> dict[str, Any]:
    """Analyzers for words that come folded and in single pieces (`words.stored_words`), and `shown` for texts as they are.

    `vocabulary` are the catalogue's own words: compounds are taken apart into them, where the language has compounds.
    """
    stem = ["stem"] if language(locale) in _STEMMERS else []
    parts = ["parts"] if language(locale) in COMPOUNDING and vocabulary else []
    filters: dict[str, Any] = {
        "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": 20},
        "pairs": {"type": "shingle", "min_shingle_size": 2, "max_shingle_size": 2},
        "joined": {
            "type": "shingle", "min_shingle_size": 2, "max_shingle_size": 2, "token_separator": "",
            "output_unigrams": False,
        },
    }  # fmt: skip
    if stem:
        filters["stem"] = {"type": "stemmer", "language": _STEMMERS[language(locale)]}
    if parts:
        filters["parts"] = {
            "type": "dictionary_decompounder", "word_list": vocabulary, "min_word_size": SHORTEST_COMPOUND,
            "min_subword_size": SHORTEST_PART, "only_longest_match": True,
        }  # fmt: skip
    return {"filter": filters, "analyzer": _analyzers(stem, parts)}


def _analyzers(stem: list[str], parts: list[str]) -> dict[str, Any]:
    def of(*filters: str, tokenizer: str = "whitespace") -> dict[str, Any]:
        return {"type": "custom", "tokenizer": tokenizer, "filter": list(filters)}

    return {
        # A word that is said twice counts once: who repeats it in a title does not mean it more.
        "plain": of("unique"),
        "stored": of(*parts, *stem, "unique"),
        "asked": of(*stem),
        "beginnings": of("beginnings"),
        "pairs": of("pairs"),
        "joined": of("joined"),
        "shown": of("lowercase", "asciifolding", *stem, tokenizer="standard"),
    }
