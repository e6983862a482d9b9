"""The part of an object that it inherits from a declaration."""

from dataclasses import dataclass

from shared.fields import Code, Text, part_of


@dataclass(frozen=True, kw_only=True)
class Label:
    color: Text
    note: Text | None = None


@dataclass(frozen=True, kw_only=True)
class OrderLabel(Label):
    code: Code


def test_the_inherited_fields_become_an_object_of_the_declaration_alone():
    part = part_of(Label, OrderLabel(code="A-1", color="red", note="fragile"))
    assert type(part) is Label
    assert part == Label(color="red", note="fragile")


def test_an_object_of_the_declaration_itself_is_copied():
    assert part_of(Label, Label(color="red")) == Label(color="red")
