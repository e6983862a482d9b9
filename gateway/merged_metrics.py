"""The metrics of all processes of a suite as one page, each sample with its service and process."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families

CREATED = "_created"
"""Ending of the times at which counters began: they would double the page and are of no use."""

Labels = Mapping[str, str]


class ProcessPage(NamedTuple):
    """The metrics page of one process; None if it did not answer."""

    service: str
    process: str
    page: bytes | None


class Sample(NamedTuple):
    """One value of a metric of the suite as a whole."""

    labels: Labels
    value: float


class SuiteMetric(NamedTuple):
    """A metric of the suite as a whole."""

    name: str
    help: str
    samples: Iterable[Sample]


def merged_page(pages: Iterable[ProcessPage], own: Iterable[SuiteMetric]) -> bytes:
    """Return one page in Prometheus's format."""
    families = {each.name: each for each in map(_family, own)}
    for each in pages:
        for family in _families(each):
            families.setdefault(family.name, _empty(family)).samples.extend(family.samples)
    return generate_latest(cast(CollectorRegistry, _Families(families.values())))


class _Families:
    """What `generate_latest` collects from."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(each: ProcessPage) -> Iterator[Metric]:
    labels = {"service": each.service, "process": each.process}
    for family in text_string_to_metric_families((each.page or b"").decode()):
        if not family.name.endswith(CREATED):
            family.samples = [sample._replace(labels={**sample.labels, **labels}) for sample in family.samples]
            yield family


def _empty(family: Metric) -> Metric:
    return Metric(family.name, family.documentation, family.type)


def _family(metric: SuiteMetric) -> Metric:
    family: Any = GaugeMetricFamily(metric.name, metric.help)
    for labels, value in metric.samples:
        family.add_sample(metric.name, dict(labels), value)
    return cast(Metric, family)
