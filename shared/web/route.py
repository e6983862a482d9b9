"""Route: an address of an app, matched but hardly ever built."""

import re
from collections.abc import Callable
from functools import cache

from flask import Request
from werkzeug.routing import Rule

_VARIABLE = re.compile(r"<(?:[^:<>]+:)?(\w+)>")


class Route(Rule):
    """A route whose functions that build its address are compiled when they are called.

    The library compiles two of them for each route, most of the time and memory that an app takes at its start;
    the suite calls none.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        def build(route: Rule, **values: object) -> tuple[str, str]:
            built: tuple[str, str] = compile_now(append_unknown).__get__(route, None)(**values)
            return built

        return build


def described_route(request: Request) -> str | None:
    """Return method and route of a request, such as `POST /sales-orders/{order_id}/place`; none for an unknown one."""
    rule = request.url_rule
    return f"{request.method} {_as_path(rule.rule)}" if rule else None


@cache
def _as_path(rule: str) -> str:
    return _VARIABLE.sub(r"{\1}", rule)
