"""What must hold of the books by themselves (I4). No counter-entry makes a broken entry whole, so none is mended."""

from shopwright.kit.verification import Check

_ENTRIES = """
    SELECT entry_id, count(*) || ' sides', 'a balance of ' || sum(amount),
           CASE WHEN count(*) = 1 THEN 'all sides but one were removed'
                WHEN min(currency) <> max(currency) THEN 'a side was given another currency'
                ELSE 'a side was changed or removed' END || ' by somebody who got past the triggers'
    FROM book_postings GROUP BY entry_id
    HAVING sum(amount) <> 0 OR count(*) < 2 OR min(currency) <> max(currency)"""
_CURRENCIES = """
    SELECT currency, 'all accounts', sum(amount), 'an entry in this currency is broken or was partly removed'
    FROM book_postings GROUP BY currency HAVING sum(amount) <> 0"""
_CAUSES = """
    SELECT cause_id, count(DISTINCT entry_id) || ' entries', '1 of kind ' || kind,
           'the same thing was booked twice, by accounts that do not overlap'
    FROM book_postings GROUP BY cause_id, kind HAVING min(entry_id::text) <> max(entry_id::text)"""

CHECKS = (
    Check("books: every entry balances in one currency (I4)", _ENTRIES),
    Check("books: all accounts of a currency add up to nothing (I4)", _CURRENCIES),
    Check("books: a cause is booked once of a kind (I4)", _CAUSES),
)
