"""Descriptions of fields and choices in the API description: English in standard members, Chinese in `x-sihe`."""

from enum import StrEnum
from typing import Any

from shared.fields.words import Texts, Words

Doc = dict[str, Any]
EXTENSION = "x-sihe"


def in_both(texts: Texts) -> Doc:
    """Return the first text in English and the second in Chinese."""
    return {"en": texts[0], "zh": texts[1]}


def describe_field(words: Words, name: str, *owners: str) -> Doc:
    """Return the title of a field, and its help text if it has one; nothing for a field without words."""
    return describe(words.field(name, *owners))


def describe(texts: Texts | None) -> Doc:
    """Return the members of texts: the titles, and the help texts if there are any; nothing for no texts."""
    if texts is None:
        return {}
    described: Doc = {"title": texts[0], EXTENSION: {"title": {"zh": texts[1]}}}
    if texts[2:]:
        described["description"], described[EXTENSION]["help"] = texts[2], {"zh": texts[3]}
    return described


def describe_choices(words: Words, choices: type[StrEnum]) -> Doc:
    """Return the titles of the values of an enumeration, by value."""
    found = {each: words.get("choices", f"{choices.__name__}.{each}") for each in choices}
    return {str(each): in_both(texts) for each, texts in found.items() if texts}
