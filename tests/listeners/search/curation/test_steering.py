"""What synonyms and rules do to a query."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shopwright.kit import clock
from shopwright.listeners.search import words
from shopwright.listeners.search.backend import Term
from shopwright.listeners.search.curation.bodies import (
    Banner,
    Boost,
    Hide,
    Match,
    Pin,
    Redirect,
    Replace,
    Rule,
    Synonyms,
    When,
)
from shopwright.listeners.search.curation.curated import Curated, compiled
from shopwright.listeners.search.curation.steering import MOST_ALTERNATIVES, Asked, expand, steer

CHANNEL, CATEGORY = uuid4(), uuid4()


def saying(*bodies: Any) -> Curated:
    return compiled((uuid4(), body) for body in bodies)


def terms(*said: str) -> tuple[Term, ...]:
    return tuple(Term((word,)) for word in said)


def asked(*said: str, **more: Any) -> Asked:
    return Asked(said, more.get("channel", CHANNEL), more.get("locale", "en"), more.get("category"), clock.now())


def pinning(when: When, priority: int = 100, **more: Any) -> Rule:
    return Rule(name="x", when=when, actions=(Pin(product_ids=(uuid4(),)),), priority=priority, **more)


def test_words_that_mean_the_same_find_one_another() -> None:
    curated = saying(Synonyms(locale="en", words=("hair dryer", "Blow Dryer", "blowdryer")))
    both = {("blow", "dryer"), ("blowdryer",)}
    (term,) = expand(curated, terms("hair", "dryer"), "en")
    assert (term.words, set(term.alternatives)) == (("hair", "dryer"), both)
    (term,) = expand(curated, terms("blowdryer"), "en")
    assert set(term.alternatives) == {("hair", "dryer"), ("blow", "dryer")}


def test_a_one_way_synonym_does_not_lead_back() -> None:
    curated = saying(Synonyms(locale="en", words=("laptop",), finds=("notebook",)))
    assert expand(curated, terms("laptop"), "en") == (Term(("laptop",), (("notebook",),)),)
    assert expand(curated, terms("notebook"), "en") == terms("notebook")


def test_the_longest_phrase_is_taken_and_the_rest_stays() -> None:
    curated = saying(
        Synonyms(locale="en", words=("dryer", "tumbler")), Synonyms(locale="en", words=("hair dryer", "blower"))
    )
    assert expand(curated, terms("red", "hair", "dryer", "cheap"), "en") == (
        Term(("red",)), Term(("hair", "dryer"), (("blower",),)), Term(("cheap",))
    )  # fmt: skip


def test_a_region_speaks_the_synonyms_of_its_language_and_no_others() -> None:
    curated = saying(Synonyms(locale="de", words=("sofa", "couch")))
    assert expand(curated, terms("sofa"), "de-AT") == (Term(("sofa",), (("couch",),)),)
    assert expand(curated, terms("sofa"), "en") == terms("sofa")


def test_what_a_region_says_comes_before_what_its_language_says_and_beside_it() -> None:
    curated = saying(
        Synonyms(locale="de", words=("Sessel", "Fauteuil", "Polsterstuhl")),
        Synonyms(locale="de", words=("Tomate", "Paradiesapfel")),
        Synonyms(locale="de-AT", words=("Tomate", "Paradeiser")),
    )
    assert expand(curated, terms("sessel", "tomate"), "de-AT") == (
        Term(("sessel",), (("fauteuil",), ("polsterstuhl",))), Term(("tomate",), (("paradeiser",), ("paradiesapfel",)))
    )  # fmt: skip
    assert expand(curated, terms("tomate"), "de") == (Term(("tomate",), (("paradiesapfel",),)),)


@pytest.mark.parametrize(
    ("locale", "said", "means"),
    [
        ("en", ("couches",), ("sofa",)),
        ("en", ("knife",), ("blade",)),
        ("en", ("hair", "dryers"), ("blower",)),
        ("en", ("berry",), ("fruit",)),
        ("en", ("tooth", "brush"), ("cleaner",)),
        ("de", ("lampen",), ("leuchte",)),
        ("de-AT", ("sofas",), ("couch",)),
    ],
)
def test_synonyms_are_met_in_the_other_number_too(locale: str, said: tuple[str, ...], means: tuple[str, ...]) -> None:
    curated = saying(
        Synonyms(locale="en", words=("couch", "sofa")),
        Synonyms(locale="en", words=("knives",), finds=("blade",)),
        Synonyms(locale="en", words=("hair dryer", "blower")),
        Synonyms(locale="en", words=("berries", "fruit")),
        Synonyms(locale="en", words=("teeth brushes", "cleaner")),
        Synonyms(locale="de", words=("Lampe", "Leuchte")),
        Synonyms(locale="de", words=("Sofa", "Couch")),
    )
    assert expand(curated, terms(*said), locale) == (Term(said, (means,)),)


def test_synonyms_of_another_word_are_not_met() -> None:
    curated = saying(Synonyms(locale="en", words=("tap", "faucet")), Synonyms(locale="en", words=("ga", "gasoline")))
    for word in ("tape", "tapes", "gas"):
        assert expand(curated, terms(word), "en") == terms(word)


def test_the_other_number_of_a_word_takes_no_room_from_its_synonyms() -> None:
    names = tuple(f"name{number}" for number in range(MOST_ALTERNATIVES))
    curated = saying(Synonyms(locale="en", words=("scarf",), finds=names))
    (term,) = expand(curated, (Term(("scarf",), (("scarves",),)),), "en")
    assert term.alternatives == (("scarves",), *((name,) for name in names))


@pytest.mark.parametrize("locale", ["de", "de-AT"])
def test_a_rule_of_a_language_acts_in_its_regions(locale: str) -> None:
    curated = saying(pinning(When(query="Salz & Pfeffer", locale="de")))
    assert steer(curated, asked("salz", "und", "pfeffer", locale=locale)).pins
    regional = saying(pinning(When(query="Salz", locale="de-AT")))
    assert bool(steer(regional, asked("salz", locale=locale)).pins) is (locale == "de-AT")


@pytest.mark.parametrize(
    ("word", "locale"), [("and", "en"), ("und", "de"), ("und", "de-AT"), ("et", "fr"), ("and", "ja")]
)
def test_a_rule_for_all_languages_understands_the_sign_for_and_in_each(word: str, locale: str) -> None:
    curated = saying(pinning(When(query="Salz & Pfeffer")))
    said = tuple(words.words("Salz & Pfeffer", locale))
    assert said == ("salz", word, "pfeffer")
    assert steer(curated, asked(*said, locale=locale)).pins
    assert not steer(curated, asked("salz", "pfeffer", locale=locale)).pins


@pytest.mark.parametrize(
    ("when", "said", "acts"),
    [
        (When(query="Red Shoes"), ("shoes", "red"), True),
        (When(query="red shoes"), ("red", "shoes", "cheap"), False),
        (When(query="red shoes", match=Match.CONTAINS), ("cheap", "red", "shoes"), True),
        (When(query="red shoes", match=Match.CONTAINS), ("shoes",), False),
        (When(query="shoes", channel_id=uuid4()), ("shoes",), False),
        (When(query="shoes", locale="de"), ("shoes",), False),
        (When(query="shoes", category_id=CATEGORY), ("shoes",), False),
        (When(category_id=uuid4()), (), False),
    ],
)
def test_a_rule_acts_when_all_that_it_says_holds(when: When, said: tuple[str, ...], acts: bool) -> None:
    assert bool(steer(saying(pinning(when)), asked(*said)).pins) is acts


@pytest.mark.parametrize(
    ("when", "locale", "said"),
    [
        (When(query="shoe"), "en", ("shoes",)),
        (When(query="Red shoes"), "en", ("red", "shoe")),
        (When(query="shoe"), "en", ("shoe", "shoes")),
        (When(query="knife sharpener", match=Match.CONTAINS), "en", ("sharpeners", "for", "knives")),
        (When(query="Lampe"), "de-AT", ("lampen",)),
        (When(query="Sofas", locale="de"), "de", ("sofa",)),
    ],
)
def test_a_rule_is_met_in_the_other_number_too(when: When, locale: str, said: tuple[str, ...]) -> None:
    assert steer(saying(pinning(when)), asked(*said, locale=locale)).pins


@pytest.mark.parametrize(
    ("when", "locale", "said"),
    [
        (When(query="shoe"), "en", ("shoes", "red")),
        (When(query="shoe shop", match=Match.CONTAINS), "en", ("shoes",)),
        (When(query="tap"), "en", ("tape",)),
        (When(query="Lampe"), "en", ("lampen",)),
    ],
)
def test_a_rule_is_not_met_by_less_more_or_another_word(when: When, locale: str, said: tuple[str, ...]) -> None:
    assert not steer(saying(pinning(when)), asked(*said, locale=locale)).pins


def leading(query: str, priority: int, match: Match = Match.EXACT) -> Rule:
    return Rule(
        name=query, when=When(query=query, match=match), actions=(Redirect(url=f"/{query}"),), priority=priority
    )  # fmt: skip


def test_a_rule_that_is_met_as_it_is_written_wins_over_one_that_is_met_in_the_other_number() -> None:
    one, several, all_of_it = leading("shoe", 1), leading("shoes", 2), leading("shoes", 3, Match.CONTAINS)
    for query, urls in (("shoe", ["/shoe"]), ("shoes", ["/shoes", "/shoes"])):
        steered = steer(saying(one, several, all_of_it), asked(query))
        assert (steered.redirect, len(steered.rule_ids)) == (urls[0], len(urls))


def test_rules_for_other_words_of_the_query_act_beside_one_another() -> None:
    red, shoe = leading("red", 2, Match.CONTAINS), leading("shoe", 1, Match.CONTAINS)
    steered = steer(saying(red, shoe), asked("red", "shoes"))
    assert (steered.redirect, len(steered.rule_ids)) == ("/red", 2)


def test_a_rule_for_a_category_acts_without_a_query() -> None:
    curated = saying(pinning(When(category_id=CATEGORY)))
    assert steer(curated, asked(category=CATEGORY)).pins
    assert not steer(curated, asked()).pins


def test_a_rule_is_inert_before_it_starts_and_after_it_ended() -> None:
    now, hour = clock.now(), timedelta(hours=1)
    early = pinning(When(query="shoes", starts_at=now + hour))
    late = pinning(When(query="shoes", ends_at=now))
    current = pinning(When(query="shoes", starts_at=now - hour, ends_at=now + hour))
    off = pinning(When(query="shoes"), is_active=False)
    assert len(steer(saying(early, late, current, off), asked("shoes")).pins) == 1


def test_the_lower_priority_goes_first() -> None:
    when = When(query="sale")
    second = Rule(name="b", when=when, priority=2, actions=(Redirect(url="/b"), Replace(query="b"), Banner(text="b")))
    first = Rule(name="a", when=when, priority=1, actions=(Redirect(url="/a"), Banner(text="a")))
    steered = steer(saying(second, first), asked("sale"))
    assert (steered.redirect, steered.replacement) == ("/a", "b")
    assert [banner.text for banner in steered.banners] == ["a", "b"]
    assert len(steered.rule_ids) == 2


def test_what_is_hidden_is_not_pinned() -> None:
    shown, hidden, brand = uuid4(), uuid4(), uuid4()
    rule = Rule(
        name="x", when=When(query="shoes"),
        actions=(Pin(product_ids=(hidden, shown)), Hide(product_ids=(hidden,)), Boost(factor=0.2, brand_id=brand)),
    )  # fmt: skip
    steered = steer(saying(rule), asked("shoes"))
    assert (steered.pins, steered.hides) == ((shown,), (hidden,))
    assert [(boost.brand_id, boost.factor) for boost in steered.boosts] == [(brand, 0.2)]
