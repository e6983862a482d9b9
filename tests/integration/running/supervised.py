"""A small supervisor for tests: `python -m … FOLDER` supervises a talker, a stubborn process and parents."""

import os
import signal
import sys
import time
from pathlib import Path

from cli.process import Process
from cli.supervisor import Supervisor


def run_forever() -> int:
    while True:
        time.sleep(60)


def run_talker() -> int:
    print(f"talker {os.getpid()}")
    return run_forever()


def run_stubborn() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return run_forever()


def run_parent() -> int:
    if os.fork() == 0:
        print(f"child {os.getpid()}")
    return run_forever()


def run_leaver() -> int:
    if os.fork() == 0:
        os.setsid()  # not ended with the others, and keeps the output open
        print(f"left {os.getpid()}")
    return run_forever()


def main(folder: Path) -> None:
    supervisor = Supervisor(folder, (1.0, 1.0))
    for wave, run in ((0, run_talker), (0, run_parent), (0, run_leaver), (1, run_stubborn)):
        supervisor.add(Process(run.__name__.removeprefix("run_"), run, stop_wave=wave))
    supervisor.run(lambda: supervisor.print_line(f"pids {supervisor.pids()}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
