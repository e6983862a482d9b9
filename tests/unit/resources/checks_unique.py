"""Checks of unique values: another spelling of a value, such as a code in small letters, is the same value."""

import csv
import io
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from shared.web import fields
from tests.unit.resources.bodies import Body, fields_of
from tests.unit.resources.caller import ResourceCaller
from tests.unit.resources.checks_records import refused_pointers
from tests.unit.resources.checks_sheets import FIRST_ROW, cells_of, exported

ACUTE = "\u0301"
FULLWIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
TAKEN, INVALID = 409, 422


def spellings_of(value: str) -> Iterator[str]:
    """Yield other spellings: in other case, with accents in both Unicode forms, in fullwidth letters."""
    accented = "".join(each + ACUTE if each in "aAeEiIoOuU" else each for each in value)
    yield from (value.swapcase(), accented, normalize("NFC", accented), value.translate(FULLWIDTH))


def check_value_in_another_spelling_is_taken(caller: ResourceCaller) -> None:
    """Each other spelling: 409 names the field and the registered value, 422 if the field refuses its letters."""
    body, name = caller.body(0), caller.declared.unique_field
    value = caller.created(body).json[name]
    before, head = caller.count(), caller.head()
    for spelling in spellings_of(value):
        response = caller.post(caller.declared.path, {**body, name: spelling})
        assert response.status_code == _expected_status(caller, spelling), f"{name} {spelling}: {response.text}"
        assert _pointers(response.json) == {f"/{name}"}
        assert response.status_code == INVALID or value in response.json["detail"]
    assert (caller.count(), caller.head()) == (before, head)


def _expected_status(caller: ResourceCaller, spelling: str) -> int:
    field = fields_of(caller.declared.create_schema)[caller.declared.unique_field]
    return INVALID if isinstance(field, fields.Code) and not spelling.isascii() else TAKEN


def _pointers(problem: Any) -> set[str]:
    return {each["pointer"] for each in problem.get("errors", ())}


def check_batch_refuses_the_second_spelling_of_a_value(caller: ResourceCaller) -> None:
    """All or none: 409 names the second item and its field. Otherwise only this item is refused."""
    body, name = caller.body(0), caller.declared.unique_field
    items, before = [body, in_other_case(body, name), caller.body(1)], caller.count()
    atomic = caller.batch(items, atomic=True)
    assert (atomic.status_code, _pointers(atomic.json)) == (TAKEN, {f"/items/1/{name}"})
    results = caller.batch(items, atomic=False).json["data"]
    assert [each["status"] for each in results] == [201, TAKEN, 201]
    assert _pointers(results[1]["problem"]) == {f"/{name}"}
    caller.require_added(before, 2)


def in_other_case(body: Body, name: str) -> Body:
    """Return the body of another record, whose unique value differs in case only."""
    return {**body, name: body[name].swapcase()}


def check_sheet_refuses_the_second_spelling_of_a_value(caller: ResourceCaller) -> None:
    """Two rows whose values differ in case: 422 names the second row and its field; a dry run returns the same."""
    other, name = caller.fill_and_twin(1), caller.declared.unique_field
    content, expected = _with_row_in_other_case(exported(caller), name), {f"/rows/{FIRST_ROW + 1}/{name}"}
    head = other.head()
    assert refused_pointers(other.import_sheet(content)) == expected
    assert _pointers(other.import_sheet(content, dry_run="true").json) == expected
    assert (other.head(), other.count()) == (head, 0)


def _with_row_in_other_case(content: bytes, name: str) -> bytes:
    """Return the sheet of one row with a second one, whose unique value differs in case only."""
    header, row = cells_of(content)
    again = list(row)
    again[header.index(name)] = row[header.index(name)].swapcase()
    file = io.StringIO()
    csv.writer(file).writerows([header, row, again])
    return file.getvalue().encode()


def check_value_is_no_other_path(caller: ResourceCaller) -> None:
    """Each path below the collection, in two spellings: 422 names the field, of a record, of an item and of a row."""
    name, valid = caller.declared.unique_field, caller.body(0)
    head = caller.head()
    for word in caller.declared.own_paths:
        for value in (word, word.upper()):
            body = {**valid, name: value}
            refused = caller.post(caller.declared.path, body)
            assert (refused.status_code, _pointers(refused.json)) == (INVALID, {f"/{name}"}), refused.text
            assert refused.json["errors"][0]["detail"] == f"{name} {value} is reserved; choose another"
            atomic = caller.batch([body], atomic=True)
            assert (atomic.status_code, _pointers(atomic.json)) == (INVALID, {f"/items/0/{name}"})
            assert refused_pointers(caller.import_sheet(sheet_of(body))) == {f"/rows/{FIRST_ROW}/{name}"}
    assert caller.head() == head


def sheet_of(body: Body) -> bytes:
    """Return a sheet of one row with the single values of a body."""
    file = io.StringIO()
    csv.writer(file).writerows([body.keys(), body.values()])
    return file.getvalue().encode()
