"""A small supervisor for tests: `python -m … FOLDER` keeps a talker, a stubborn one and a parent alive."""

import os
import signal
import sys
import time
from pathlib import Path

from cli.process import Process
from cli.supervise import Supervisor


def forever() -> int:
    while True:
        time.sleep(60)


def talker() -> int:
    print(f"talker {os.getpid()}")
    return forever()


def stubborn() -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return forever()


def parent() -> int:
    if os.fork() == 0:
        print(f"child {os.getpid()}")
    return forever()


def main(folder: Path) -> None:
    supervisor = Supervisor(folder, (1.0, 1.0))
    for wave, run in ((0, talker), (0, parent), (1, stubborn)):
        supervisor.add(Process(run.__name__, run, wave=wave))
    supervisor.loop(lambda: supervisor.say(f"pids {supervisor.pids()}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
