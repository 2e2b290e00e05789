"""The golden set is what was agreed: sizes, classes, halves, noise, grades; and it is the same everywhere."""

from collections import Counter
from dataclasses import replace

import pytest

from shopwright.listeners.search.golden import judging, terms, texts
from shopwright.listeners.search.golden.queries import Half, Kind, Query, queries
from shopwright.listeners.search.golden.synonyms import synonyms
from shopwright.listeners.search.golden.things import Thing, things
from shopwright.listeners.search.golden.wanted import Costs, Is, IsNot, Wanted


def test_the_set_is_the_one_that_was_committed() -> None:
    assert judging.digest() == (terms.DATA / "digest.txt").read_text().strip(), "docs/decisions/0023 says what to do"


def test_there_are_20000_products_with_about_90000_variants_in_12_categories() -> None:
    assert len(things()) == 20_000
    assert sum(len(thing.offers) for thing in things()) == 92_825
    assert Counter(thing.shelf.code for thing in things()).keys() == terms.shelves().keys()
    assert len(terms.shelves()) == 12
    assert len({thing.brand for thing in things()}) == len(terms.brands()) == 150


@pytest.mark.parametrize("shelf", terms.shelves().values(), ids=lambda shelf: shelf.code)
def test_a_category_has_30_to_60_values_of_attributes(shelf: terms.Shelf) -> None:
    choices = sum(len(question.values) for question in shelf.questions.values())
    measures = len(shelf.measure.values) if shelf.measure else 0
    assert 30 <= choices + measures + len(shelf.features) + len(shelf.colours) + len(shelf.sizes) <= 60


def test_ids_numbers_and_barcodes_are_never_given_twice() -> None:
    offers = [offer for thing in things() for offer in thing.offers]
    assert len({offer.sku for offer in offers}) == len({offer.barcode for offer in offers}) == len(offers)
    assert len({thing.id for thing in things()}) == len(things())
    assert [thing.id for thing in things()] == sorted(thing.id for thing in things())


def test_the_shop_is_as_untidy_as_a_real_one() -> None:
    share = {
        "misspelt brands": sum(texts.brand(thing) != thing.brand for thing in things()),
        "stuffed": sum(thing.is_stuffed for thing in things()),
        "not translated": sum(not thing.is_translated for thing in things()),
        "something left out": sum(bool(thing.left_out) for thing in things()),
        "near-duplicates": sum(_is_alike(thing) for thing in things()),
    }
    assert {name: round(count / 200) for name, count in share.items()} == {
        "misspelt brands": 2, "stuffed": 3, "not translated": 4, "something left out": 72, "near-duplicates": 12,
    }  # fmt: skip


def _is_alike(thing: Thing) -> bool:
    if thing.number < len(terms.shelves()):
        return False
    before = things()[thing.number - len(terms.shelves())]
    kept = replace(thing, number=before.number, answers=before.answers, offers=before.offers, style=before.style)
    return kept == before


def test_what_was_left_out_of_the_answers_is_said_in_the_description() -> None:
    for thing in things()[:2_000]:
        for code in thing.left_out & thing.answers.keys():
            said = thing.shelf.questions[code].values[thing.answers[code]].texts["en"]
            assert said in texts.description(thing, "en")
            assert code not in texts.answers_shown(thing)


def test_there_are_50_queries_of_each_class_half_of_them_to_be_marked_by() -> None:
    assert Counter(query.kind for query in queries()) == dict.fromkeys(Kind, 50)
    assert Counter((query.kind, query.half) for query in queries()) == {(k, h): 25 for k in Kind for h in Half}
    assert len({(query.text, query.locale) for query in queries()}) >= 598
    assert len({query.id for query in queries()}) == 600
    assert {query.locale for query in queries() if query.kind is Kind.COMPOUND} == {"de"}


def test_every_query_has_an_answer_that_meets_all_of_it() -> None:
    assert [judged.text for judged in judging.judged() if max(judged.gains.values()) < 3] == []


