"""The flows that built network policies allow, compared with the table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from deploy.flows import NAMESPACE, flows_of
from deploy.manifests import Manifest, name_of, of_kind, pod_labels, selects, workloads

ANY_PORT = "any"
Place = tuple[str, Mapping[str, str], Mapping[str, str] | None]
"""A kind of pod: its name, its labels, and the labels of its namespace if that is another one."""


def compare_flows(manifests: Sequence[Manifest], table: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each flow that the policies allow and the table does not, or the reverse."""
    built, listed = built_flows(manifests, table), flows_of(table)
    for source, target, port in sorted(built - listed, key=str):
        yield f"The policies allow {source} -> {target}:{port}, which flows.yaml does not list."
    for source, target, port in sorted(listed - built):
        yield f"flows.yaml lists {source} -> {target}:{port}, which the policies do not allow on both sides."


def unmatched_policies(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Yield a sentence for each policy that selects no pod."""
    for policy in of_kind(manifests, "NetworkPolicy"):
        if not any(selects(policy["spec"]["podSelector"], pod_labels(each)) for each in workloads(manifests)):
            yield f"{name_of(policy)} selects no pod."


def built_flows(manifests: Sequence[Manifest], table: Mapping[str, Any]) -> set[Any]:
    """Return each flow that its source may send and its target may receive; outside the suite all is allowed."""
    places = list(_places(manifests, table))
    policies = of_kind(manifests, "NetworkPolicy")
    found: set[Any] = set()
    for source, target in product(places, places):
        if source[2] is None or target[2] is None:
            sent, received = _ports(policies, "egress", source, target), _ports(policies, "ingress", target, source)
            found |= {(source[0], target[0], port) for port in _both(sent, received)}
    return found


def _places(manifests: Iterable[Manifest], table: Mapping[str, Any]) -> Iterator[Place]:
    for each in workloads(manifests):
        yield pod_labels(each).get("app.kubernetes.io/name", name_of(each)), pod_labels(each), None
    for name, place in table["outside"].items():
        yield name, place["labels"], {NAMESPACE: place["namespace"]}


def _ports(policies: Iterable[Manifest], direction: str, own: Place, other: Place) -> set[Any]:
    """Return the ports that the policies of one side allow."""
    if own[2] is not None:
        return {ANY_PORT}
    applied = [each["spec"] for each in policies if selects(each["spec"]["podSelector"], own[1])]
    judged = [each for each in applied if direction.capitalize() in each["policyTypes"]]
    rules = [rule for spec in judged for rule in spec.get(direction, ())]
    if not judged:
        return {ANY_PORT}
    side = "to" if direction == "egress" else "from"
    admitted = [rule for rule in rules if side not in rule or any(_is_peer(each, other) for each in rule[side])]
    return {each["port"] for rule in admitted for each in rule.get("ports", ({"port": ANY_PORT},))}


def _is_peer(peer: Manifest, other: Place) -> bool:
    if "ipBlock" in peer:
        return True
    if other[2] is None:
        return "namespaceSelector" not in peer and selects(peer.get("podSelector"), other[1])
    return (
        "namespaceSelector" in peer
        and selects(peer["namespaceSelector"], other[2])
        and selects(peer.get("podSelector"), other[1])
    )


def _both(sent: set[Any], received: set[Any]) -> set[Any]:
    if ANY_PORT in sent:
        return received
    return sent if ANY_PORT in received else sent & received
