"""A sample of a population: everyone who has the list and the seed chooses the same records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cli.client import Client

POPULATIONS = {
    "payments": ("erp/payments", "erp/payments"),
    "entries": ("erp/journal", "erp/journal-entries"),
    "invoices": ("erp/invoices", "erp/invoices"),
    "bills": ("erp/bills", "erp/bills"),
}
"""List of each population and address of its single records; the journal lists postings, each with its entry."""

RULE = "Chosen are the records with the smallest SHA-256 of the seed directly followed by the id, in ASCII."

Row = Mapping[str, Any]


class SampleTooLarge(ValueError):
    """Raised when more records are to be chosen than there are."""


@dataclass(frozen=True)
class Sample:
    """The chosen records of a population, in order of their digests; `population` has every id with its digest."""

    name: str
    filters: Mapping[str, str]
    seed: str
    population: Mapping[str, str]
    chosen: Sequence[str]

    @property
    def address(self) -> str:
        """The address of the single records."""
        return POPULATIONS[self.name][1]

    def description(self) -> dict[str, Any]:
        """Return what is needed to choose the same records again."""
        return {
            "population": self.name,
            "list": POPULATIONS[self.name][0],
            "filter": dict(sorted(self.filters.items())),
            "population_size": len(self.population),
            "count": len(self.chosen),
            "seed": self.seed,
            "rule": RULE,
            "chosen": [{"id": each, "sha256": self.population[each]} for each in self.chosen],
        }


def draw_sample(client: Client, name: str, filters: Mapping[str, str], count: int, seed: str) -> Sample:
    """Choose `count` records of all that match. Raises SampleTooLarge, RequestFailed."""
    digests = {each: sha256(f"{seed}{each}".encode()).hexdigest() for each in _ids(client, name, filters)}
    if count > len(digests):
        matching = " that match the filter" if filters else ""
        raise SampleTooLarge(f"There are {len(digests):,} {name}{matching}, so {count:,} cannot be chosen.")
    population = dict(sorted(digests.items()))
    return Sample(name, filters, seed, population, sorted(population, key=population.__getitem__)[:count])


def _ids(client: Client, name: str, filters: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of all matching records; an entry matches if one of its postings does."""
    path = POPULATIONS[name][0]
    for row in client.rows(path, **filters):
        yield row["entry"] if name == "entries" else row["id"]
