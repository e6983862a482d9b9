"""Rules of our own for built manifests: each yields a sentence for what is wrong."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from deploy.manifests import (
    Manifest,
    containers,
    environment,
    name_of,
    of_kind,
    pod_labels,
    selects,
    workloads,
)
from shared.config import invalid_settings, unknown_settings

SECRETS = frozenset(
    f"{each}-{kind}" for each in ("crm", "srm", "scm", "erp", "gateway") for kind in ("keys", "databases")
)
DOCUMENTED_SECRETS = SECRETS | {"nats-config"}
"""The secrets that docs/kubernetes.md shows how to make."""
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def images(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every image has a version or a digest."""
    for name, each in containers(manifests):
        tag = each["image"].rpartition("/")[2].partition(":")[2]
        if "@sha256:" not in each["image"] and tag in ("", "latest"):
            yield f"{name}: the image {each['image']} has no version."


def limits(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every container requests and limits CPU and memory."""
    for name, each in containers(manifests):
        for part in ("requests", "limits"):
            if missing := {"cpu", "memory"} - each.get("resources", {}).get(part, {}).keys():
                yield f"{name}: resources.{part} lacks {', '.join(sorted(missing))}."


def restricted(manifests: Sequence[Manifest]) -> Iterator[str]:
    """No container may write to its root, gain rights or be root."""
    for name, each in containers(manifests):
        given = each.get("securityContext", {})
        if given.get("readOnlyRootFilesystem") is not True:
            yield f"{name}: its root file system is writable."
        if given.get("allowPrivilegeEscalation") is not False or given.get("capabilities", {}).get("drop") != ["ALL"]:
            yield f"{name}: it may gain rights."
    for each in workloads(manifests):
        if each["spec"]["template"]["spec"].get("securityContext", {}).get("runAsNonRoot") is not True:
            yield f"{name_of(each)}: it may run as root."


def settings(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every variable is a setting with a valid value."""
    for name, each in containers(manifests):
        given = environment(manifests, each)
        if not (own := {key: value or "" for key, value in given.items() if key.startswith("SIHE_")}):
            continue
        yield from (f"{name}: {sentence}" for sentence in unknown_settings(own).values())
        service = {"SIHE_SERVICE": "crm"}
        direct = {key: value for key, value in own.items() if not _is_mounted(each, value)}
        yield from (f"{name}: {sentence}" for sentence in invalid_settings(service | direct))


def mounted_files(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every file that a variable names is in a mounted volume."""
    for name, each in containers(manifests):
        for variable, value in environment(manifests, each).items():
            if variable.endswith("_FILE") and value and not _is_mounted(each, value):
                yield f"{name}: {variable} names {value}, where nothing is mounted."


def _is_mounted(container: Manifest, path: str) -> bool:
    return any(Path(each["mountPath"]) in Path(path).parents for each in container.get("volumeMounts", ()))


def secrets(manifests: Sequence[Manifest], documented: Collection[str] = DOCUMENTED_SECRETS) -> Iterator[str]:
    """Every secret that is named is documented, and none is in the manifests."""
    yield from (f"{name_of(each)} is in the manifests." for each in of_kind(manifests, "Secret"))
    for each in workloads(manifests):
        for volume in each["spec"]["template"]["spec"].get("volumes", ()):
            secret = volume.get("secret", {}).get("secretName")
            if secret is not None and secret not in documented:
                yield f"{name_of(each)}: the secret {secret} is not documented."


def probes(manifests: Sequence[Manifest], routes: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Every probe asks a path that its process has; `routes` has the paths by the job."""
    for name, each in containers(manifests):
        job = each["args"][-1] if each["args"][0] == "$(MODULE)" else each["name"]
        if environment(manifests, each).get("MODULE") == "gateway.main":
            job = "gateway"
        for probe in (each[kind] for kind in PROBES if kind in each):
            path = urlsplit(probe["httpGet"]["path"]).path
            if path not in routes[job]:
                yield f"{name}: a probe asks {path}, which {job} does not have."
            if probe["httpGet"]["port"] not in {port["name"] for port in each.get("ports", ())}:
                yield f"{name}: a probe asks port {probe['httpGet']['port']}, which the container does not name."


def budgets(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every disruption budget matches one workload."""
    for budget in of_kind(manifests, "PodDisruptionBudget"):
        found = [each for each in workloads(manifests) if selects(budget["spec"]["selector"], pod_labels(each))]
        if len(found) != 1:
            yield f"{name_of(budget)} matches {len(found)} workloads instead of one."


def services(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Every port of a service is a port of the pods it selects."""
    for service in of_kind(manifests, "Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        found = [each for each in workloads(manifests) if selects(selector, pod_labels(each))]
        named = {port["name"] for _, each in containers(found) for port in each.get("ports", ())}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in named:
                yield f"{name_of(service)}: no pod has the port {port['targetPort']}."


def scaling(manifests: Sequence[Manifest]) -> Iterator[str]:
    """A workload that is scaled has no number of replicas."""
    scaled = {
        (each["spec"]["scaleTargetRef"]["kind"], each["spec"]["scaleTargetRef"]["name"])
        for each in of_kind(manifests, "HorizontalPodAutoscaler")
    }
    for each in workloads(manifests):
        if (each["kind"], each["metadata"]["name"]) in scaled and "replicas" in each["spec"]:
            yield f"{name_of(each)} has replicas and is scaled by an autoscaler."


def all_rules(routes: Mapping[str, Collection[str]]) -> tuple[object, ...]:
    """Return every rule, each a function of the manifests."""
    own = partial(probes, routes=routes)
    return images, limits, restricted, settings, mounted_files, secrets, own, budgets, services, scaling
