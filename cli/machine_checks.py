"""Checks of this machine for `sihe doctor`: settings, versions, disk, port, files of keys, backup."""

import os
import platform
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from cli.findings import Finding, ok, warning, wrong
from cli.suite_settings import suite_problems
from shared.backup_record import newest_backup
from shared.bus.broker_config import ServerBinaryMissing, server_binary
from shared.config import unknown_settings
from shared.ports import LOOPBACK

MIN_FREE_BYTES, FEW_FREE_BYTES, FEW_FREE_PARTS = 100 << 20, 10 << 30, 0.2
OLD_BACKUP = timedelta(hours=26)
OTHERS = 0o077
PUBLIC_KEYS = "jwks.json"


def settings_findings(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Judge all settings as `sihe up` does."""
    problems, unknown = suite_problems(variables), unknown_settings(variables)
    yield from (wrong("settings", each) for each in problems)
    yield from (warning("settings", each) for each in unknown.values())
    if not problems:
        given = sum(each.startswith("SIHE_") for each in variables) - len(unknown)
        yield ok("settings", f"{given} given, all valid")


def version_findings() -> Iterator[Finding]:
    """State the versions that count."""
    yield ok("versions", f"Sihe {version('sihe')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    try:
        done = subprocess.run([server_binary(), "--version"], capture_output=True, text=True, check=True, timeout=10)
        yield ok("versions", done.stdout.strip())
    except (ServerBinaryMissing, OSError, subprocess.SubprocessError) as error:
        yield wrong("versions", f"nats-server cannot be started: {error}")


def disk_finding(home: Path) -> Finding:
    """Judge the free space of the disk with the home folder, or where it will be."""
    folder = next(each for each in (home, *home.parents) if each.is_dir())
    disk = shutil.disk_usage(folder)
    text = f"{disk.free / (1 << 30):.1f} GiB free of {disk.total / (1 << 30):.1f} GiB at {folder}"
    if disk.free < MIN_FREE_BYTES:
        return wrong("disk", f"{text}: free space, the suite stops storing before the disk is full")
    if disk.free < FEW_FREE_BYTES and disk.free < FEW_FREE_PARTS * disk.total:
        return warning("disk", f"{text}: free space soon")
    return ok("disk", text)


def port_finding(port: int) -> Finding:
    """Judge whether a suite could open the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return wrong("port", f"port {port} is used by another program: stop it, or choose another SIHE_PORT")
    return ok("port", f"port {port} is free")


def key_file_findings(home: Path) -> Iterator[Finding]:
    """Judge that the files of keys are readable by their owner only."""
    candidates = home / "admin.key", *sorted((home / "keys").glob("*"))
    files = [each for each in candidates if each.is_file() and each.name != PUBLIC_KEYS]
    readable = [each for each in files if each.stat().st_mode & OTHERS]
    for each in readable:
        yield wrong("keys", f"{each} can be read by other users: chmod 600 {each}")
    if files and not readable:
        yield ok("keys", f"{len(files)} files, readable by their owner only")
    foreign = [each for each in files if each.stat().st_uid != os.getuid()]
    if foreign:
        yield warning("keys", f"{len(foreign)} files belong to another user: run the suite as one user")


def backup_finding(home: Path) -> Finding:
    """Judge the age of the newest backup that the home knows of."""
    newest = newest_backup(home)
    if newest is None:
        return warning("backup", f"no backup of {home} is known: see Backup in docs/operations.md")
    age = datetime.now(UTC) - newest.taken_at
    text = f"the newest backup is {age.total_seconds() / 3600:.1f} hours old"
    return ok("backup", text) if age < OLD_BACKUP else warning("backup", f"{text}: take one")
