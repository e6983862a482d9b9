"""The glossary has one row per term, with a Chinese term, and covers the API and the aggregates."""

import re
from pathlib import Path

import pytest

from docs.generate import read_everything
from gateway.routes import ROUTES
from shared.config import SERVICES
from shared.domain import TYPES_BY_NAME, Aggregate
from tests.architecture.how_to import ROOT

ROW = re.compile(r"^\| (?!term \|)([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TERMS = re.compile(r"^\| term \| 中文 \| meaning \|\n(?:\|.*\n)+", re.MULTILINE)
BUSINESS_NAMESPACES = (*SERVICES, "gateway", "shared")


def rows() -> list[tuple[str, ...]]:
    """Return the rows of the glossary and of the term tables in the READMEs of modules."""
    pages = [ROOT / "docs/glossary.md", *sorted((ROOT / "services").glob("*/*/README.md"))]
    return [row for page in pages for table in terms_of(page) for row in ROW.findall(table)]


def terms_of(page: Path) -> list[str]:
    """Return the tables of a page with the columns term, 中文 and meaning."""
    return TERMS.findall(page.read_text(encoding="utf-8"))


def explained_names() -> set[str]:
    """Return all terms in singular and plural, and the API's own names in brackets."""
    terms = {re.sub(r" \(.*\)", "", term).lower() for term, *_ in rows()}
    names = {name for term, *_ in rows() for name in re.findall(r"`([^`]+)`", term)}
    return terms | names | {re.sub("ys$", "ies", f"{term}s") for term in terms}


def collections() -> list[str]:
    """Return the collections of the API: the second segment of each path, unless it is variable."""
    segments = {route.path.split("/")[1] for route in ROUTES.values() if "/" in route.path}
    return sorted(each for each in segments if not each.startswith("{"))


def aggregate_classes() -> list[str]:
    read_everything()
    kinds = {name: kind.__name__ for name, kind in TYPES_BY_NAME.items() if issubclass(kind, Aggregate)}
    return sorted({kind for name, kind in kinds.items() if name.split(".")[0] in BUSINESS_NAMESPACES})


@pytest.mark.parametrize("collection", collections())
def test_the_glossary_explains_every_collection_of_the_api(collection: str) -> None:
    name = collection.replace("-", " ")
    assert name in explained_names(), f"add a row for '{name}' or its singular to docs/glossary.md"


@pytest.mark.parametrize("kind", aggregate_classes())
def test_the_glossary_explains_every_aggregate(kind: str) -> None:
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", kind).lower()
    assert name in explained_names(), f"add a row for '{name}' to docs/glossary.md"


@pytest.mark.case("D4")
def test_every_row_of_the_glossary_has_three_columns() -> None:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    tables = [line for line in lines if line.startswith("|") and not line.startswith(("| term |", "|---"))]
    assert [line for line in tables if not ROW.fullmatch(line)] == []


def test_the_glossary_explains_every_term_once() -> None:
    terms = [re.sub(r" \(`.*\)", "", term) for term, *_ in rows()]
    assert [each for each in terms if terms.count(each) > 1] == []


@pytest.mark.case("D4")
def test_no_person_in_the_glossary_has_a_gender() -> None:
    gendered = re.compile(r"\b(?:s?he|h(?:er|i[sm])s?)(?:self)?\b", re.IGNORECASE)
    assert [meaning for *_, meaning in rows() if gendered.search(meaning)] == []


@pytest.mark.case("D4")
def test_the_glossary_translates_every_term_differently() -> None:
    translations = [chinese for _, chinese, _ in rows()]
    assert [each for each in translations if not re.search("[\u4e00-\u9fff]", each)] == []
    assert [each for each in translations if translations.count(each) > 1] == []
