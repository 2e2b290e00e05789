"""Products for an engine, and questions to it, in as few words as a test can have."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shopwright.kit import ids
from shopwright.listeners.search import words
from shopwright.listeners.search.backend import (
    Ask,
    Document,
    Found,
    Gone,
    Offer,
    Outcome,
    SearchBackend,
    Signals,
    SuggestAsk,
    Suggestion,
    Term,
)

EU, US = UUID(int=1), UUID(int=2)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def offer(price: int = 1900, **more: Any) -> Offer:
    given = {
        "channel_id": EU, "variant_id": ids.new(), "position": 0, "compare_at": None, "in_stock": True, "options": {},
    }  # fmt: skip
    return Offer(price=price, **(given | more))


def document(title: str, **more: Any) -> Document:
    given = {
        "product_id": ids.new(), "version": 1, "locale": "en", "brand_id": None, "brand": "", "category_paths": [],
        "category_ids": [], "category_text": "", "attributes": {}, "attribute_text": "", "description": "", "codes": [],
        "published_at": LONG_AGO, "signals": Signals(), "offers": [offer()],
    }  # fmt: skip
    return Document(title=title, **(given | more))


def terms(text: str, locale: str = "en", **synonyms: Sequence[str]) -> tuple[Term, ...]:
    """The words of a query; `terms("couch", couch=["sofa"])`."""
    return tuple(
        Term((word,), tuple(tuple(each.split()) for each in synonyms.get(word, ())))
        for word in words.words(text, locale)
    )


class Shelf:
    def __init__(self, backend: SearchBackend) -> None:
        self.backend = backend
        self.titles: dict[UUID, str] = {}

    def put(self, title: str, **more: Any) -> UUID:
        """Store one and wait until it is found."""
        made = document(title, **more)
        (said,) = self.store(made)
        assert said.written == "done", said
        return made.product_id

    def store(self, *documents: Document, index: str | None = None) -> list[Outcome]:
        locale = documents[0].locale
        said = self.backend.write(locale, documents, index)
        self.backend.refresh(locale)
        self.titles |= {each.product_id: each.title for each in documents}
        return said

    def bury(self, product_id: UUID, version: int) -> Outcome:
        (said,) = self.backend.delete("en", [Gone(product_id, version)])
        self.backend.refresh("en")
        return said

    def ask(self, text: str = "", locale: str = "en", **more: Any) -> Found:
        given: dict[str, Any] = {"channel_id": EU, "locale": locale, "terms": terms(text, locale)}
        return self.backend.search(Ask(**(given | more)))

    def found(self, text: str = "", locale: str = "en", **more: Any) -> list[str]:
        return self.named(self.ask(text, locale, **more))

    def named(self, found: Found) -> list[str]:
        return [self.titles[hit.product_id] for hit in found.hits]

    def suggested(self, text: str, channel_id: UUID = EU) -> list[Suggestion]:
        typed = tuple(words.words(text, "en"))
        return self.backend.suggest(SuggestAsk(channel_id=channel_id, locale="en", words=typed))

    def corrected(self, text: str, **more: Any) -> tuple[str, ...] | None:
        given: dict[str, Any] = {"channel_id": EU, "locale": "en", "terms": terms(text)}
        return self.backend.correct(Ask(**(given | more)))
