"""Translation of the errors of a database driver into those of the store."""

from collections.abc import Callable
from typing import Any


class TranslatedErrors:
    """Context that replaces each error of a driver by the error that `translate` returns for it."""

    def __init__(self, driver_error: type[Exception], translate: Callable[[Any], Exception]) -> None:
        self._driver_error, self._translate = driver_error, translate

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, self._driver_error):
            raise self._translate(error) from error
