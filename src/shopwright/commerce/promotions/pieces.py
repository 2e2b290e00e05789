"""Effects that count single pieces and use them up, dearest first: the cheapest free, buy X get Y, bundles."""

from collections.abc import Sequence
from math import lcm

from shopwright.commerce.promotions.outcomes import NO_DISCOUNT, USED_UP, Given, Outcome, lacking
from shopwright.commerce.promotions.rules import WHOLE, Bundle, BuyGet
from shopwright.commerce.promotions.state import Line
from shopwright.kit.money import allocate, share

Taken = dict[Line, int]


def dearest_first(lines: list[Line]) -> list[Line]:
    """By what one piece is worth now, compared as a fraction. Equal ones stay in the order that they came in."""
    whole = lcm(*[line.quantity for line in lines])
    return sorted(lines, key=lambda line: -line.amount * (whole // line.quantity))


def groups_of(lines: list[Line], buy: int, get: int, ppm: int, most_times: int | None) -> Outcome:
    """Of each so many pieces the first `buy` are paid and the others get `ppm` off. All of them are used up."""
    size = buy + get
    unused = sum(line.quantity - line.used for line in lines)
    if unused < size:
        return USED_UP if sum(line.quantity for line in lines) >= size else lacking(size - unused)
    times = unused // size if most_times is None else min(unused // size, most_times)
    off, used, start = [], [], 0
    for line in dearest_first(lines):
        pieces = min(line.quantity - line.used, times * size - start)
        if pieces > 0:
            used.append((line, pieces))
            off.append((line, share(_worth_of_last(line, pieces, start, buy, size), ppm, WHOLE)))
            start += pieces
    return Given(off, used)


def _worth_of_last(line: Line, pieces: int, start: int, buy: int, size: int) -> int:
    """What those of its pieces are worth that do not come first in a block; `start` pieces of other lines went before."""
    worth, piece = 0, 0
    while piece < pieces:
        place = (start + piece) % size
        run = min(pieces - piece, (buy if place < buy else size) - place)
        if place >= buy:
            worth += line.worth(run, after=piece)
        piece += run
    return worth


def buy_one_get_another(effect: BuyGet, buying: list[Line], getting: list[Line]) -> Outcome:
    """Pieces of some lines are paid, and others get something off. A piece may be of both, but serves as one."""
    buying, getting = dearest_first(buying), dearest_first(getting)
    unused = {line: line.quantity - line.used for line in (*buying, *getting)}
    times = _most_times(effect, buying, getting, unused)
    if times == 0:
        everything = {line: line.quantity for line in unused}
        return USED_UP if _most_times(effect, buying, getting, everything) else lacking(_short(effect, buying, getting))
    bought = _first(buying, times * effect.buy_quantity, unused)
    left = {line: pieces - bought.get(line, 0) for line, pieces in unused.items()}
    got = _first(getting, times * effect.get_quantity, left)
    off = [(line, share(line.worth(pieces, bought.get(line, 0)), effect.ppm, WHOLE)) for line, pieces in got.items()]
    return Given(off, [*bought.items(), *got.items()])


def _most_times(effect: BuyGet, buying: list[Line], getting: list[Line], unused: Taken) -> int:
    """How often it can be had: whoever can have it so often can have it less often, so halves are tried."""
    can, cannot = 0, sum(unused[line] for line in buying) // effect.buy_quantity + 1
    if effect.most_times is not None:
        cannot = min(cannot, effect.most_times + 1)
    while cannot - can > 1:
        times = (can + cannot) // 2
        bought = _first(buying, times * effect.buy_quantity, unused)
        left = sum(unused[line] - bought.get(line, 0) for line in getting)
        can, cannot = (times, cannot) if left >= times * effect.get_quantity else (can, times)
    return can


def _short(effect: BuyGet, buying: list[Line], getting: list[Line]) -> int:
    unused = {line: line.quantity - line.used for line in (*buying, *getting)}
    bought = _first(buying, effect.buy_quantity, unused)
    left = sum(unused[line] - bought.get(line, 0) for line in getting)
    return effect.buy_quantity - sum(bought.values()) + max(0, effect.get_quantity - left)


def bundles(effect: Bundle, parts: Sequence[list[Line]]) -> Outcome:
    """Pieces of all parts together for one price, as often as they are there and worth more than it."""
    wanted = [(dearest_first(lines), part.quantity) for lines, part in zip(parts, effect.parts, strict=True)]
    unused = {line: line.quantity - line.used for lines in parts for line in lines}
    if missing := _missing(wanted, unused):
        return lacking(missing) if _missing(wanted, {line: line.quantity for line in unused}) else USED_UP
    taken: Taken = {}
    times = 0
    while effect.most_times is None or times < effect.most_times:
        bundle = _fill(wanted, unused)
        worth = sum(line.worth(pieces, taken.get(line, 0)) for line, pieces in bundle.items())
        if worth <= effect.price or sum(bundle.values()) < sum(quantity for _, quantity in wanted):
            break
        for line, pieces in bundle.items():
            taken[line] = taken.get(line, 0) + pieces
            unused[line] -= pieces
        times += 1
    return _spread(taken, times * effect.price) if times else NO_DISCOUNT


def _missing(wanted: list[tuple[list[Line], int]], unused: Taken) -> int:
    return sum(quantity for _, quantity in wanted) - sum(_fill(wanted, unused).values())


def _fill(wanted: list[tuple[list[Line], int]], unused: Taken) -> Taken:
    """One bundle, or as much of it as there is."""
    left, bundle = dict(unused), Taken()
    for lines, quantity in wanted:
        for line, pieces in _first(lines, quantity, left).items():
            left[line] -= pieces
            bundle[line] = bundle.get(line, 0) + pieces
    return bundle


def _first(lines: list[Line], pieces: int, unused: Taken) -> Taken:
    """The first so many of these lines' unused pieces, or all if there are less."""
    taken = Taken()
    for line in lines:
        if count := min(unused[line], pieces):
            taken[line] = count
            pieces -= count
    return taken


def _spread(taken: Taken, price: int) -> Given:
    # Equal remainders go by the lines' own order, not by what is dearest.
    lines = sorted(taken, key=lambda line: (line.variant, line.id.int))
    worth = [line.worth(taken[line]) for line in lines]
    off = allocate(sum(worth) - price, worth)
    return Given(list(zip(lines, off, strict=True)), list(taken.items()))
