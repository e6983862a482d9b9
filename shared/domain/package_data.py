"""Values that a package brings with it as data."""

import tomllib
from importlib.resources import files
from typing import TypeVar

import msgspec

T = TypeVar("T")


def read_package_data(package: str, file: str, value_type: type[T]) -> T:
    """Return the value of this type from a TOML file in the folder of a package. Raises msgspec.ValidationError."""
    return msgspec.convert(tomllib.loads(files(package).joinpath(file).read_text(encoding="utf-8")), value_type)
