"""Where blocking work is done: in the loop itself where it takes a moment (SQLite), else in a thread."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Run(Protocol):
    """`await run(function, …)`: the function's answer or its error, wherever it was run."""

    def __call__(self, function: Callable[..., T], *given: Any) -> Awaitable[T]: ...


async def inline(function: Callable[..., T], *given: Any) -> T:
    """Here and now: nothing else happens in the loop meanwhile."""
    return function(*given)


async def in_thread(function: Callable[..., T], *given: Any) -> T:
    """In a thread; if the caller is cancelled, the function still ends before the caller does."""
    working = asyncio.ensure_future(asyncio.to_thread(function, *given))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
