"""`sihe backup` and `sihe restore` as a person runs them, and figures counted from the files of a backup by SQL."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


def sihe(home: Path, *arguments: object, **settings: str) -> tuple[int, str]:
    """Run a command on a home folder; return its exit code and all it printed, in one line."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SIHE_")}
    variables = {**inherited, "SIHE_HOME": str(home), **settings}
    line = [sys.executable, "-m", "cli.main", *map(str, arguments)]
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@dataclass(frozen=True)
class CountedFigures:
    """What the logs of a backup state: orders placed, goods dispatched by item, and what is to be invoiced for them."""

    orders: int
    dispatched: dict[str, Decimal]
    invoiced: Decimal


def count_figures(backup: Path, price: Decimal, freight: Decimal) -> CountedFigures:
    """Count a backup; every line costs the same price, every order the same freight."""
    [[orders]] = rows(backup, "crm", "SELECT count(*) FROM events WHERE type='crm.SalesOrder.Placed'")
    opened = """SELECT state FROM events WHERE type='scm.Shipment.Opened'
        AND aggregate IN (SELECT aggregate FROM events WHERE type='scm.Shipment.Dispatched')"""
    lines = [json.loads(state)["lines"] for (state,) in rows(backup, "scm", opened)]
    dispatched: dict[str, Decimal] = {}
    for line in (line for each in lines for line in each):
        dispatched[line["sku"]] = dispatched.get(line["sku"], Decimal(0)) + Decimal(line["quantity"])
    return CountedFigures(int(orders), dispatched, price * sum(dispatched.values()) + freight * len(lines))


def rows(folder: Path, service: str, query: str) -> list[tuple[int | bytes, ...]]:
    """Return the result of a query on an event store, opened without writing to it."""
    with closing(sqlite3.connect(f"file:{folder / service / 'events.db'}?immutable=1", uri=True)) as db:
        return db.execute(query).fetchall()


def inbox_beyond_its_source(backup: Path) -> list[str]:
    """Return each inbox position that is beyond the newest event of its source in the same backup."""
    heads = {
        name: rows(backup, name, "SELECT max(position) FROM events")[0][0] for name in ("crm", "srm", "scm", "erp")
    }
    return [
        f"{service} has {source} up to {position} of {heads[str(source)]}"
        for service in heads
        for source, position in rows(backup, service, "SELECT source, position FROM inbox_positions")
        if int(position) > int(heads[str(source)] or 0)
    ]
