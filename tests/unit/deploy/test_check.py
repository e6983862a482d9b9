"""Faults planted in built manifests are found, each by its sentence."""

from copy import deepcopy
from typing import Any

import pytest

from deploy.check import problems
from deploy.flows import POLICIES, read_table, render
from tests.unit.deploy.conftest import TABLE

Build = list[dict[str, Any]]


def one(build: Build, kind: str, name: str) -> Any:
    return next(each for each in build if (each["kind"], each["metadata"]["name"]) == (kind, name))


def container(build: Build) -> Any:
    return one(build, "Deployment", "crm")["spec"]["template"]["spec"]["containers"][0]


def found(build: Build) -> list[str]:
    return list(problems(build, TABLE))


def test_a_sound_build_has_no_problem(build: Build) -> None:
    assert found(build) == []


def test_the_policies_are_what_the_table_gives() -> None:
    assert POLICIES.read_text(encoding="utf-8") == render(read_table())


def test_a_peer_that_became_another_pod_is_found(build: Build) -> None:
    rule = one(build, "NetworkPolicy", "crm")["spec"]["ingress"][0]
    rule["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] = "crm"
    assert found(build) == ["flows.yaml lists gateway -> crm:8000, which the policies do not allow on both sides."]


def test_egress_without_ingress_is_found(build: Build) -> None:
    del one(build, "NetworkPolicy", "crm")["spec"]["ingress"]
    assert found(build) == ["flows.yaml lists gateway -> crm:8000, which the policies do not allow on both sides."]


def test_a_missing_flow_is_found(build: Build) -> None:
    del one(build, "NetworkPolicy", "gateway")["spec"]["ingress"]
    assert found(build) == ["flows.yaml lists ingress -> gateway:8000, which the policies do not allow on both sides."]


def test_an_extra_flow_is_found(build: Build) -> None:
    for name, side in (("gateway", "egress"), ("crm", "ingress")):
        rules = one(build, "NetworkPolicy", name)["spec"][side]
        rules.append(deepcopy(rules[0]) | {"ports": [{"port": 4222, "protocol": "TCP"}]})
    assert found(build) == ["The policies allow gateway -> crm:4222, which flows.yaml does not list."]


def test_pods_without_a_policy_may_receive_from_everywhere(build: Build) -> None:
    for name in ("refuse-all", "gateway", "crm"):
        build.remove(one(build, "NetworkPolicy", name))
    assert "The policies allow ingress -> crm:any, which flows.yaml does not list." in found(build)


def test_a_policy_that_selects_no_pod_is_found(build: Build) -> None:
    one(build, "NetworkPolicy", "refuse-all")["spec"]["podSelector"] = {"matchLabels": {"app": "none"}}
    assert found(build) == ["NetworkPolicy refuse-all selects no pod."]


def test_a_probe_of_a_missing_route_is_found(build: Build) -> None:
    container(build)["readinessProbe"]["httpGet"]["path"] = "/ready"
    assert found(build) == ["Deployment crm, container api: a probe asks /ready, which serve does not have."]


def test_a_secret_that_is_not_documented_is_found(build: Build) -> None:
    one(build, "Deployment", "crm")["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"] = (
        "crm-key"  # a name
    )
    assert found(build) == ["Deployment crm: the secret crm-key is not documented."]


def test_a_secret_in_the_manifests_is_found(build: Build) -> None:
    build.append({"kind": "Secret", "metadata": {"name": "crm-keys"}})
    assert found(build) == ["Secret crm-keys is in the manifests."]


def test_an_unknown_variable_is_found(build: Build) -> None:
    one(build, "ConfigMap", "crm-settings")["data"]["SIHE_LISTEN_HOSTS"] = "0.0.0.0"  # nothing listens
    assert len(found(build)) == 1
    assert found(build)[0].startswith("Deployment crm, container api: SIHE_LISTEN_HOSTS is not a setting")


def test_an_invalid_setting_is_found(build: Build) -> None:
    one(build, "ConfigMap", "crm-settings")["data"]["SIHE_LISTEN_PORT"] = "eight"
    assert len(found(build)) == 1
    assert "SIHE_LISTEN_PORT" in found(build)[0]


def test_a_file_that_is_not_mounted_is_found(build: Build) -> None:
    container(build)["volumeMounts"] = []
    assert "Deployment crm, container api: SIHE_SECRET_FILE names /etc/sihe/keys/secret, where nothing is mounted." in (
        found(build)
    )


def test_replicas_of_a_scaled_workload_are_found(build: Build) -> None:
    target = {"kind": "Deployment", "name": "crm"}
    autoscaler = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "crm"}, "spec": {"scaleTargetRef": target}}
    assert found([*build, autoscaler]) == ["Deployment crm has replicas and is scaled by an autoscaler."]


@pytest.mark.parametrize("image", ["sihe:latest", "sihe", "registry.example:5000/sihe"])
def test_an_image_without_a_version_is_found(build: Build, image: str) -> None:
    container(build)["image"] = image
    assert found(build) == [f"Deployment crm, container api: the image {image} has no version."]


@pytest.mark.parametrize(("labels", "count"), [({"app.kubernetes.io/name": "none"}, 0), ({}, 2)])
def test_a_budget_that_does_not_match_one_workload_is_found(build: Build, labels: dict[str, str], count: int) -> None:
    one(build, "PodDisruptionBudget", "crm")["spec"]["selector"] = {"matchLabels": labels}
    assert found(build) == [f"PodDisruptionBudget crm matches {count} workloads instead of one."]


def test_a_missing_limit_is_found(build: Build) -> None:
    del container(build)["resources"]["limits"]["memory"]
    assert found(build) == ["Deployment crm, container api: resources.limits lacks memory."]


def test_a_writable_root_is_found(build: Build) -> None:
    container(build)["securityContext"]["readOnlyRootFilesystem"] = False
    assert found(build) == ["Deployment crm, container api: its root file system is writable."]


def test_a_service_of_a_missing_port_is_found(build: Build) -> None:
    one(build, "Service", "crm")["spec"]["ports"][0]["targetPort"] = "web"
    assert found(build) == ["Service crm: no pod has the port web."]
