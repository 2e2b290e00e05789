"""Words that hold a query together and name nothing: a `lamp for the desk` is found by `lamp` and `desk`."""

from collections.abc import Sequence

from shopwright.listeners.search.backend import Term

# Folded, as they are compared. Those that are parts of names of things (`in ear`, `over knee`, `stand up`) are not among them.
_OF_LANGUAGE = {
    "en": "a an and for from of that the to which who with",
    "de": "am aus beim das dem den der des die ein eine einem einen einer eines fur im mit und vom von zum zur",
    "fr": "au aux avec d de des du en et l la le les pour qui un une",
    "es": "con de del el la las los para que un una y",
    "it": "con da del della di e il la le lo per un una",
    "nl": "de een en het met uit van voor",
    "sv": "av en ett for fran i med och till",
    "pt": "a as com da das de do dos e o os para que um uma",
}
_WORDS = {tongue: frozenset(said.split()) for tongue, said in _OF_LANGUAGE.items()}


def without(terms: Sequence[Term], locale: str) -> tuple[Term, ...]:
    """The terms that name something. What stands last is one whatever it looks like (`vitamin a`), and so is a phrase that
    is known as a whole (`chest of drawers`)."""
    known = _WORDS.get(locale.partition("-")[0], frozenset[str]())
    naming = [term for term in terms[:-1] if len(term.words) > 1 or term.words[0] not in known]
    return (*naming, *terms[-1:])
