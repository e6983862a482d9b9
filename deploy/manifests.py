"""Built manifests: what is in them, for the checks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Manifest = Mapping[str, Any]
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job"})


def name_of(manifest: Manifest) -> str:
    """Return the kind and the name of an object."""
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def of_kind(manifests: Iterable[Manifest], *kinds: str) -> list[Manifest]:
    """Return the objects of these kinds."""
    return [each for each in manifests if each["kind"] in kinds]


def workloads(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Return what runs pods: each has `spec.template`."""
    jobs = [
        {**each["spec"]["jobTemplate"], "kind": "CronJob", "metadata": each["metadata"]}
        for each in of_kind(manifests, "CronJob")
    ]
    return [*of_kind(manifests, *WORKLOADS), *jobs]


def pod_labels(workload: Manifest) -> Mapping[str, str]:
    """Return the labels of the pods of a workload."""
    return workload["spec"]["template"]["metadata"].get("labels") or {}


def containers(manifests: Iterable[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield each container with a name for people."""
    for workload in workloads(manifests):
        pod = workload["spec"]["template"]["spec"]
        for each in (*pod.get("initContainers", ()), *pod["containers"]):
            yield f"{name_of(workload)}, container {each['name']}", each


def environment(manifests: Sequence[Manifest], container: Manifest) -> dict[str, str | None]:
    """Return the variables of a container; the value of a secret is None."""
    settings = {each["metadata"]["name"]: each.get("data", {}) for each in of_kind(manifests, "ConfigMap")}
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", ()):
        found |= settings.get(source.get("configMapRef", {}).get("name"), {})
    return found | {each["name"]: each.get("value") for each in container.get("env", ())}


def selects(selector: Manifest | None, labels: Mapping[str, str]) -> bool:
    """Return whether a selector of labels matches. Raises ValueError for one with expressions, which is not judged."""
    if selector and "matchExpressions" in selector:
        raise ValueError("a selector has matchExpressions: use matchLabels")
    return ((selector or {}).get("matchLabels") or {}).items() <= labels.items()
