"""A client of the API of SCM."""

from typing import Any

from shared.testing.web import ApiCaller

CHAI = {"sku": "CHAI", "name": "Chai", "unit": "box"}


class CheckedCaller(ApiCaller):
    """Returns the body of each reply, whose status must be the expected one."""

    def get(self, path: str, status: int = 200) -> Any:
        return self._body(super().get(path), status)

    def post(self, path: str, body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> Any:
        return self._body(super().post(path, body or {}, **(headers or {})), status)

    def patch(self, path: str, body: Any, version: int | None, status: int = 200) -> Any:
        return self._body(super().patch(path, body, version), status)

    @staticmethod
    def _body(reply: Any, status: int) -> Any:
        assert reply.status_code == status, reply.json
        return reply.json


def problem_fields(problem: dict[str, Any]) -> set[str]:
    """Return the pointers of the fields that a refusal names."""
    return {each["pointer"] for each in problem["errors"]}
