"""Supervisor of the processes of a suite on one machine: starts, restarts and drains them, shows their output.

Every process is forked from this one after all imports: the imports are executed once, and their memory
is shared.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from cli.console import shown_line
from cli.process import Process

LOOP_SECONDS = 0.1


class Supervisor:
    """Runs processes until SIGINT, SIGTERM or `stop`; one that ends is restarted, with increasing delay."""

    def __init__(self, log_folder: Path, drain_seconds: Sequence[float]) -> None:
        self._log_folder = log_folder
        self._drain_seconds = drain_seconds
        self._output_closed = False
        self._processes: list[Process] = []
        self._colours = get_colours()
        self._colour_of: dict[str, str] = {}
        self._printer = Printer(sys.stdout)
        self._selector = selectors.DefaultSelector()
        self._stopping = False

    def add(self, process: Process) -> None:
        """Add a process; it is started in the next iteration of the loop."""
        self._colour_of[process.name] = next(self._colours)
        self._printer.width = max(self._printer.width, len(process.name))
        self._processes.append(process)

    def stop(self) -> None:
        """Drain all processes and end the loop."""
        self._stopping = True

    def pids(self) -> dict[str, int]:
        """Return the process ids of the running processes by name."""
        return {process.name: process.pid for process in self._processes if process.pid}

    def watch(self, handle: int, on_readable: Callable[[], None]) -> None:
        """Call `on_readable` from the loop whenever the file handle can be read."""
        self._selector.register(handle, selectors.EVENT_READ, on_readable)

    def unwatch(self, handle: int) -> None:
        self._selector.unregister(handle)

    def print_line(self, text: str) -> None:
        """Print a line of the suite itself."""
        self._print("sihe", [text], None)

    def run(self, on_turn: Callable[[], None] = lambda: None) -> None:
        """Keep all processes running until stopped, then drain wave by wave; `on_turn` is called every LOOP_SECONDS."""
        with suppress(OSError):  # a full disk costs the logs
            self._log_folder.mkdir(parents=True, exist_ok=True)
        with self._signals():
            while not self._stopping:
                self._start_due()
                self._wait(LOOP_SECONDS)
                self._reap()
                on_turn()
            self.print_line("stopping: running requests are completed first")
            self._drain()
            self.print_line("stopped")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals interrupt the wait of the loop; INT, TERM and HUP end it."""
        wakeup_reader, wakeup_writer = os.pipe()
        os.set_blocking(wakeup_reader, False)
        os.set_blocking(wakeup_writer, False)
        self.watch(wakeup_reader, lambda: _drain_handle(wakeup_reader))
        actions = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), self.stop)
        actions[signal.SIGCHLD] = lambda: None
        previous = {number: signal.signal(number, lambda *_, act=act: act()) for number, act in actions.items()}
        signal.set_wakeup_fd(wakeup_writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, action in previous.items():
                signal.signal(number, action)
            self._selector.close()
            os.close(wakeup_reader)
            os.close(wakeup_writer)

    def _start_due(self) -> None:
        for process in self._processes:
            if not process.pid and not process.seconds_to_start():
                self._start(process)

    def _start(self, process: Process) -> None:
        try:
            process.start(self._log_folder / f"{process.name}.log")
        except OSError as error:
            self.print_line(f"{process.name} not started: {error}; trying again in {process.schedule_restart():.1f} s")
            process.close()
        else:
            self.watch(process.output, partial(self._print_output, process))

    def _wait(self, seconds: float) -> None:
        starts = [process.seconds_to_start() for process in self._processes if not process.pid and not self._stopping]
        for key, _ in self._selector.select(min([seconds, *starts])):
            key.data()

    def _print_output(self, process: Process) -> None:
        handle = process.output
        self._print(process.name, process.lines(), self._colour_of[process.name])
        if process.output < 0:
            self.unwatch(handle)

    def _close_output(self, process: Process) -> None:
        """Show what a process that has ended wrote last; processes that it left behind are not waited for."""
        if process.output >= 0:
            self._print_output(process)
        if process.output >= 0:
            self.unwatch(process.output)
            process.close()

    def _print(self, name: str, lines: Iterator[str] | Sequence[str], colour: str | None) -> None:
        now = datetime.now().astimezone()
        for line in lines:
            shown = shown_line(line)
            if shown is not None and not self._output_closed:
                self._write(Message("line", shown or " ", now, name, colour))

    def _write(self, message: Message) -> None:
        try:
            self._printer.write(message)
        except BrokenPipeError:
            self._output_closed = True  # the log files are complete
        except OSError:
            pass  # it takes nothing for the moment

    def _reap(self) -> None:
        for process in self._processes:
            if process.pid and (ended := process.exit_description()):
                self._close_output(process)
                if not self._stopping:
                    self.print_line(f"{process.name} {ended}; starting it again in {process.schedule_restart():.1f} s")

    def _drain(self) -> None:
        for wave, seconds in enumerate(self._drain_seconds):
            leaving = [process for process in self._processes if process.stop_wave == wave]
            for number in (signal.SIGTERM, signal.SIGKILL):
                for process in leaving:
                    process.signal(number)
                self._wait_for(leaving, seconds)

    def _wait_for(self, processes: Sequence[Process], seconds: float) -> None:
        until = time.monotonic() + seconds
        while any(process.pid for process in processes) and time.monotonic() < until:
            self._wait(until - time.monotonic())
            self._reap()


def _drain_handle(handle: int) -> None:
    with suppress(BlockingIOError):
        os.read(handle, 4096)
