"""Rules by what they can touch: of thousands, only those are looked at that could say something of a basket.

The selection never changes a judgement: who is left out would have given nothing, and nobody would have been told.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shopwright.commerce.promotions.compiled import Compiled, Place
from shopwright.commerce.promotions.holding import is_open
from shopwright.commerce.promotions.rules import Channels, FreeGift, Groups, Hours, OnSale, PriceRange, Rule
from shopwright.commerce.promotions.state import KINDS, State
from shopwright.commerce.promotions.touching import KIND, wanted_by

Group = list[Compiled]
Key = tuple[str, Hashable]


class Index:
    """All rules of one version, compiled. Frozen after it is made, so threads may share it.

    Of the index `before` it takes over what did not change, so that one change does not cost a request all rules.
    """

    def __init__(self, rules: Iterable[Rule], before: "Index | None" = None) -> None:
        known = before.by_id if before else {}
        found = [(rule, known.get(rule.id)) for rule in rules]
        made = [old if old is not None and old.rule == rule else Compiled(rule) for rule, old in found]
        self.rules = sorted(made, key=lambda rule: rule.place)
        self.by_id: dict[UUID, Compiled] = {rule.id: rule for rule in self.rules}
        #: All variants that may be given.
        self.gifts = frozenset(
            id_ for rule in self.rules if isinstance(rule.rule.effect, FreeGift) for id_ in rule.rule.effect.any_of
        )
        #: Of these facts of an item any of them wants to know.
        self.asks = frozenset(fact for rule in self.rules for fact in rule.asks)
        #: The budget of each rule that has one, in minor units.
        self.budgets = {
            rule.id: rule.rule.limits.budget.amount for rule in self.rules if rule.rule.limits.budget is not None
        }
        catalog = [rule.rule for rule in self.rules if rule.is_catalog]
        #: Who are shown other prices than anybody.
        self.catalog_groups = frozenset(
            id_ for rule in catalog for one in rule.conditions if isinstance(one, Groups) for id_ in one.any_of
        )
        self.has_catalog = bool(catalog)
        dates = {at for rule in catalog for at in (rule.starts_at, rule.ends_at) if at is not None}
        self._dates = sorted(dates)
        self._hours = [one for rule in catalog for one in rule.conditions if isinstance(one, Hours)]
        self._always: Group = []
        self._by_key: dict[str, dict[Hashable, Group]] = {}
        # A group is judged at the place of its first member, whether that one is looked at or not.
        self._places: dict[tuple[bool, str], Place] = {}
        for rule in self.rules:
            if rule.rule.exclusive_group is not None:
                self._places.setdefault((rule.is_catalog, rule.rule.exclusive_group), rule.place)
            self._file(rule)

    def changes_at(self, after: datetime) -> datetime | None:
        """Until when no catalog rule begins or ends by the clock."""
        place = bisect_right(self._dates, after)
        moments = self._dates[place : place + 1]
        if self._hours:
            # Told by the minute, in every zone; a change of summer time falls on one, too.
            moments.append(after.replace(second=0, microsecond=0) + timedelta(minutes=1))
        return min(moments, default=None)

    def turns(self, after: datetime, until: datetime) -> bool:
        """Whether a catalog rule that keeps hours opened or closed between these moments, which are near to each other."""
        return any(is_open(hours, after) != is_open(hours, until) for hours in self._hours)

    def joined(self, rules: Sequence[Rule]) -> "Index":
        """These beside its own, each instead of the one with its id."""
        if not rules:
            return self
        ids = {rule.id for rule in rules}
        return Index([*(each.rule for each in self.rules if each.id not in ids), *rules], before=self)

    def all(self) -> tuple[list[Group], list[Group]]:
        """Every rule: of the catalog, then of the cart; each alone or with its exclusive group, in order."""
        return self._arranged(self.rules)

    def fitting(self, state: State) -> tuple[list[Group], list[Group]]:
        """Only those that could say something, arranged in the same way."""
        found = set(self._always)
        for kind, present in _present(state).items():
            if rules := self._by_key.get(kind):
                for one in present:
                    if one in rules:
                        found.update(rules[one])
        return self._arranged(sorted(found, key=lambda rule: rule.place))

    def _file(self, rule: Compiled) -> None:
        keys = list(_keys_for(rule))
        for kind, wanted in keys:
            self._by_key.setdefault(kind, {}).setdefault(wanted, []).append(rule)
        if not keys:
            self._always.append(rule)

    def _arranged(self, rules: Sequence[Compiled]) -> tuple[list[Group], list[Group]]:
        catalog: dict[Place, Group] = {}
        cart: dict[Place, Group] = {}
        for rule in rules:
            name = rule.rule.exclusive_group
            place = rule.place if name is None else self._places[rule.is_catalog, name]
            (catalog if rule.is_catalog else cart).setdefault(place, []).append(rule)
        return [catalog[place] for place in sorted(catalog)], [cart[place] for place in sorted(cart)]


def _keys_for(rule: Compiled) -> Iterable[Key]:
    """One of these has to be in an offer for the rule to say anything; none: it has to be asked always."""
    if rule.groups:
        return [("group", id_) for id_ in rule.groups[0]]
    if rule.is_announced:
        return []
    if rule.has_code:
        return [("code", rule.id)]
    narrow = [one for one in rule.touch.conditions if not isinstance(one, OnSale | PriceRange) and not one.is_not]
    if narrow:
        narrowest = min(narrow, key=lambda one: KINDS.index(KIND[type(one)]))
        return [(KIND[type(narrowest)], wanted) for wanted in wanted_by(narrowest)]
    if rule.is_shipping:
        return [("shipping", True)]
    return [("channel", id_.int) for one in rule.rule.conditions if isinstance(one, Channels) for id_ in one.any_of]


def _present(state: State) -> dict[str, Iterable[Hashable]]:
    return {
        **state.having, "group": state.groups, "code": state.codes, "shipping": [state.has_method],
        "channel": [state.channel],
    }  # fmt: skip
