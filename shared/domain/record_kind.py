"""Kinds of records of other services that documents may name."""

from dataclasses import dataclass

from shared.domain.errors import NotYetAvailable


class UnknownReference(NotYetAvailable):
    """Raised when a document names a record that no event of its service has brought, even after a short wait.

    While events of the `source` are late, the record may be on its way: then the API answers `NotYetAvailable`.
    """

    def __init__(self, detail: str, *, field: str, source: str) -> None:
        super().__init__(detail, field=field)
        self.source = source


@dataclass(frozen=True)
class RecordKind:
    """A kind of records that documents may name: its name, such as `item`, and the service that publishes them."""

    name: str
    source: str

    def unknown(self, key: object, *, field: str, remedy: str = "") -> UnknownReference:
        """Return the refusal of a record that no event of its service has brought."""
        detail = f"unknown {self.name} {key}: check its spelling, or {remedy or 'register it first'}"
        return UnknownReference(detail, field=field, source=self.source)
