"""Write the network policies from the table of allowed flows.

    python -m deploy.flows

Both sides of a flow get a rule: the source may send, the target may receive. All else is refused.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

NETWORK = Path(__file__).resolve().parent / "k8s" / "network"
TABLE, POLICIES = NETWORK / "flows.yaml", NETWORK / "policies.yaml"
NAME, NAMESPACE = "app.kubernetes.io/name", "kubernetes.io/metadata.name"
DNS_PORT = 53
HEADING = "# Generated from flows.yaml by `python -m deploy.flows`; do not edit.\n"

Flow = tuple[str, str, int]
"""The name of the source, the name of the target, the port."""


def read_table() -> Mapping[str, Any]:
    """Return the table of flows."""
    table: Mapping[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return table


def flows_of(table: Mapping[str, Any]) -> set[Flow]:
    """Return every single flow of the table."""
    return {
        (source, target, port)
        for row in table["flows"]
        for source in row["from"]
        for target in row["to"]
        for port in row["ports"]
    }


def policies(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the policy that refuses everything, then one for each kind of pod."""
    yield _policy("refuse-all", {}, {})
    for pod in table["pods"]:
        found = sorted(flows_of(table))
        egress = [_rule("to", table, target, port) for source, target, port in found if source == pod]
        ingress = [_rule("from", table, source, port) for source, target, port in found if target == pod]
        yield _policy(pod, {"matchLabels": {NAME: pod}}, {"egress": egress, "ingress": ingress})


def _policy(name: str, pods: dict[str, Any], rules: dict[str, list[Any]]) -> dict[str, Any]:
    spec = {"podSelector": pods, "policyTypes": ["Ingress", "Egress"], **{each: rules[each] for each in rules}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {key: value for key, value in spec.items() if value or key == "podSelector"},
    }


def _rule(side: str, table: Mapping[str, Any], other: str, port: int) -> dict[str, Any]:
    protocols = ("UDP", "TCP") if port == DNS_PORT else ("TCP",)
    return {side: [_peer(table, other)], "ports": [{"port": port, "protocol": each} for each in protocols]}


def _peer(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    if name in table["pods"]:
        return {"podSelector": {"matchLabels": {NAME: name}}}
    place = table["outside"][name]
    return {
        "namespaceSelector": {"matchLabels": {NAMESPACE: place["namespace"]}},
        "podSelector": {"matchLabels": place["labels"]},
    }


def render(table: Mapping[str, Any]) -> str:
    """Return the text of policies.yaml."""
    return HEADING + yaml.safe_dump_all(policies(table), sort_keys=False)


if __name__ == "__main__":
    POLICIES.write_text(render(read_table()), encoding="utf-8")
