"""Route: an address of an app, matched but hardly ever built."""

from collections.abc import Callable

from werkzeug.routing import Rule


class Route(Rule):
    """A route whose functions that build its address are compiled when they are called.

    The library compiles two of them for each route, most of the time and memory that an app takes at its start;
    the suite calls none.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        def build(route: Rule, **values: object) -> tuple[str, str]:
            return compile_now(append_unknown).__get__(route, None)(**values)  # type: ignore[no-any-return]

        return build
