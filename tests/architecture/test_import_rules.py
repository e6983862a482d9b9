"""Import rules: every violation that is planted in a copy of the code is found once, and no file is without a rule."""

import os
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
DOMAINS = [each for each in MODULES if "domain" in each.parts]


def a_file(folder: Path) -> Path:
    """Return the first file with code in a folder."""
    return next(each for each in sorted(folder.rglob("*.py")) if each.name != "__init__.py")


def folder_of(package: str) -> Path:
    return Path(*package.split("."))


LINT_IMPORTS = f"""
import sys
from importlinter.cli import lint_imports_command

sys.path[:] = ["", *(each for each in sys.path if each not in ("", {str(ROOT)!r}))]
lint_imports_command()
"""
"""Runs import-linter on the copy alone: the tests' own environment has the original on its path, too."""

# The planted file and what it imports; nothing imports the file itself, so that each violation is found separately.
FORBIDDEN = {
    "a service in another service": (
        "services.scm.items.projections.planted",
        "services.erp.payables.published",
    ),
    "a service in the gateway": ("gateway.planted", "services.scm.main"),
    "a service in shared code": ("shared.planted", "services.srm.suppliers.published"),
    "a service in the command line": ("cli.planted", "services.crm.main"),
    "the gateway in a service": ("services.erp.ledger.projections.planted", "gateway.limits"),
    "the harness in product code": ("cli.planted_harness", "shared.testing.web"),
    "apispec outside the package of API documents": ("gateway.planted_document", "apispec"),
    "a domain in an api": ("services.erp.ledger.api.planted", "services.erp.ledger.domain.books"),
    "an upper part of a module in a lower one": (
        "services.erp.payables.projections.planted",
        "services.erp.payables.commands",
    ),
    "the whole service in a module": ("services.erp.receivables.projections.planted", "services.erp.main"),
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
        yield (folder / "unknown_part.py").as_posix(), "ANSWER = 42"
        yield planted_reach(module), f"import {closed_to(module)}"
    for module in DOMAINS:
        yield (folder_of(module.package) / "domain" / "planted.py").as_posix(), "import flask\nimport random"
    for package in parts_of_shared(copy):
        yield a_file(copy / package).relative_to(copy).as_posix(), "invoice_total = 0"


def planted_reach(module: import_rules.Module) -> str:
    """Return the file of a module in which another module's code is used: a new one, or the api of a small module."""
    folder = folder_of(module.package)
    parts = [each for each in ("domain", "projections") if (ROOT / folder / each).is_dir()]
    return (folder / parts[0] / "planted_reach.py" if parts else folder / "api.py").as_posix()


def closed_to(module: import_rules.Module) -> str:
    """Return code that the module must not use: a private part of a lower module, or the next upper module."""
    own = [each for each in MODULES if each.service == module.service]
    place = own.index(module)
    closed = [name for lower in own[:place] for name in import_rules.closed_to(module, lower)]
    return closed[-1] if closed else f"{own[place + 1].package}.{own[place + 1].parts[-1]}"


def parts_of_shared(copy: Path) -> list[str]:
    folders = (each for each in sorted((copy / "shared").iterdir()) if each.is_dir())
    return [
        each.relative_to(copy).as_posix() for each in folders if each.name != "contracts" and list(each.glob("*.py"))
    ]


@pytest.fixture(scope="module")
def broken_contracts(copy: Path) -> str:
    """Return the output of import-linter for the copy."""
    arguments = ["--no-logo", "--no-cache", "--config", "docs/import-rules.toml"]
    wide = {**os.environ, "COLUMNS": "400"}
    command = [sys.executable, "-c", LINT_IMPORTS, *arguments]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, env=wide)
    assert run.returncode == 1, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_a_forbidden_import_is_found_once(broken_contracts: str, kind: str) -> None:
    file, imported = FORBIDDEN[kind]
    assert broken_contracts.count(f" {file} -> {imported} (l.") == 1, broken_contracts


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.package)
def test_the_use_of_another_modules_private_code_is_found_once_in_any_module(
    broken_contracts: str, module: import_rules.Module
) -> None:
    file = planted_reach(module).removesuffix(".py").replace("/", ".")
    assert broken_contracts.count(f" {file} -> {closed_to(module)} (l.") == 1, broken_contracts


@pytest.mark.parametrize("module", DOMAINS, ids=lambda each: each.package)
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


def test_every_folder_of_a_service_is_a_module_that_its_service_lists() -> None:
    folders = {each.parent for each in (ROOT / "services").glob("*/*/__init__.py")}
    assert {".".join(each.relative_to(ROOT).parts) for each in folders} == {each.package for each in MODULES}
