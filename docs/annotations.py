"""Names of Python types as the generated pages print them."""

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin


def type_name(kind: Any) -> str:
    """Return the short name of a type: `list of Part`, `Money or none`."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(type_name(each) for each in inner if each is not NoneType) + " or none"
    if origin is tuple:
        return f"list of {type_name(inner[0])}"
    return str(getattr(kind, "__name__", kind))
