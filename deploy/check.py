"""Check the manifests of `deploy/k8s` as kustomize builds them; `make k8s-check` runs it.

python -m deploy.check FOLDER_OF_TOOLS
"""

import ast
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from flask import Flask

from deploy.built_flows import compare_flows, unmatched_policies
from deploy.flows import POLICIES, read_table, render
from deploy.manifests import Manifest
from deploy.rules import all_rules
from gateway.pages import pages
from shared.web.internal import internal

ROOT = Path(__file__).resolve().parents[1]
OVERLAYS = ROOT / "deploy" / "k8s" / "overlays"
KUBERNETES = ("1.31.0", "1.37.0")
NOT_SHOWN = "Not shown without a cluster: the build of the image, admission of the pods, enforcement of the policies."


def routes() -> Mapping[str, set[str]]:
    """Return the paths of each job as the code has them."""
    return {
        "serve": _rules(internal),
        "gateway": _rules(pages),
        "work": _status_pages(),
        "nats": {"/healthz"},
        "migrate": set(),
    }


def _rules(blueprint: Any) -> set[str]:
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    return {each.rule for each in app.url_map.iter_rules()}


def _status_pages() -> set[str]:
    """Return the paths of the status server, from the only dict of paths in the code of the worker."""
    tree = ast.parse((ROOT / "shared" / "worker" / "worker.py").read_text(encoding="utf-8"))
    keys = [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    return {each.value for each in keys if isinstance(each, ast.Constant) and str(each.value).startswith("/")}


def problems(manifests: Sequence[Manifest], table: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with built manifests."""
    yield from compare_flows(manifests, table or read_table())
    yield from unmatched_policies(manifests)
    for rule in all_rules(routes()):
        yield from rule(manifests)


def read_manifests(text: str) -> list[Manifest]:
    """Return the objects of built YAML."""
    return [each for each in yaml.safe_load_all(text) if each]


def build(tools: Path, overlay: Path) -> str:
    """Return what kustomize builds from an overlay. Raises CalledProcessError."""
    built = _run(tools / "kubectl", "kustomize", overlay)
    built.check_returncode()
    return built.stdout


def check_schemas(tools: Path, built: Mapping[str, str]) -> Iterator[str]:
    """Yield what the schemas of the oldest and the newest supported version refuse."""
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{name}.yaml" for name in built]
        for file, text in zip(files, built.values(), strict=True):
            file.write_text(text, encoding="utf-8")
        for version in KUBERNETES:
            judged = _run(tools / "kubernetes-validate", "--strict", "--quiet", "-k", version, *files)
            if judged.returncode:
                yield f"Kubernetes {version}: {judged.stdout}{judged.stderr}"


def check_files(tools: Path) -> Iterator[str]:
    """Yield what is wrong with the Dockerfile and the generated policies."""
    judged = _run(tools / "hadolint", ROOT / "Dockerfile")
    if judged.returncode:
        yield judged.stdout
    if POLICIES.read_text(encoding="utf-8") != render(read_table()):
        yield "policies.yaml is not what flows.yaml gives: run `python -m deploy.flows`."


def _run(*command: Path | str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)  # our tools


def main(tools: Path) -> int:
    """Print everything that is wrong and a summary; return 1 if anything is."""
    begun, count = time.monotonic(), 0
    built = {each.name: build(tools, each) for each in sorted(OVERLAYS.iterdir())}
    parts = {"files": check_files(tools), "schemas": check_schemas(tools, built)}
    parts |= {f"overlay {name}": problems(read_manifests(text)) for name, text in built.items()}
    for name, found in parts.items():
        for sentence in found:
            count += 1
            print(f"{name}: {sentence}")
    print(f"{len(parts)} parts checked in {time.monotonic() - begun:.0f} s, {count} problems. {NOT_SHOWN}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
