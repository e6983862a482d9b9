"""Requests that take effect when a second person makes the same request (four eyes)."""

from shared.domain.errors import FourEyesRequired
from shared.domain.values import value_object


@value_object
class TwoPersonRequest:
    """A person's request that another person must confirm by making it as well."""

    reason: str
    requested_by: str

    def require_other_person(self, by: str, purpose: str) -> None:
        """Require that another person than the requester confirms it. Raises FourEyesRequired."""
        if by == self.requested_by:
            raise FourEyesRequired(f"{purpose} must be confirmed by another person than {by}")
