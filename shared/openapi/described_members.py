"""Titles and help texts of the members and parameters that no module describes itself, by their names."""

from typing import Any

from shared.fields import Texts, Words
from shared.fields.descriptions import EXTENSION, describe, describe_field
from shared.openapi.shapes import Doc

CONDITIONS = ("if", "then", "else")
"""Members of a schema with what else must hold; the members of their objects are described where they are declared."""


def with_descriptions(content: Any, words: Words) -> Any:
    """Return a document in which every member and parameter has a title and a help text, if the words have them."""
    match content:
        case list():
            return [with_descriptions(each, words) for each in content]
        case {"in": str(), "name": str(), "schema": _}:
            return _parameter({**content, "schema": with_descriptions(content["schema"], words)}, words)
        case dict():
            inner = {name: _described_below(name, each, words) for name, each in content.items()}
            return inner | {"properties": _properties(inner["properties"], words)} if "properties" in inner else inner
    return content


def _described_below(name: str, content: Any, words: Words) -> Any:
    return content if name in CONDITIONS else with_descriptions(content, words)


def _properties(members: Doc, words: Words) -> Doc:
    return {
        name: each if _has_help(each) else with_texts(each, describe_field(words, name))
        for name, each in members.items()
    }


def _has_help(member: Doc) -> bool:
    """Return whether a member has a help text in both languages."""
    return "help" in member.get(EXTENSION, {})


def with_texts(member: Doc, texts: Doc) -> Doc:
    """Return a member or a parameter with these texts; the title that it has stays."""
    extension = {**texts.get(EXTENSION, {}), **member.get(EXTENSION, {})}
    help_text = {"description": texts["description"]} if "description" in texts else {}
    return {**texts, **member, **help_text, **({EXTENSION: extension} if extension else {})}


def _parameter(parameter: Doc, words: Words) -> Doc:
    """Return a parameter with its texts: as its field has them, else those of its name."""
    schema = dict(parameter["schema"])
    extension = {**schema.pop(EXTENSION, {}), **parameter.get(EXTENSION, {})}
    own = {**parameter, "schema": schema, **({EXTENSION: extension} if extension else {})}
    return own if _has_help(own) else with_parameter_texts(own, parameter_texts(words, parameter["name"]))


def with_parameter_texts(parameter: Doc, texts: Texts | None) -> Doc:
    """Return a parameter with these texts: the title is in its schema, since a parameter itself has none."""
    described = describe(texts)
    title = {"title": described.pop("title")} if described else {}
    return {**with_texts(parameter, described), "schema": {**title, **parameter["schema"]}}


def parameter_texts(words: Words, name: str) -> Texts | None:
    """Return the texts of a parameter: its own, else those of the field of its name; any id has some."""
    is_id = name.endswith("_id") and not words.has("fields", name)
    own = name if words.has("parameters", name) else "id" if is_id else ""
    return words.get("parameters", own) if own else words.field(name)