def test_a_slip_is_a_slip_and_its_twin_has_none() -> None:
    for query in queries():
        if query.kind in (Kind.TYPO, Kind.TYPOS):
            assert query.asked.twin and query.asked.twin != query.text
            changed = [
                pair for pair in zip(query.asked.twin.split(), query.text.split(), strict=True) if len({*pair}) > 1
            ]
            assert 1 <= len(changed) <= (1 if query.kind is Kind.TYPO else 2)


def test_most_words_of_shoppers_are_known_to_the_merchant_but_not_all() -> None:
    """Else the class of synonyms would only measure that a list is looked up, or nothing that a list can do."""
    merchant = {word.lower() for row in terms.rows("synonyms.csv") for word in row["words"].split("|")}
    shoppers = [row["words"].lower() for row in terms.rows("jargon.csv")]
    known = sum(words in merchant for words in shoppers)
    assert (known, len(shoppers)) == (51, 60)


def test_a_merchants_synonyms_are_entered_once() -> None:
    entered = [*synonyms()]
    assert Counter(each.locale for each in entered) == {"en": 80, "de": 65}
    assert sum(each.is_one_way for each in entered) == 2
    assert all(len({*each.words}) == len(each.words) >= 2 for each in entered)
    assert len({(each.locale, each.words) for each in entered}) == len(entered)


@pytest.fixture(scope="module")
def sofa() -> Thing:
    return next(thing for thing in things() if thing.kind == "furniture.sofa" and len(thing.colours) > 1)


def test_a_grade_says_how_much_of_what_was_wanted_a_thing_truly_is(sofa: Thing) -> None:
    material, brand = Is("material", sofa.answers["material"]), Is("brand", sofa.brand)
    kinds, other = frozenset({sofa.kind}), Is("brand", "another")
    assert Wanted(kinds).grade(sofa) == 3
    assert Wanted(frozenset({"furniture.sofa_bed"})).grade(sofa) == 0
    assert Wanted(kinds, should=(material, brand)).grade(sofa) == 3
    assert Wanted(kinds, should=(material, other)).grade(sofa) == 2
    assert Wanted(kinds, should=(other,)).grade(sofa) == 1
    assert Wanted(kinds, should=(material, other, Is("line", "another"))).grade(sofa) == 1
    assert Wanted(kinds, must=(IsNot(material),), should=(brand,)).grade(sofa) == 1
    assert Wanted(kinds, must=(other,), is_one_thing=True).grade(sofa) == 0
    assert Wanted(kinds, must=(brand,), should=(other,), is_one_thing=True).grade(sofa) == 2


def test_one_variant_is_enough_for_a_colour_and_for_a_price(sofa: Thing) -> None:
    kinds, amount = frozenset({sofa.kind}), sofa.offers[-1].amount
    for colour in sofa.colours:
        assert Wanted(kinds, should=(Is("colour", colour),)).grade(sofa) == 3
    assert Wanted(kinds, must=(Costs(amount, amount),)).grade(sofa) == 3
    assert Wanted(kinds, must=(Costs(0, min(offer.amount for offer in sofa.offers) - 1),)).grade(sofa) == 1


def test_grades_do_not_come_from_texts(sofa: Thing) -> None:
    silent = replace(
        sofa, left_out=frozenset({*sofa.answers, *sofa.shelf.features, "measure"}), is_misspelt=True, style=3
    )
    for query in queries():
        assert query.asked.wanted.grade(silent) == query.asked.wanted.grade(sofa), _said(query)


def _said(query: Query) -> str:
    return f"{query.id}: {query.text}"


def test_among_a_few_things_only_what_they_answer_is_asked_and_they_alone_are_worth_something() -> None:
    keys = {thing.key for thing in things(2_000)}
    whole = {each.id: each for each in judging.judged(Half.TEST)}
    asked = [*judging.among(whole.values(), keys)]
    assert {each.group for each in asked} == {*Kind}
    for each in asked:
        assert each.gains == {key: gain for key, gain in whole[each.id].gains.items() if key in keys}
        assert each.relevant
        assert each.relevant == whole[each.id].relevant & keys
    assert {*whole} - {each.id for each in asked} == {key for key, each in whole.items() if not each.relevant & keys}
