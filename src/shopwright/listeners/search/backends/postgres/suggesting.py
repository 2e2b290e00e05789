"""What may be meant by the beginning of a word: products and brands that are sold in the channel."""

from sqlalchemy import text

from shopwright.kit.db import session
from shopwright.listeners.search.backend import SuggestAsk, Suggested, Suggestion
from shopwright.listeners.search.backends.postgres.writing import lexeme

_OFFERED = """
    EXISTS (SELECT FROM search_offers o
            WHERE o.product_id = d.product_id AND o.locale = d.locale AND o.channel_id = :channel_id)"""
_PRODUCTS = text(f"""
    SELECT d.product_id, d.title FROM search_documents d
    WHERE d.locale = :locale AND d.is_found AND d.plain @@ to_tsquery('simple', :titled) AND {_OFFERED}
    ORDER BY ts_rank(d.plain, to_tsquery('simple', :titled), 1) DESC, d.popularity DESC, d.product_id LIMIT :size""")  # noqa: S608
_BRANDS = text(f"""
    SELECT d.brand_id, d.brand, count(*) FROM search_documents d
    WHERE d.locale = :locale AND d.is_found AND d.plain @@ to_tsquery('simple', :branded) AND {_OFFERED}
        AND to_tsvector('simple', d.brand) @@ to_tsquery('simple', :typed)
    GROUP BY d.brand_id, d.brand ORDER BY count(*) DESC, d.brand LIMIT 3""")  # noqa: S608


def suggest(ask: SuggestAsk) -> list[Suggestion]:
    """Brands first, since there are few; then products."""
    if not ask.words:
        return []
    asked = {
        "locale": ask.locale, "channel_id": ask.channel_id, "size": ask.size,
        "titled": _beginning(ask, "A"), "branded": _beginning(ask, "B"), "typed": _beginning(ask, ""),
    }  # fmt: skip
    brands = [Suggestion(Suggested.BRAND, row.brand, row.brand_id) for row in session.execute(_BRANDS, asked)]
    products = [Suggestion(Suggested.PRODUCT, row.title, row.product_id) for row in session.execute(_PRODUCTS, asked)]
    return [*brands, *products][: ask.size]


def _beginning(ask: SuggestAsk, weight: str) -> str:
    *whole, last = [lexeme(word) for word in ask.words]
    words = [f"'{word}':{weight}" if weight else f"'{word}'" for word in whole]
    return " & ".join([*words, f"'{last}':*{weight}"])
