"""A caller of one resource of a new service: creates its records and reads them."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from shared.service import Service
from shared.testing.services import open_service
from shared.testing.web import ApiCaller
from tests.received import receive_goods
from tests.unit.resources import needs
from tests.unit.resources.bodies import (
    Body,
    example_of_field,
    fields_of,
    full_body,
    required_body,
    set_references,
    valid_body,
)
from tests.unit.resources.declared import DeclaredResource, Route, resources_of

Row = dict[str, Any]

COUNT = 7
"""Number of records in the lists that are read."""


class ResourceCaller(ApiCaller):
    """Caller of one resource over its real app; a GET includes the effects of all earlier commands."""

    def __init__(self, declared: DeclaredResource, folder: Path, **options: Any) -> None:
        self.declared, self.folder, self.options = declared, folder, options
        service: Service = options.pop("service", None) or open_service(declared.service_class, folder)
        super().__init__(service, **options)

    def twin(self) -> ResourceCaller:
        """Return a caller of another service that has the same records so far."""
        folder = self.folder / "twin"
        shutil.copytree(self.folder / self.service.NAME, folder / self.service.NAME)
        return ResourceCaller(self.declared, folder, **self.options)

    def as_owner(self, name: str) -> ResourceCaller:
        """Return a caller of the same service who is limited to their own records."""
        return ResourceCaller(self.declared, self.folder, service=self.service, actor=name, only_own=True)

    def of_resource(self, name: str) -> ResourceCaller:
        """Return a caller of another resource of the same service, such as `scm.items`."""
        (declared,) = [each for each in resources_of(type(self.service)) if str(each) == name]
        return ResourceCaller(declared, self.folder, service=self.service, **self.options)

    # -- records

    def body(self, number: int = 0) -> Body:
        """Return a valid body of the command that creates a record; existing records are created as needed."""
        return self._completed(valid_body(self.declared.create_schema, number), number)

    def full_body(self, number: int = 0) -> Body:
        """Return a valid body with every field."""
        return self._completed(full_body(self.declared.create_schema, number), number)

    def required_body(self, number: int = 0) -> Body:
        """Return a valid body with the required fields."""
        return self._completed(required_body(self.declared.create_schema, number), number)

    def change(self, name: str, number: int) -> Body:
        """Return a valid change of one field of a record."""
        assert self.declared.change, f"{self.declared} cannot be changed"
        value = example_of_field(fields_of(self.declared.change.schema)[name], number)
        return {name: self._completed({name: value}, number)[name]}

    def body_of(self, route: Route, number: int = 0) -> Body:
        """Return a valid body of a command on a record, with the required fields."""
        return set_references(route.schema, required_body(route.schema, number), partial(self.reference_to, number))

    def _completed(self, body: Body, number: int) -> Body:
        """Return the body with what the resource needs, and with existing records in the other references."""
        needed = needs.prepare(self, number)
        others = {name: each for name, each in body.items() if name not in needed}
        references = partial(self.reference_to, number)
        return {**set_references(self.declared.create_schema, others, references), **needed}

    def reference_to(self, number: int, resource: str, by: str) -> Any:
        """Return a field of an existing record: created if it belongs to this service, else any valid value."""
        if resource.startswith(f"{self.service.NAME}."):
            other = self.of_resource(resource)
            if rows := other.query().json["data"]:
                return rows[0][by]
            if other.declared.is_created_by_request:
                return other.create(number)[by]
        return str(uuid4()) if by == "id" else self.received_record(resource)

    def received_record(self, resource: str) -> str:
        """Return the key of a record of another service, after the service has received it."""
        receive_goods(self.service, **{resource.partition(".")[2]: ("X-1",)})
        return "X-1"

    def create(self, number: int = 0) -> Row:
        """Return the row of a new record as its command returns it."""
        return self.created(self.body(number)).json  # type: ignore[no-any-return]

    def add(self, number: int = 0) -> str:
        """Return the address of a new record, which a request creates or the service itself."""
        known = {row["id"] for row in self.rows()}
        if self.declared.is_created_by_request:
            self.create(number)
        else:
            needs.prepare(self, number)
        added = next(row for row in self.rows() if row["id"] not in known)
        address = self.declared.address_of_row(added)
        assert address, f"{self.declared} has no records at addresses of their own"
        return address

    def created(self, body: Body) -> Any:
        """Return the response of the command that creates a record."""
        response = self.post(self.declared.path, body)
        assert response.status_code == 201, f"{self.declared}: {body} was refused: {response.text}"
        return response

    def fill(self, count: int = COUNT, first: int = 0) -> list[Row]:
        """Return the rows of several different records, as the list shows them in its default order."""
        if not self.declared.is_created_by_request and not needs.has(self.declared):
            pytest.skip(f"no function in {needs.__name__} fills the list of {self.declared}")
        for number in range(first, first + count):
            if self.declared.is_created_by_request:
                self.create(number)
            else:
                needs.prepare(self, number)
        rows = self.rows()
        assert len(rows) >= count, f"{self.declared}: the list has {len(rows)} of {count} records"
        return rows

    def fill_and_twin(self, count: int = COUNT) -> ResourceCaller:
        """Create records; return a caller of another service that has what they refer to, but not these records."""
        bodies = [self.body(number) for number in range(count)]
        other = self.twin()
        for each in bodies:
            self.created(each)
        return other

    # -- requests

    def address_of(self, response: Any) -> str:
        """Return the address of a new record without the public prefix."""
        return self.address_at(response.headers.get("Location", ""))

    def address_at(self, location: str) -> str:
        """Return the address at a public location."""
        prefix = f"/api/v1/{self.service.NAME}"
        assert location.startswith(f"{prefix}/"), f"{self.declared}: Location is {location!r}"
        return location.removeprefix(prefix)

    def query(self, rule: str = "", **parameters: Any) -> Any:
        """Return the response to a GET under the path of the resource."""
        question = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        return self.get(f"{self.declared.path}{rule}{question}")

    def rows(self, **parameters: Any) -> list[Row]:
        """Return the rows of the list, of at most 200 records."""
        response = self.query(**{"limit": 200, **parameters})
        assert response.status_code == 200, f"{self.declared}: {parameters}: {response.text}"
        return response.json["data"]  # type: ignore[no-any-return]

    def count(self) -> int | None:
        """Return the number of records; none if there is no list."""
        return len(self.rows()) if self.declared.is_listed else None

    def require_added(self, before: int | None, number: int) -> None:
        """Require that the list has this many records more than before."""
        now = self.count()
        assert before is None or now == before + number, f"{self.declared}: {before} records became {now}"

    def allowed_commands(self, address: str) -> set[str]:
        """Return the commands that the record at an address shows, which its row of the list shows too."""
        shown = self.read(f"{address}?show=allowed_commands")
        listed = self.rows(id=shown["id"], show="allowed_commands", limit=50)
        assert [row["allowed_commands"] for row in listed] == [shown["allowed_commands"]]
        return set(shown["allowed_commands"])

    def send(self, route: Route, address: str, number: int = 0) -> Any:
        """Return the response to a command on the record at an address."""
        path = address + route.rule.partition(">")[2]
        return self.client.open(path, method=route.method, json=self.body_of(route, number))

    def batch(self, items: list[Body], *, atomic: bool) -> Any:
        """Return the response to a batch of these items."""
        return self.post(f"{self.declared.path}/batch", {"items": items, "atomic": atomic})

    def read(self, address: str) -> Row:
        """Return the record at this address."""
        response = self.get(address)
        assert response.status_code == 200, f"{self.declared}: {address}: {response.text}"
        return response.json  # type: ignore[no-any-return]

    def import_sheet(self, content: bytes, **parameters: Any) -> Any:
        """Return the response to the import of a sheet in CSV."""
        question = f"?{urlencode(parameters)}" if parameters else ""
        path = f"{self.declared.path}/import{question}"
        return self.client.post(path, data=content, headers={"Content-Type": "text/csv"})

    def head(self) -> int:
        """Return the position of the newest stored event."""
        return self.service.store.head()
