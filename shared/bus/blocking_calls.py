"""Execution of blocking work: in the event loop where it is short (SQLite), else in a thread."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class BlockingCallRunner(Protocol):
    """How async code runs a blocking function: `await run(function, …)` returns its result or raises its error."""

    def __call__(self, function: Callable[..., T], *arguments: Any) -> Awaitable[T]: ...


async def run_inline(function: Callable[..., T], *arguments: Any) -> T:
    """Run the function in the event loop, which waits meanwhile."""
    return function(*arguments)


async def run_in_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Run the function in a thread; a cancelled caller waits until the function has ended."""
    working = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
