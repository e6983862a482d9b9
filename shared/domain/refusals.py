"""How the business says no."""


class Refused(Exception):
    """A rule of the business said no. Subclasses are named after the broken rule.

    `field` points at the input that is to blame, where one is; `code` is stable for programs.
    """

    field: str | None = None

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field or self.field

    @property
    def code(self) -> str:
        name = type(self).__name__
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class NotFound(Exception):
    """Nobody knows this id."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind, self.key = kind, key


class WrongStatus(Refused):
    """The thing is not in a state that allows this."""


class InvalidInput(Refused):
    """A value that the caller gave cannot be meant. Always names its `field`."""


class AlreadyTaken(Refused):
    """Another one has this code or number."""


class NeedsAnother(Refused):
    """Somebody else has to do this: nobody agrees to what he asked for himself."""


class NotYours(Refused):
    """Whoever sees only what is his may not touch this, whether it exists or not."""


class NotYetKnown(Refused):
    """Another service has said it, but the news has not arrived here; asking again soon will do."""
