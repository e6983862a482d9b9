"""`make late`: a real ledger is closed at the end of 1997; late events of 1997 change none of its figures."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.client import Client
from cli.northwind.importer import NorthwindImport
from cli.northwind.tables import NorthwindTables
from services.erp.ledger.domain.accounting_periods import AccountingPeriod
from tests.late.late_events import FIRST_OPEN, LAST_DAY, NEW_YEAR, ApiClient, LateEvents
from tests.running_suite import ADMIN_KEY, RunningSuite

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "northwind"
STOCK = "1400"
MONTHS = [str(AccountingPeriod.from_code(f"1997-{month:02}").ends_on) for month in range(1, 13)]
AS_OF = ("trial-balance", "balance-sheet", "stock-value", "receivables-aging", "payables-aging")
"""Statements as of a day."""


class SilentProgress:
    """Progress of the import that is not shown."""

    def phase(self, name: str, steps: int) -> None: ...

    def step(self) -> None: ...


def figures_of_1997(clerk: ApiClient) -> dict[str, Any]:
    """Return every statement at the end of every month, and every posting."""
    found: dict[str, Any] = {}
    for end in MONTHS:
        for name in AS_OF:
            found[f"{name} {end}"] = clerk.get(f"/erp/{name}", as_of=end)
        since = {"from": str(NEW_YEAR), "to": end}
        found[f"profit-and-loss {end}"] = clerk.get("/erp/profit-and-loss", **since)
        found[f"general-ledger {end}"] = clerk.get("/erp/general-ledger", by="party", **since)
    found["journal"] = list(clerk.get_all("/erp/journal", **{"date[lte]": str(LAST_DAY)}))
    return found


def stock_differs(clerk: ApiClient) -> str | None:
    """Return the difference if the stock value is not the balance of its account."""
    value = _amount(clerk.get("/erp/stock-value")["totals"]["value"])
    (booked,) = (row for row in clerk.get("/erp/trial-balance")["rows"] if row["account"] == STOCK)
    balance = _amount(booked["debit"]) - _amount(booked["credit"])
    return None if value == balance else f"stock is worth {value}, account {STOCK} has {balance}"


def _amount(money: dict[str, Any] | None) -> Decimal:
    return Decimal(money["amount"]) if money else Decimal(0)


def late_postings(clerk: ApiClient) -> list[dict[str, Any]]:
    """Return the postings after the closed year whose own day is in it."""
    after = clerk.get_all("/erp/journal", **{"date[gt]": str(LAST_DAY)})
    return [each for each in after if each["dated"] <= str(LAST_DAY)]


def find_errors(before: dict[str, Any], after: dict[str, Any], late: list[dict[str, Any]]) -> Iterator[str]:
    yield from (f"{name} changed" for name in before if before[name] != after[name])
    yield from (f"{each['id']} stands on {each['date']}" for each in late if each["date"] != FIRST_OPEN)
    yield from (f"{each['id']} has no cause" for each in late if not each["source"]["event"])


def run_checks(suite: RunningSuite, events: int, seed: int, console: Console) -> bool:
    """Import, close, apply late events; return whether all checks passed."""
    began = time.monotonic()
    with Client(suite.url, ADMIN_KEY) as client:
        NorthwindImport(NorthwindTables(DATA), client, SilentProgress()).run()
    clerk = ApiClient(suite)
    second = ApiClient(suite, clerk.create_key("second clerk"))
    assert clerk.post(f"/erp/periods/{MONTHS[-1][:7]}/close"), "1997 could not be closed"
    before, already = figures_of_1997(clerk), late_postings(clerk)
    console.print(f"imported and closed up to {LAST_DAY} in {time.monotonic() - began:.0f} s; seed {seed}")
    news, chance = LateEvents(clerk, second, random.Random(seed)), random.Random(seed)
    counts: Counter[tuple[str, bool]] = Counter()
    found: list[str] = []
    for _ in track(range(events), "late news", console=console):
        counts += _apply_late_event(news, chance)
        found += filter(None, [stock_differs(clerk)])
    late = [each for each in late_postings(clerk) if each not in already]
    found += find_errors(before, figures_of_1997(clerk), late)
    console.print(_table(counts))
    statements = len(before) - 1
    console.print(
        f"{statements} statements and {len(before['journal']):,} postings of 1997 compared; "
        f"{len(late):,} postings on {FIRST_OPEN} with a day of 1997, each with its cause"
    )
    for reason, times in clerk.refusals.most_common(5):
        console.print(f"refused {times} times: {reason}", style="dim")
    for each in found[:20]:
        console.print(f"[bold red]{each}")
    console.print(f"{time.monotonic() - began:.0f} s; " + (f"{len(found)} wrong" if found else "all checks passed"))
    return not found and bool(late)


def _apply_late_event(late_events: LateEvents, chance: random.Random) -> Counter[tuple[str, bool]]:
    """Apply late events until one is accepted; return the counts of accepted and refused ones."""
    counts: Counter[tuple[str, bool]] = Counter()
    while not any(accepted for _, accepted in counts):
        kind = chance.choice(list(late_events.kinds))
        counts[kind, bool(late_events.kinds[kind]())] += 1
    return counts


def _table(counts: Counter[tuple[str, bool]]) -> Table:
    table = Table("event", title="Late events")
    for heading in ("accepted", "refused"):
        table.add_column(heading, justify="right")
    for kind in sorted({kind for kind, _ in counts}):
        table.add_row(kind, str(counts[kind, True]), str(counts[kind, False]))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print("The data of Northwind is not next to the project (../shared/data/northwind): nothing to close.")
        return 0
    with tempfile.TemporaryDirectory(prefix="sihe-late-") as folder, RunningSuite(Path(folder) / "suite") as suite:
        return 0 if run_checks(suite, arguments.events, arguments.seed, Console()) else 1


if __name__ == "__main__":
    sys.exit(main())
