"""What a shopper means by a query, as a predicate over what things truly are; from it follow the grades, never from texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from shopwright.listeners.search.golden.things import Thing

#: The grade of what meets all constraints.
BEST = 3


class Constraint(Protocol):
    def is_met_by(self, thing: Thing) -> bool: ...


@dataclass(frozen=True)
class Is:
    """An answer (`material=oak`), a feature (`foldable`, without a value), `colour`, `brand`, `line`, `measure` or `number`."""

    what: str
    value: str = ""

    def is_met_by(self, thing: Thing) -> bool:
        if not self.value:
            return self.what in thing.features
        match self.what:
            case "colour":
                return self.value in thing.colours
            case "brand" | "line" | "measure" | "number":
                return str(getattr(thing, self.what)) == self.value
            case question:
                return thing.answers.get(question) == self.value


@dataclass(frozen=True)
class IsNot:
    what: Is

    def is_met_by(self, thing: Thing) -> bool:
        return not self.what.is_met_by(thing)


@dataclass(frozen=True)
class Costs:
    """Some variant's price lies within these bounds, in cents, both included."""

    least: int
    most: int

    def is_met_by(self, thing: Thing) -> bool:
        return any(self.least <= offer.amount <= self.most for offer in thing.offers)


@dataclass(frozen=True)
class Wanted:
    """One of `kinds` in any case. `must` is what nobody gives up (a name, a price), `should` what one might.

    Who asks for one thing by its name or number (`is_one_thing`) is not served by others of its kind.
    """

    kinds: frozenset[str]
    must: tuple[Constraint, ...] = ()
    should: tuple[Constraint, ...] = ()
    is_one_thing: bool = False

    def grade(self, thing: Thing) -> int:
        """3: all that is asked for. 2: all but one of `should`, and something beside the kind. 1: the kind only. 0: another."""
        if thing.kind not in self.kinds:
            return 0
        merely = 0 if self.is_one_thing else 1
        if not all(each.is_met_by(thing) for each in self.must):
            return merely
        missed = sum(not each.is_met_by(thing) for each in self.should)
        if missed == 0:
            return BEST
        return 2 if missed == 1 and (self.must or len(self.should) > 1) else merely

    def grades(self, things: Iterable[Thing]) -> dict[str, int]:
        """By key; what is of no use is left out."""
        return {thing.key: grade for thing in things if (grade := self.grade(thing))}
