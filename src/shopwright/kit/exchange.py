"""Prepared statements on the wire: what need not be waited for goes out with the next that is, or with `COMMIT`.

Each wait for PostgreSQL costs two wake-ups of both processes and a turn at the interpreter's lock, which under load is
more than most statements cost. libpq's pipeline mode sends many and waits once.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, NamedTuple, cast

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]
#: Is told the rows of an answer before whatever was sent after it is; what it raises, the caller of that gets.
Hear = Callable[[list[Row]], None]

_numbers = count(1)


class Statement(NamedTuple):
    """Prepared once a connection. A type of 0 is the one that PostgreSQL finds in the text.

    What the driver makes of a value would be another statement for each size of a number, and for none.
    """

    sql: bytes
    types: tuple[int, ...]
    #: Not prepared: each time planned for its very values, and forgotten.
    is_passing: bool = False


class Sent(NamedTuple):
    """A statement with its parameters, as the driver wrote them down."""

    statement: Statement
    parameters: Sequence[Any]
    formats: Sequence[Any]
    hear: Hear | None = None


class Exchange:
    """What a connection says beside what SQLAlchemy says in it. Faults are the driver's; the connection is one thread's."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver
        self._transformer = Transformer(driver)
        self._names: dict[Statement, bytes] = {}
        #: What nobody waits for, in the order in which it was said.
        self.waiting: list[Sent] = []

    def say(self, statement: Statement, values: Sequence[Any], hear: Hear | None = None) -> None:
        """Leave it to the next exchange. Outside a transaction there may be none, so it is sent at once."""
        self.waiting.append(self._written(statement, values, hear))
        if self._driver.autocommit:
            self.settle()

    def ask(self, statement: Statement, values: Sequence[Any]) -> list[Row]:
        """The rows of its answer. What waits is sent before it, and heard before it is answered."""
        return self._rows(self._send([*self._taken(), self._written(statement, values)])[-1])

    def settle(self) -> None:
        """Send what waits."""
        if self.waiting:
            self._send(self._taken())

    def commit(self) -> None:
        """Send what waits, and `COMMIT` with it. If nothing waits, that is left to the driver."""
        try:
            if any(each.hear for each in self.waiting):
                # Who is to hear an answer may not want what follows to be kept.
                self.settle()
            if self.waiting:
                self._send(self._taken(), ends=True)
        except BaseException:
            # A fault, or a hearer's word: unlike after a `COMMIT` that was refused, the transaction is still open, which
            # nobody expects.
            self.roll_back()
            raise

    def forget(self) -> None:
        """What was said since a savepoint, or the beginning, is undone: what waits is not sent."""
        self.waiting.clear()

    def roll_back(self) -> None:
        """As the driver does, which would have PostgreSQL forget all that was ever prepared, at each refusal."""
        self.forget()
        connection = self._driver.pgconn
        if connection.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            connection.send_query(b"ROLLBACK")
            _checked(self._driver.wait(generators.execute(connection))[-1])

    def unprepare(self) -> None:
        """The driver has told PostgreSQL to forget every prepared statement of the connection."""
        self._names.clear()

    def _taken(self) -> list[Sent]:
        taken, self.waiting = self.waiting, []
        return taken

    def _written(self, statement: Statement, values: Sequence[Any], hear: Hear | None = None) -> Sent:
        parameters = self._transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        return Sent(statement, parameters, self._transformer.formats or (), hear)

    def _rows(self, answer: PGresult) -> list[Row]:
        if answer.status != ExecStatus.TUPLES_OK:
            return []
        self._transformer.set_pgresult(answer)
        return cast("list[Row]", self._transformer.load_rows(0, answer.ntuples, tuple))

    def _send(self, sent: Sequence[Sent], *, ends: bool = False) -> list[PGresult]:
        """The answer to each; `ends` commits after them. Nothing after a statement that failed has happened."""
        connection = self._driver.pgconn
        begins = not self._driver.autocommit and connection.transaction_status == TransactionStatus.IDLE
        is_known = sent[0].statement.is_passing or sent[0].statement in self._names
        if len(sent) == 1 and not begins and not ends and is_known:
            self._dispatch(sent[0], self._names.get(sent[0].statement))
            return self._heard(sent, self._driver.wait(generators.execute(connection))[-1:])
        return self._send_together(sent, begins, ends)

    def _heard(self, sent: Sequence[Sent], answers: list[PGresult]) -> list[PGresult]:
        """The answers, the first fault among them raised, and told to whoever is to hear them."""
        for each, answer in zip(sent, answers, strict=True):
            _checked(answer)
            if each.hear:
                each.hear(self._rows(answer))
        return answers

    def _send_together(self, sent: Sequence[Sent], begins: bool, ends: bool) -> list[PGresult]:
        connection = self._driver.pgconn
        connection.enter_pipeline_mode()
        try:
            if begins:
                connection.send_query_params(b"BEGIN", None)
            names, new = self._prepare(sent)
            for each, name in zip(sent, names, strict=True):
                self._dispatch(each, name)
            if ends:
                connection.send_query_params(b"COMMIT", None)
            connection.pipeline_sync()
            answers = self._driver.wait(_answers(connection, begins + len(new) + len(sent) + ends))
        finally:
            if connection.status == ConnStatus.OK:
                connection.exit_pipeline_mode()
        for key, answer in zip(new, answers[begins:], strict=False):
            if answer.status == ExecStatus.COMMAND_OK:
                self._names[key] = new[key]
        before, after = begins + len(new), len(answers) - ends
        for answer in answers[:before]:
            _checked(answer)
        told = self._heard(sent, answers[before:after])
        for answer in answers[after:]:
            _checked(answer)
        return told

    def _dispatch(self, sent: Sent, name: bytes | None) -> None:
        connection, statement = self._driver.pgconn, sent.statement
        if name is None:
            connection.send_query_params(statement.sql, sent.parameters, statement.types, sent.formats)
        else:
            connection.send_query_prepared(name, sent.parameters, sent.formats)

    def _prepare(self, sent: Sequence[Sent]) -> tuple[list[bytes | None], dict[Statement, bytes]]:
        """The name of each statement, and those that had none and are prepared now."""
        new: dict[Statement, bytes] = {}
        for statement, *_ in sent:
            if not statement.is_passing and statement not in self._names and statement not in new:
                # A name is never used twice: of what fails with others it is not known whether it was prepared.
                new[statement] = b"shopwright_%d" % next(_numbers)
                self._driver.pgconn.send_prepare(new[statement], statement.sql, statement.types)
        return [self._names.get(each.statement) or new.get(each.statement) for each in sent], new


def _answers(connection: Any, wanted: int) -> PQGen[list[PGresult]]:
    """Until all have answered and the pipeline is in step again."""
    yield from generators.send(connection)
    found: list[PGresult] = []
    while True:
        answers = yield from generators.fetch_many(connection)
        if answers and answers[-1].status == ExecStatus.PIPELINE_SYNC:
            break
        found += answers[-1:]
    assert len(found) == wanted, "each statement has one answer"
    return found


def _checked(answer: PGresult) -> PGresult:
    if answer.status in (ExecStatus.FATAL_ERROR, ExecStatus.BAD_RESPONSE):
        raise error_from_result(answer)
    return answer
