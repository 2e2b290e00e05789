"""Products whose titles have the words, and one that begins with the last: those first that sell best."""

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.backends.postgres.writing import lexeme

# Of few letters most titles match: then PostgreSQL walks what sells best until the list is full.
_PRODUCTS = text("""
    SELECT d.product_id, d.title FROM search_documents d
    WHERE d.locale = :locale AND d.is_found AND d.plain @@ to_tsquery('simple', :typed)
        AND EXISTS (SELECT FROM search_offers o
                    WHERE o.product_id = d.product_id AND o.locale = d.locale AND o.channel_id = :channel_id)
    ORDER BY d.popularity DESC, d.product_id LIMIT :size""")


def suggest(ask: SuggestAsk) -> list[Suggestion]:
    if not ask.words:
        return []
    *whole, last = [lexeme(word) for word in ask.words]
    typed = " & ".join([*(f"'{word}':A" for word in whole), f"'{last}':*A"])
    asked = {"locale": ask.locale, "channel_id": ask.channel_id, "size": ask.size, "typed": typed}
    return [Suggestion(Suggested.PRODUCT, row.title, row.product_id) for row in session.execute(_PRODUCTS, asked)]
