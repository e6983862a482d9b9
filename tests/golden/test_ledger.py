"""The general ledger, as another system's published test has it."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.erp.ledger.domain.manual_entry import ManualEntryLine
from services.erp.ledger.projections.general_ledger import general_ledger_between
from services.erp.ledger.projections.turnovers import Turnovers
from services.erp.service import Erp
from services.erp.settlement.commands.manual_entries import PostManualEntry
from shared.money import Money
from shared.testing.services import deliver, open_service
from tests.golden.cases import Case, load_case
from tests.unit.erp.examples import a_customer

ACCOUNTS = {"revenue": "4000", "receivable": "1200", "cash": "1000"}
PARTY = uuid4()


def manual_entry(entry: Case) -> PostManualEntry:
    """`revenue_credit: "10"` as a line; the party stands on receivables."""
    lines = []
    for name, amount in entry.items():
        whose, _, side = name.partition("_")
        if side:
            party = PARTY if whose == "receivable" else None
            lines.append(ManualEntryLine(account=ACCOUNTS[whose], party=party, **{side: Money(amount, "USD")}))
    return PostManualEntry(posted_on=date(2026, entry["period"], 15), text="as published", lines=tuple(lines))


def ledger(service: Erp, since: date | None = None, until: date | None = None) -> dict[str, dict[str, Any]]:
    """By account, and by party as `1200/P`."""
    posted, chart = service.reader_for(Turnovers), service.ledger.get_chart()
    accounts, parties = (
        general_ledger_between(posted, chart, since, until, "USD", parties=parties)["rows"] for parties in (False, True)
    )
    return {row["account"]: row for row in accounts} | {f"{row['account']}/P": row for row in parties}


def shown(row: dict[str, Any], *names: str) -> Case:
    return {name: row[name] if name == "lines" else str(row[name].amount) for name in names}


def test_start_movement_and_end_by_account_and_party(tmp_path: Path):
    case = load_case("gl-04")
    service = open_service(Erp, tmp_path)
    deliver(service, a_customer(customer_id=PARTY))
    for entry in case["input"]["entries"]:
        service.settlement.post_manual_entry(manual_entry(entry))
    while service.read_models.process_batch():
        pass
    expected = case["expected"]
    year, first, later = ledger(service), ledger(service, None, date(2026, 3, 31)), ledger(service, date(2026, 5, 1))
    assert str(year["4000"]["end"].amount) == expected["whole_year"]["revenue_end"]
    assert shown(year["1200/P"], "debit", "credit", "end", "lines") == expected["whole_year"]["receivable_P"]
    assert shown(first["1200/P"], "end", "lines") == expected["periods_1_to_3"]["receivable_P"]
    assert shown(later["4000"], "start", "movement", "end", "lines") == expected["from_period_5"]["revenue"]
