"""A small build: a service, the broker's place and the policies of one flow, in which nothing is wrong."""

from typing import Any

import pytest
import yaml

from deploy.flows import policies

TABLE = {
    "pods": ["gateway", "crm"],
    "outside": {"ingress": {"namespace": "ingress-nginx", "labels": {"app": "ingress"}}},
    "flows": [
        {"from": ["ingress"], "to": ["gateway"], "ports": [8000]},
        {"from": ["gateway"], "to": ["crm"], "ports": [8000]},
    ],
}
WORKLOADS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME-settings}
data: {MODULE: MODULE_NAME, SIHE_HOME: /data, SIHE_SECRET_FILE: /etc/sihe/keys/secret}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 1
  selector: {matchLabels: {app.kubernetes.io/name: NAME}}
  template:
    metadata: {labels: {app.kubernetes.io/name: NAME}}
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - name: api
          image: sihe:0.1.0
          args: [$(MODULE), serve]
          envFrom: [{configMapRef: {name: NAME-settings}}]
          ports: [{name: api, containerPort: 8000}]
          readinessProbe: {httpGet: {path: READY, port: api}}
          securityContext:
            {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 1, memory: 1Mi}, limits: {cpu: 1, memory: 1Mi}}
          volumeMounts: [{name: keys, mountPath: /etc/sihe/keys}]
      volumes: [{name: keys, secret: {secretName: NAME-keys}}]
---
apiVersion: v1
kind: Service
metadata: {name: NAME}
spec: {selector: {app.kubernetes.io/name: NAME}, ports: [{port: 8000, targetPort: api}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: NAME}
spec: {maxUnavailable: 1, selector: {matchLabels: {app.kubernetes.io/name: NAME}}}
---
"""


def workload(name: str, module: str, ready: str) -> str:
    return WORKLOADS.replace("MODULE_NAME", module).replace("NAME", name).replace("READY", ready)


@pytest.fixture
def build() -> list[dict[str, Any]]:
    """Return a build in which nothing is wrong."""
    text = workload("gateway", "gateway.main", "/readyz/self") + workload("crm", "services.crm.main", "/readyz")
    return [each for each in yaml.safe_load_all(text + yaml.safe_dump_all(list(policies(TABLE)))) if each]
