"""Mappings whose latest changes can be undone, at a cost that does not grow with what they contain."""

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()


class UndoableDict(dict[K, V]):
    """A dict that remembers its changes by item; only these two ways of changing it are used."""

    def __init__(self) -> None:
        super().__init__()
        self._before: list[tuple[K, V]] = []

    def __setitem__(self, key: K, value: V) -> None:
        self._before.append((key, self.get(key, _ABSENT)))
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._before.append((key, self[key]))
        super().__delitem__(key)

    @property
    def changes(self) -> int:
        """The number of changes so far."""
        return len(self._before)

    def undo_after(self, count: int) -> None:
        """Undo the changes after the first `count`."""
        while len(self._before) > count:
            key, value = self._before.pop()
            if value is _ABSENT:
                super().__delitem__(key)
            else:
                super().__setitem__(key, value)
