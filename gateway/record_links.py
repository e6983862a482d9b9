"""Links between resources in the API description: which records the columns of lists name, and the related lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.fields.descriptions import EXTENSION
from shared.web.described import RESOURCE

Doc = dict[str, Any]
Lookup = Mapping[str, str]
LOOKUP, LINKS = "lookup", "links"
_REFERENCE = "_id"


@dataclass(frozen=True)
class Listed:
    """A list of the description: its resource, the names of its parameters, and the schema of its rows."""

    resource: Doc
    parameters: frozenset[str]
    row: Doc

    @property
    def name(self) -> str:
        return str(self.resource["name"])

    def columns(self) -> Iterator[tuple[str, Doc]]:
        """Yield the columns by which the list can be filtered."""
        yield from ((name, each) for name, each in self.row["properties"].items() if name in self.parameters)


def add_links(paths: Mapping[str, Doc], schemas: Mapping[str, Doc]) -> None:
    """Add to the columns of lists which records they name, and to each resource the lists that name its records."""
    lists = list(_lists_of(paths, schemas))
    lookups = {**_lookups_by_name(lists), **_lookups_of_requests(schemas)}
    targets = {each.name: each.resource for each in lists}
    for each in lists:
        for name, column in each.columns():
            lookup = lookups.get(name)
            if lookup and lookup["resource"] in targets.keys() - {each.name}:
                column[EXTENSION] = {**column.get(EXTENSION, {}), LOOKUP: lookup}
                link = {"resource": each.name, "by": name, "title": each.resource["title"]}
                targets[lookup["resource"]].setdefault(LINKS, []).append(link)


def _lists_of(paths: Mapping[str, Doc], schemas: Mapping[str, Doc]) -> Iterator[Listed]:
    """Yield the lists at addresses of their own; those below a record are no lists of all rows."""
    for path, item in paths.items():
        resource = item.get("get", {}).get(RESOURCE, {})
        if "row" in resource and "{" not in path:
            names = frozenset(each["name"] for each in item["get"]["parameters"])
            yield Listed(resource, names, schemas[resource["row"]])


def _lookups_of_requests(schemas: Mapping[str, Doc]) -> dict[str, Lookup]:
    """Return the lookups that fields of requests declare, by their names; those that differ are left out."""
    found: dict[str, list[Lookup]] = {}
    for schema in schemas.values():
        for name, each in schema.get("properties", {}).items():
            if lookup := each.get(EXTENSION, {}).get(LOOKUP):
                found.setdefault(name, []).append(lookup)
    return {name: each[0] for name, each in found.items() if all(other == each[0] for other in each)}


def _lookups_by_name(lists: list[Listed]) -> dict[str, Lookup]:
    """Return the lookups of columns that are named after a resource, such as `sales_order_id` after `sales-orders`."""
    names = [each.name for each in lists]
    columns = {f"{name.partition('.')[2].removesuffix('s').replace('-', '_')}{_REFERENCE}": name for name in names}
    return {column: {"resource": name, "value": "id"} for column, name in columns.items()}
