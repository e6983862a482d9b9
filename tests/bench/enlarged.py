"""A copy of the code in which every service has ten times as many modules, policies and projections, all empty."""

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.service import Service
from tests.architecture.how_to import copy_source_tree

TIMES = 10

DOMAIN = '''"""Note of {name}."""

from shared.domain import Aggregate, event


class {title}Note(Aggregate):
    """A note that is never taken."""

    @event("Taken")
    def __init__(self, code: str) -> None:
        self.code = code
'''

POLICIES = '''"""Policies of {name}: they read and change nothing."""

from shared.contracts import crm, erp, scm, srm
from shared.policies import Policies

policies = Policies()
'''

POLICY = '''

@policies.when({contract})
def look_at_{number}(event, uow):
    """Look at the event."""
    return ()
'''

PROJECTIONS = '''"""Read models of {name}, which stay empty."""

from shared.projections import Projection, on
from services.{service}.{name}.domain import {title}Note
'''

PROJECTION = '''

class {title}List{number}(Projection):
    """The notes."""

    columns = {{"code": str, "state": str}}

    @on({title}Note.Taken)
    def take(self, event, rows):
        rows[event.originator_id] = {{"code": event.code, "state": "new"}}
'''

MODULE = '''"""{title}: nothing that any event concerns."""

from services.{service}.{name} import projections
from services.{service}.{name}.policies import policies
from shared.module import Module

module = Module({name!r}, policies=policies, projections=({projections}))
'''


def create_enlarged_tree(folder: Path) -> Path:
    """Return a copy of the code to whose services the empty modules were added."""
    tree = copy_source_tree(folder)
    for service in (Crm, Srm, Scm, Erp):
        _enlarge(service, tree / "services" / service.NAME)
    return tree


def _enlarge(service: type[Service], folder: Path) -> None:
    names = [f"empty_{number}" for number in range((TIMES - 1) * len(service.modules))]
    policies, projections = iter(_contracts_per_module(service)), _numbers_per_module(len(service.projections), service)
    for name in names:
        _write_module(folder / name, service.NAME, list(next(policies)), next(projections))
    declaration = folder / "service.py"
    lines = "".join(f"        {name!r},\n" for name in names)
    declaration.write_text(f"{declaration.read_text().rstrip().removesuffix(')').rstrip()}\n{lines}    )\n")


def _contracts_per_module(service: type[Service]) -> Iterator[Iterator[str]]:
    """Yield for each new module the contracts of its policies: those that the service reacts to, in turns."""
    known = [each for each, policies in service.policies.by_contract.items() for _ in policies]
    turn = cycle(f"{each.source()}.{each.__name__}" for each in known)
    for number in _numbers_per_module(len(known), service):
        yield islice(turn, number)


def _numbers_per_module(total: int, service: type[Service]) -> Iterator[int]:
    """Yield shares of `total`, as even as whole numbers can be, for module after module."""
    modules = len(service.modules)
    return (total * (each + 1) // modules - total * each // modules for each in cycle(range(modules)))


def _write_module(folder: Path, service: str, contracts: list[str], projections: int) -> None:
    words = {"service": service, "name": folder.name, "title": folder.name.title().replace("_", "")}
    numbers = range(projections)
    classes = "".join(f"projections.{words['title']}List{number}, " for number in numbers)
    texts = {
        "domain.py": DOMAIN.format(**words),
        "policies.py": POLICIES.format(**words)
        + "".join(POLICY.format(contract=each, number=number) for number, each in enumerate(contracts)),
        "projections.py": PROJECTIONS.format(**words)
        + "".join(PROJECTION.format(**words, number=number) for number in numbers),
        "__init__.py": MODULE.format(**words, projections=classes),
    }
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
