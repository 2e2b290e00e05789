"""Which of PostgreSQL's stemmers a language has."""

_STEMMERS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def configuration(locale: str) -> str:
    """The text search configuration; `simple`, which cuts nothing, where there is none for the language."""
    return _STEMMERS.get(locale.partition("-")[0], "simple")


def dictionary(locale: str) -> str:
    """The stemmer alone."""
    name = configuration(locale)
    return name if name == "simple" else f"{name}_stem"
