"""The effects that use pieces up: cheapest of so many free, buy some get some, bundles.

Each gives what goes off by line, and the pieces that it uses; and how many pieces it lacks for doing anything at all.
"""

from tests.pricing_oracle.pieces import Piece, dearest_first, worth_by_line
from tests.pricing_oracle.sharing import percentage, spread
from tests.pricing_oracle.state import Basket, Line, Plain
from tests.pricing_oracle.touching import matches_all

Off = tuple[dict[Line, int], list[Piece]]


def cheapest_free(effect: Plain, touched: list[Line], basket: Basket) -> Off:
    pieces, of = dearest_first(touched), effect["of"]
    groups = [pieces[start : start + of] for start in range(0, len(pieces) - of + 1, of)]
    free = [group[-1] for group in groups]
    return worth_by_line(free), [piece for group in groups for piece in group]


def buy_get(effect: Plain, touched: list[Line], basket: Basket) -> Off:
    buy, get = effect["buy_quantity"], effect["get_quantity"]
    bought: list[Piece] = []
    got: list[Piece] = []
    times = 0
    while effect["most_times"] is None or times < effect["most_times"]:
        taken = take(effect, touched, basket, times + 1)
        if taken is None:
            break
        times, (bought, got) = times + 1, taken
    assert (len(bought), len(got)) == (times * buy, times * get)
    off = {line: percentage(worth, effect["ppm"]) for line, worth in worth_by_line(got).items()}
    return off, bought + got


def take(
    effect: Plain, touched: list[Line], basket: Basket, times: int, used_too: bool = False
) -> tuple[list[Piece], list[Piece]] | None:
    """The pieces that are bought and got so many times; None if there are not enough of them."""
    buy, get = effect["buy_quantity"], effect["get_quantity"]
    pieces = dearest_first(touched, used_too)
    if effect["get"] is None:
        if len(pieces) < times * (buy + get):
            return None
        blocks = [pieces[i * (buy + get) : (i + 1) * (buy + get)] for i in range(times)]
        return [p for block in blocks for p in block[:buy]], [p for block in blocks for p in block[buy:]]
    bought = pieces[: times * buy]
    others = without(dearest_first(get_lines(effect, basket), used_too), bought)
    if len(bought) < times * buy or len(others) < times * get:
        return None
    return bought, others[: times * get]


def get_lines(effect: Plain, basket: Basket) -> list[Line]:
    return [line for line in basket.lines if not line.is_closed and matches_all(effect["get"], line, basket, "cart")]


def without(pieces: list[Piece], taken: list[Piece]) -> list[Piece]:
    keys = {piece.key for piece in taken}
    return [piece for piece in pieces if piece.key not in keys]


def bundle(effect: Plain, touched: list[Line], basket: Basket) -> Off:
    taken: list[Piece] = []
    times = 0
    while effect["most_times"] is None or times < effect["most_times"]:
        one, missing = fill(effect, touched, basket, taken)
        if missing or sum(piece.worth for piece in one) <= effect["price"]:
            break
        taken, times = taken + one, times + 1
    worths = worth_by_line(taken)
    return spread(sum(worths.values()) - times * effect["price"], worths), taken


def fill(
    effect: Plain, touched: list[Line], basket: Basket, taken: list[Piece], used_too: bool = False
) -> tuple[list[Piece], int]:
    """The pieces of one more bundle, and how many it lacks."""
    one: list[Piece] = []
    missing = 0
    for part in effect["parts"]:
        fitting = [line for line in touched if matches_all(part["items"], line, basket, "cart")]
        found = without(dearest_first(fitting, used_too), taken + one)[: part["quantity"]]
        one += found
        missing += part["quantity"] - len(found)
    return one, missing


def lacking(effect: Plain, touched: list[Line], basket: Basket, used_too: bool = False) -> int:
    """How many more pieces it takes to do it once, counted from the unused ones (or as if none were used)."""
    pieces = dearest_first(touched, used_too)
    if effect["kind"] == "cheapest_free":
        return max(0, effect["of"] - len(pieces))
    if effect["kind"] == "bundle":
        return fill(effect, touched, basket, [], used_too)[1]
    buy, get = effect["buy_quantity"], effect["get_quantity"]
    if effect["get"] is None:
        return max(0, buy + get - len(pieces))
    others = without(dearest_first(get_lines(effect, basket), used_too), pieces[:buy])
    return max(0, buy - len(pieces)) + max(0, get - len(others))
