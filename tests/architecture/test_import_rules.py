"""Import rules: every violation that is planted in a copy of the code is found once, and no file is without a rule."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from docs import check_names, import_rules
from tests.architecture.how_to import ROOT

CONFIGURATION = ROOT / "docs" / "import-rules.toml"
MODULES = import_rules.modules(ROOT)


def a_file(folder: Path) -> Path:
    """Return the first file with code in a folder."""
    return next(each for each in sorted(folder.rglob("*.py")) if each.name != "__init__.py")


def folder_of(package: str) -> Path:
    return Path(*package.split("."))


# The planted file and what it imports; nothing imports the file itself, so that each violation stands alone.
FORBIDDEN = {
    "a service in another service": ("services.crm.projections.planted", "services.erp.published"),
    "a service in the gateway": ("gateway.planted", "services.scm.main"),
    "a service in shared code": ("shared.planted", "services.srm.published"),
    "a service in the command line": ("cli.planted", "services.crm.main"),
    "the gateway in a service": ("services.erp.projections.planted", "gateway.limits"),
    "the harness in product code": ("cli.planted_harness", "shared.testing.web"),
    "a domain in an api": ("services.srm.api.planted", "services.srm.domain.supplier"),
    "an upper part of a module in a lower one": ("services.scm.projections.planted", "services.scm.service"),
}
BY_NAME = {
    "gateway/pages.py": '\nfrom importlib import import_module\n\nimport_module("services.crm.main")\n',
    "cli/audit.py": "\nimport tests.running_suite\n",
}
PRIVATE = {
    "cli/trace.py": "from shared.money import _private\n",
    "cli/export.py": "_code = compile.co._code\n",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the code in which every kind of violation is planted, each in every module or part."""
    copy = tmp_path_factory.mktemp("planted")
    for folder in (*import_rules.ROOTS, "docs"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for where, text in plants(copy):
        file = copy / where
        file.write_text((file.read_text(encoding="utf-8") if file.exists() else "") + f"\n{text}\n", encoding="utf-8")
    return copy


def plants(copy: Path) -> Iterator[tuple[str, str]]:
    yield from ((f"{folder_of(file)}.py", f"import {imported}") for file, imported in FORBIDDEN.values())
    yield from BY_NAME.items()
    yield from PRIVATE.items()
    for module in MODULES:
        folder = folder_of(module.package)
        yield (folder / "domain" / "planted.py").as_posix(), "import flask\nimport random"
        yield (folder / "unknown_part.py").as_posix(), "ANSWER = 42"
    for package in parts_of_shared(copy):
        yield a_file(copy / package).relative_to(copy).as_posix(), "invoice_total = 0"


def parts_of_shared(copy: Path) -> list[str]:
    folders = (each for each in sorted((copy / "shared").iterdir()) if each.is_dir())
    return [
        each.relative_to(copy).as_posix() for each in folders if each.name != "contracts" and list(each.glob("*.py"))
    ]


@pytest.fixture(scope="module")
def broken_contracts(copy: Path) -> str:
    """Return what import-linter prints about the copy."""
    program = Path(sys.executable).with_name("lint-imports")
    arguments = ["--no-logo", "--no-cache", "--config", "docs/import-rules.toml"]
    run = subprocess.run([program, *arguments], cwd=copy, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_a_forbidden_import_is_found_once(broken_contracts: str, kind: str) -> None:
    file, imported = FORBIDDEN[kind]
    assert broken_contracts.count(f" {file} -> {imported} (l.") == 1, broken_contracts


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.package)
@pytest.mark.parametrize("import_", ["flask", "random"])
def test_a_domain_of_any_module_imports_only_what_is_listed(
    broken_contracts: str, module: import_rules.Module, import_: str
) -> None:
    expected = f"{module.package}.domain.planted is not allowed to import {import_}"
    assert broken_contracts.count(expected) == 1, broken_contracts


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.package)
def test_a_file_with_an_unknown_name_in_any_module_is_found(broken_contracts: str, module: import_rules.Module) -> None:
    assert broken_contracts.count(f"- {module.package}.unknown_part\n") == 1, broken_contracts


def ruff(copy: Path, rule: str) -> list[str]:
    """Return the files in which ruff finds a rule broken, once for each time."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", rule, "--output-format", "concise"]
    run = subprocess.run([*command, *import_rules.ROOTS], cwd=copy, capture_output=True, text=True, check=False)
    return re.findall(r"^([\w/]+\.py):", run.stdout, re.MULTILINE)


def test_an_import_by_name_and_one_of_tests_are_found(copy: Path) -> None:
    assert sorted(set(ruff(copy, "TID251"))) == sorted(BY_NAME)


def test_the_use_of_a_private_attribute_is_found_once(copy: Path) -> None:
    assert ruff(copy, "SLF001") == ["cli/export.py"]


def test_the_import_of_a_private_name_is_found_once(copy: Path) -> None:
    assert [each.split(":")[0] for each in check_names.private_imports(copy)] == ["cli/trace.py"]


def test_a_word_of_the_business_is_found_in_every_part_of_shared_code(copy: Path) -> None:
    expected = [a_file(copy / each).relative_to(copy).as_posix() for each in parts_of_shared(copy)]
    assert [each.split(":")[0] for each in check_names.business_words(copy)] == expected


def test_no_file_is_without_a_rule() -> None:
    contracts = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    ruled = [each for rule in contracts for each in rule.get("source_modules", rule.get("containers", ()))]
    files = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in import_rules.ROOTS
        for file in (ROOT / folder).rglob("*.py")
    }
    graph = grimp.build_graph(*import_rules.ROOTS)
    assert files - graph.modules == set()
    assert [each for each in sorted(files) if not any(f"{each}.".startswith(f"{rule}.") for rule in ruled)] == []


def test_every_folder_of_a_service_is_a_module_or_part_of_one() -> None:
    packages = {each.package for each in MODULES}
    for service in (each for each in sorted((ROOT / "services").iterdir()) if (each / "__init__.py").exists()):
        parts = {f"services.{service.name}", *(f"services.{service.name}.{each.name}" for each in service.iterdir())}
        assert parts & packages, f"{service.name} has no module"
