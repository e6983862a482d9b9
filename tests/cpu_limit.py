"""A limit on the processor time of a piece of work, which other load on the machine and other tests do not disturb."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cpu_below(seconds: float) -> Iterator[None]:
    """Require that this thread spends less time on the work inside; garbage left by other tests is not collected."""
    gc.disable()
    try:
        began = time.thread_time()
        yield
        assert time.thread_time() - began < seconds
    finally:
        gc.enable()
