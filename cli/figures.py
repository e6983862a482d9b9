"""Comparison of the figures that two services keep, from the data of a suite, whether it runs or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from shared.projections.figures import Figures, all_figures, describe_difference
from shared.service import Service

PAGE = 1_000


@dataclass
class FigureComparison:
    """How the figures of a service agree with those of their source; `under_way` names what is not processed yet."""

    name: str
    figures: int = 0
    differences: list[str] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The result for people."""
        if self.under_way:
            return f"{self.name}: not compared, {'; '.join(self.under_way)}"
        different = "".join(f"\n  {each}" for each in self.differences)
        return f"{self.name}: {self.figures:,} figures, {len(self.differences)} differ{different}"


def compare_figures(services: Mapping[str, Service]) -> Iterator[FigureComparison]:
    """Compare all figures that a service keeps like another one."""
    for service in services.values():
        for each in service.projections:
            if issubclass(each, Figures) and each.source is not None:
                yield _compare(service, services[each.source], each)


def _compare(service: Service, source: Service, figures: type[Figures]) -> FigureComparison:
    found = FigureComparison(f"{figures.name} of {source.NAME} and {service.NAME}")
    found.under_way = [*_behind(service), *_behind(source), *_not_received(service, source)]
    if found.under_way:
        return found
    theirs, own = _amounts(source, figures), _amounts(service, figures)
    keys = sorted({*own, *theirs})
    found.figures = len(keys)
    found.differences = [
        describe_difference(key, source.NAME, theirs.get(key, Decimal(0)), service.NAME, own.get(key, Decimal(0)))
        for key in keys
        if own.get(key, Decimal(0)) != theirs.get(key, Decimal(0))
    ]
    found.differences += [
        f"parked message of {source.NAME}: {each.message.type} {each.message.id}"
        for each in service.store.parked_entries(source.NAME)
        if found.differences
    ]
    return found


def _amounts(service: Service, figures: type[Figures]) -> dict[str, Decimal]:
    own = service.read_models.projections[figures.name]
    return {each.key: each.amount for each in all_figures(service.store, service.read_models, own)}


def _behind(service: Service) -> list[str]:
    head, positions = service.store.head(), service.read_models.positions().values()
    return [f"the projections of {service.NAME} are behind its log"] if min(positions, default=head) < head else []


def _not_received(service: Service, source: Service) -> list[str]:
    """Return what was published by the source and concerns the service, which has not applied it yet."""
    handled, position = service.policies.wire_types_by_source()[source.NAME], service.inbox(source.NAME).position
    after = position.sequence
    while page := source.store.published_events(after, PAGE):
        if any(each.type in handled for each in page):
            return [f"messages of {source.NAME} for {service.NAME} are not processed yet"]
        after = page[-1].sequence
    return []
