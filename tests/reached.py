"""Which modules a function reaches through the names that it and the functions of the tests use."""

import inspect
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType
from typing import Any

OWN = ("tests.", "shared.testing")
"""Modules whose functions and classes are followed; product code is not."""


def modules_reached(function: Any) -> frozenset[str]:
    """Return the names of all modules that a function uses itself or through functions and classes of the tests."""
    found: set[str] = set()
    seen: list[Any] = []
    waiting = [function]
    while waiting:
        each = waiting.pop()
        if any(each is known for known in seen):
            continue
        seen.append(each)
        for value in _values_used(each):
            module = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
            found.add(str(module))
            if str(module).startswith(OWN) and (inspect.isclass(value) or callable(value)):
                waiting.append(value)
    return frozenset(found)


def _values_used(value: Any) -> Iterator[Any]:
    """Yield the outer values of the names used in a function or in the methods of a class."""
    for function in _functions(value):
        names = {name for code in _codes(function.__code__) for name in code.co_names}
        yield from (function.__globals__[name] for name in names if name in function.__globals__)
        yield from (cell.cell_contents for cell in function.__closure__ or () if cell != CellType())


def _functions(value: Any) -> Iterator[FunctionType]:
    if inspect.isclass(value):
        members = (getattr(each, "__func__", getattr(each, "fget", each)) for each in vars(value).values())
    else:
        members = iter([getattr(getattr(value, "hypothesis", None), "inner_test", value)])
    for member in members:
        if inspect.isfunction(found := inspect.unwrap(getattr(member, "__func__", member))):
            yield found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
