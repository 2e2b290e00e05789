"""What is wanted is found however a sentence puts it: function words, verbs for adjectives, and parts of compounds."""

import pytest

from shopwright.commerce.catalog import categories, product_types
from shopwright.commerce.catalog.drafts import AttributeDraft, ChoiceDraft, TranslationDraft
from shopwright.commerce.catalog.taxonomy import AttributeKind
from shopwright.kit.transaction import transaction
from shopwright.listeners.search import compounding, derived, function_words
from shopwright.listeners.search.backend import Term
from tests.listeners.search.conftest import Find, Shop, index, titles
from tests.listeners.search.contract.shelf import terms

SAID = compounding.said(["Deckenleuchten", "Kochtöpfe", "Sofas"], ["Induktionsherde", "Leder"], "de")


@pytest.mark.parametrize(
    ("query", "locale", "naming"),
    [
        ("lamp for the desk", "en-GB", ["lamp", "desk"]), ("Topf für Induktion", "de", ["topf", "induktion"]),
        ("vitamin a", "en", ["vitamin", "a"]), ("with", "en", ["with"]), ("the for", "en", ["for"]),
        ("over ear headphones", "en", ["over", "ear", "headphones"]), ("lamp for the desk", "fi", ["lamp", "for", "the", "desk"]),
    ],
)  # fmt: skip
def test_words_that_name_nothing_are_not_looked_for(query: str, locale: str, naming: list[str]) -> None:
    assert [term.text for term in function_words.without(terms(query, locale), locale)] == naming


def test_a_phrase_that_means_something_stays_whole() -> None:
    phrase = Term(("chest", "of", "drawers"), (("dresser",),))
    assert function_words.without((phrase, Term(("oak",))), "en") == (phrase, Term(("oak",)))


@pytest.mark.parametrize(("verb", "adjective"), [("ausziehen", "ausziehbar"), ("falten", "faltbar")])
def test_a_verb_and_its_adjective_find_each_other(verb: str, adjective: str) -> None:
    assert [*derived.others(verb, "de")] == [adjective]
    assert [*derived.others(adjective, "de-AT")] == [*derived.others(f"{adjective}er", "de")] == [verb]


@pytest.mark.parametrize(("word", "locale"), [("eben", "de"), ("tisch", "de"), ("garden", "en"), ("bar", "de")])
def test_other_words_are_left_alone(word: str, locale: str) -> None:
    assert [*derived.others(word, locale)] == []


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("leuchte", ["deckenleuchten"]), ("leuchten", ["deckenleuchten"]), ("induktion", ["induktionsherde"]),
        ("topf", ["kochtopfe"]),
        # Said as it is, too short, nearly the whole, and a beginning of a kind: a ceiling is no lamp.
        ("sofa", []), ("leder", []), ("ofa", []), ("ochtopf", []), ("decken", []),
    ],
)  # fmt: skip
def test_a_word_means_the_shops_compounds_of_it(word: str, means: list[str]) -> None:
    plain = (Term((word,)),)
    assert compounding.widened(plain, plain, SAID, "de") == (Term((word,), tuple((each,) for each in means)),)


def test_what_the_merchant_said_of_a_word_is_all_that_it_means() -> None:
    said = Term(("topf",), (("pfanne",),))
    assert compounding.widened((said,), (Term(("topf",)),), SAID, "de") == (said,)


def test_where_compounds_are_written_apart_nothing_is_added() -> None:
    plain = terms("light")
    known = compounding.said(["Ceilinglight"], [], "en")
    assert compounding.widened(plain, plain, known, "en") == plain


def test_a_wish_is_found_by_what_the_shops_own_fields_say(shop: Shop, find: Find) -> None:
    made_for = AttributeDraft(
        code="made_for", label="Made for", kind=AttributeKind.CHOICE, is_facetable=True, labels={},
        choices=[ChoiceDraft(code="hob", label="Induction hobs", labels={"de": "Induktionsherde"})],
    )  # fmt: skip
    with transaction():
        german = {"de": {"title": "Kochtöpfe", "description": ""}}
        pots = categories.create_category(title="Saucepans", translations=german).id
        type_id = product_types.create_product_type("Kitchen", [made_for]).id
    for title, answers in (("Elan", {"made_for": "hob"}), ("Oda", {})):
        shop.sells(
            title, category_ids=[pots], product_type_id=type_id, attributes=answers,
            translations={"de": TranslationDraft(title=title, description="Zum Kochen, mit Deckel, für alle, stapelbar")},
        )  # fmt: skip
    index()
    found = find("Topf für Induktion", locale="de")
    assert (titles(found), found["query"]["level"]) == (["Elan"], "synonyms")
    assert sorted(titles(find("Topf zum Stapeln", locale="de"))) == ["Elan", "Oda"]
    # "For" stands in no English text of theirs, and is not missed.
    found = find("saucepan for induction")
    assert (titles(found), found["query"]["level"]) == (["Elan"], "stemmed")
