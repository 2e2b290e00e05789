"""One episode after the other: draw an action, do it, look; at the end let everything come to rest and compare."""

import random
import traceback
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from shopwright.kit import clock
from tests.auditor import audit
from tests.simulation import rest, shoppers, staff, surroundings
from tests.simulation.house import House
from tests.simulation.model import Broken, must
from tests.simulation.world import World

#: After so many steps a shop is brought to rest, compared, and left for a new one.
EPISODE = 1000
AUDIT_EVERY = 200
FAULTY = 0.15
MEANWHILE = 0.2
ACTIONS = shoppers.ACTIONS + staff.ACTIONS + surroundings.ACTIONS
WEIGHTS = [weight for weight, _ in ACTIONS]
TRIES = 12
#: What a subscriber or the completer may run into without any fault: it comes again, or people are asked.
EXPECTED = (
    "ProviderDisagrees", "OperationUnderWay", "PaymentNotFound", "ProviderRefused", "ProviderUnavailable", "ToldTooEarly",
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    seed: int
    steps: int
    step: int
    reason: str
    history: tuple[str, ...]
    log: tuple[str, ...]

    def told(self) -> str:
        lines = (
            f"FAILED: seed {self.seed}, step {self.step}", self.reason, "the last that happened:", *self.history,
            *self.log, f"again: make simulate ARGS='--seed {self.seed} --steps {self.steps} --jobs 1'",
        )  # fmt: skip
        return "\n".join(lines)


@dataclass(frozen=True)
class Result:
    steps: int
    fingerprint: str
    outcomes: dict[str, int]
    failure: Failure | None = None


def episode(house: House, seed: int, steps: int = EPISODE, skipped: Collection[int] = ()) -> Result:
    """A shop of its own from its opening to its rest. `skipped` steps are left out, to find what a failure needs."""
    with house.episode(seed) as world:
        world.meanwhile = lambda: _meanwhile(world)
        failure = None
        try:
            for number in range(1, steps + 1):
                if number not in skipped:
                    _step(world, number)
            world.step = steps + 1
            rest.comes_to_rest(world)
            rest.compares(world)
        except Exception as fault:
            failure = _failure(world, steps, fault)
        return Result(world.step, world.fingerprint, world.outcomes, failure)


def _step(world: World, number: int) -> None:
    world.step, world.depth = number, 0
    # A step draws from a seed of its own, so that leaving another out changes as little as may be.
    world.dice.seed(f"{world.seed}/{number}")
    world.ids.seed(f"{world.seed}/{number}/ids")
    clock.advance(timedelta(milliseconds=world.dice.randrange(1, 3000)))
    armed = world.faults.arm() if world.dice.random() < FAULTY else ""
    _act(world, armed)
    _look_at_the_log(world)
    world.faults.clear()
    if number % AUDIT_EVERY == 0:
        # What is heard and swept late is no drift.
        for work in (surroundings.relays, surroundings.expires, surroundings.sweeps):
            work(world)
        audit(is_quiet=False)


def _look_at_the_log(world: World) -> None:
    """What the shop caught and went on from must be a fault of ours, or one of which it knows."""
    for entry in world.log:
        if trace := entry.get("exception", ""):
            last = trace.strip().rsplit("\n", 1)[-1] if "\n[SQL" not in trace else trace
            must(world.faults.met or any(name in last for name in EXPECTED), f"the shop caught: {trace[-3000:]}")
    world.log.clear()


def _act(world: World, armed: str = "") -> None:
    for _ in range(TRIES):
        action = world.dice.choices(ACTIONS, WEIGHTS)[0][1]
        if told := action(world):
            met = ", ".join(world.faults.met)
            world.note(told + (f" [{armed}]" if armed else "") + (f" met: {met}" if met else ""))
            return


def _meanwhile(world: World) -> None:
    """While a request is on its way to the provider, the rest of the world does not stand still."""
    if world.depth or world.dice.random() > MEANWHILE:
        return
    world.depth = 1
    try:
        for _ in range(world.dice.choice((1, 1, 2, 3))):
            world.beside(lambda: _act(world))
    finally:
        world.depth = 0


def _failure(world: World, steps: int, fault: Exception) -> Failure:
    reason = str(fault) if isinstance(fault, Broken) else "".join(traceback.format_exception(fault))
    log = tuple(str(entry.get("exception") or entry) for entry in world.log) if not isinstance(fault, Broken) or \
        "answered 5" in reason else ()  # fmt: skip
    return Failure(world.seed, steps, world.step, reason, tuple(world.history), log)


def shrunk(house: House, failure: Failure) -> list[int]:
    """Steps that the failure does not need, found by leaving out ever smaller parts of them."""
    skipped: set[int] = set()
    size = max(1, failure.step // 2)
    while size:
        for start in range(1, failure.step, size):
            without = skipped | set(range(start, min(start + size, failure.step)))
            again = episode(house, failure.seed, failure.step, without)
            if again.failure and _is_same(again.failure, failure):
                skipped = without
        size //= 2
    return sorted(set(range(1, failure.step + 1)) - skipped)


def _is_same(one: Failure, other: Failure) -> bool:
    return one.reason[:30] == other.reason[:30]


def a_seed() -> int:
    return random.SystemRandom().randrange(1, 10**9)
