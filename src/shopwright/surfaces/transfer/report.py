"""What an import tells of itself."""

from pathlib import Path
from typing import Protocol

from msgspec import Struct, field


class Fault(Struct, frozen=True):
    """Why a file cannot be imported. The line counts from 1, as an editor shows it; 0 is the file as a whole."""

    file: str
    line: int
    column: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, {self.column}: {self.problem}" if self.column else f"{place}: {self.problem}"


class Report(Struct):
    """What was done, in products but for `new_variants` and `prices_set`; and what of the files was left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    new_variants: int = 0
    prices_set: int = 0
    faults: list[Fault] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults

    @property
    def touched(self) -> int:
        """How many products were there to be written."""
        return self.created + self.changed + self.unchanged

    def add(self, other: "Report") -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Reporter(Protocol):
    """Is told how far an import is."""

    def begin(self, file: Path, products: int) -> None: ...

    def advance(self, products: int) -> None: ...


class Silent:
    """Tells nobody."""

    def begin(self, file: Path, products: int) -> None:
        pass

    def advance(self, products: int) -> None:
        pass
