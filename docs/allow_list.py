"""A kind of import rule: what a set of modules may import, and nothing else."""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowListContract(Contract):
    """Modules below `source_modules` import directly only what is at or below one of `allowed_modules`."""

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed_modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return every direct import that is not allowed."""
        found = [
            (importer, imported)
            for importer in sorted(each for each in graph.modules if _is_below(each, self.source_modules))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not _is_below(imported, self.allowed_modules)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import."""
        for importer, imported in check.metadata["found"]:
            output.print_error(f"{importer} is not allowed to import {imported}", bold=True)


def _is_below(module: str, packages: Any) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)
