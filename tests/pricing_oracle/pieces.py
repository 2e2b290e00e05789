"""The pieces of lines, one by one, for rules that use them up."""

from fractions import Fraction

from tests.pricing_oracle.state import Line


class Piece:
    def __init__(self, line: Line, number: int) -> None:
        self.line, self.number = line, number
        amount, quantity = line.amount, line.quantity
        # All that the first pieces are worth together is rounded down, so that all of them are worth the whole line.
        self.worth = amount * (number + 1) // quantity - amount * number // quantity

    @property
    def key(self) -> tuple[str, int]:
        return self.line.id, self.number


def dearest_first(lines: list[Line], used_too: bool = False) -> list[Piece]:
    """The unused pieces of these lines (or all, as if nothing were used up)."""
    by_price = sorted(lines, key=lambda line: (-Fraction(line.amount, line.quantity), line.place))
    return [Piece(line, number) for line in by_price for number in range(0 if used_too else line.used, line.quantity)]


def worth_by_line(pieces: list[Piece]) -> dict[Line, int]:
    result: dict[Line, int] = {}
    for piece in pieces:
        result[piece.line] = result.get(piece.line, 0) + piece.worth
    return result
