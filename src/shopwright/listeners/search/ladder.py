"""How far an engine goes from a query's words where too little has all of them; the same for every engine."""

from shopwright.listeners.search.backend import Ask, Order

#: With fewer hits than these, what is spelled nearly so is looked for, too.
FEW = 3
#: With fewer than these, what has some of the words stands below what has all of them, and fills the page.
ENOUGH = 10


def is_filled(ask: Ask) -> bool:
    """Whoever says three words or more has described something, and what is nearly that is worth a look. Of two words one
    alone is something else; and in an order by price or name what only fills the page would stand in between."""
    return ask.may_drop_words and len(ask.terms) > 2 and ask.order is Order.RELEVANCE


def enough(ask: Ask) -> int:
    """From so many hits on nothing wider is looked for."""
    return ENOUGH if is_filled(ask) else FEW


def least(ask: Ask) -> int:
    """As `enough`, where what is spelled nearly so was looked for already."""
    return ENOUGH if is_filled(ask) else 1


def fewer(ask: Ask) -> list[int]:
    """With how many words to make do, one after the other: three quarters of many, all but one of three; half of them; and
    at last, only where nothing was found at all, any."""
    count = len(ask.terms)
    if count < 2 or not ask.may_drop_words:
        return []
    most = -(-3 * count // 4) if count > 3 else count - 1
    return [*dict.fromkeys((most, -(-count // 2), 1))]


def goes_on(ask: Ask, total: int, needed: int) -> bool:
    """Whether to make do with `needed` words, where the step before found so many."""
    return total < (least(ask) if needed > 1 else 1)
