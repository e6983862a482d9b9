"""Code and name of each customer and supplier, and statements that show them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import PartyKind
from services.erp.parties.domain.party import Party
from shared.fields import Code
from shared.projections import Projection, RowReader, Rows, on
from shared.texts import natural_key

CHUNK_SIZE = 200

Row = Mapping[str, Any]


class PartyNames(Projection):
    """One row for each customer and supplier, by its id."""

    columns = {"party_id": UUID, "kind": PartyKind, "code": Code, "name": str}
    indexes = ()

    @on(Party.Identified)
    def identified(self, identified: Party.Identified, rows: Rows) -> None:
        known = {"party_id": identified.party_id, "kind": identified.kind, "code": identified.code}
        rows[identified.party_id] = {**known, "name": identified.name}
        rows[identified.originator_id] = {"party_id": identified.party_id}

    @on(Party.Renamed)
    def renamed(self, renamed: Party.Renamed, rows: Rows) -> None:
        party_id = rows[renamed.originator_id]["party_id"]
        rows[party_id] = rows[party_id] | {"name": renamed.name}


def name_parties(statement: Row, field: str, parties: RowReader) -> dict[str, Any]:
    """Return a statement with code and name of the party next to the id in this field of each row.

    `customer_id` is followed by `customer_code` and `customer_name`; both are none for an unknown or missing party.
    """
    rows: Sequence[Row] = statement["rows"]
    known = dict(_known_parties({str(row[field]) for row in rows if row[field]}, parties))
    named = [_with_names(row, field, known.get(str(row[field]), {})) for row in rows]
    return {**statement, "rows": list(_in_order_of_codes(named, field))}


def _in_order_of_codes(rows: Sequence[Row], field: str) -> Iterator[Row]:
    """Yield the rows in order of the codes of their parties, as far as members before the party do not order them."""

    def before_party(row: Row) -> list[Any]:
        return list(row.values())[: list(row).index(field)]

    for _, alike in groupby(rows, before_party):
        yield from sorted(alike, key=lambda row: natural_key(row[_names_of(field)[0]] or ""))


def _names_of(field: str) -> tuple[str, str]:
    prefix = field.removesuffix("_id")
    return f"{prefix}_code", f"{prefix}_name"


def with_names_of_parties(shape: Row, field: str) -> Row:
    """Return the shape of the rows of a statement as `name_parties` shows them."""
    return _with_names(shape, field, {"code": Code | None, "name": str | None})


def _known_parties(wanted: set[str], parties: RowReader) -> Iterator[tuple[str, Row]]:
    ids = sorted(wanted)
    for start in range(0, len(ids), CHUNK_SIZE):
        chunk = tuple(ids[start : start + CHUNK_SIZE])
        yield from ((row["id"], row) for row in parties.list_rows({"id": chunk}, limit=CHUNK_SIZE))


def _with_names(row: Row, field: str, party: Row) -> dict[str, Any]:
    code, name = _names_of(field)
    names = {code: party.get("code"), name: party.get("name")}
    members = list(row.items())
    place = [name for name, _ in members].index(field) + 1
    return dict([*members[:place], *names.items(), *members[place:]])
