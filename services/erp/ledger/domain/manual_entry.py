"""Manual journal entries and opening balances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import Account, AccountKind, AccountRole, Chart
from services.erp.ledger.domain.journal_entry import Posting, UnknownAccount, credit, debit
from shared.domain import InvalidInput
from shared.fields import Date, Id, Lookup, Text, limits
from shared.money import Money

AccountCode: TypeAlias = Annotated[Text, limits(max=20), Lookup("erp.accounts", "code")]


@dataclass(frozen=True, kw_only=True)
class LineDocument:
    """The document of the party that a line is about: an invoice of former books, for example."""

    document_number: Annotated[Text, limits(max=40)] | None = None
    document_on: Date | None = None
    due_on: Date | None = None


@dataclass(frozen=True, kw_only=True)
class LineAccount:
    """Account of a line, and the party on it."""

    account: AccountCode
    party: Id | None = None


@dataclass(frozen=True, kw_only=True)
class LineSides:
    """Sides of a line, of which one has an amount."""

    debit: Money | None = None
    credit: Money | None = None


@dataclass(frozen=True, kw_only=True)
class LineBalance:
    """Balance of a line; positive on the normal side of the account."""

    amount: Annotated[Money, limits(negative=True)]


@dataclass(frozen=True, kw_only=True)
class ManualEntryLine(LineDocument, LineSides, LineAccount):
    """One line of a manual entry: a debit or a credit. The fields of the last base are the first."""


@dataclass(frozen=True, kw_only=True)
class OpeningBalanceLine(LineDocument, LineBalance, LineAccount):
    """Opening balance of an account, or of a party on it; positive on the normal side of the account."""


def manual_postings(lines: Sequence[ManualEntryLine], chart: Chart) -> tuple[Posting, ...]:
    """Return the lines as postings. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_manual_posting(line, chart, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(postings, ["debit" if each.debit else "credit" for each in lines])
    if len(postings) < 2:
        raise InvalidInput("at least two lines are required", field="lines")
    return postings


def opening_postings(lines: Sequence[OpeningBalanceLine], chart: Chart) -> tuple[Posting, ...]:
    """Return the balances as postings against opening balances. Raises InvalidInput or UnknownAccount."""
    postings = tuple(_opening_posting(line, chart, f"lines/{place}") for place, line in enumerate(lines))
    _require_one_currency(postings, ["amount"] * len(lines))
    balance = Money.sum(each.debit - each.credit for each in postings)
    role = AccountRole.OPENING_BALANCES
    return (*postings, credit(chart.account_for(role).code, balance, role=role))


def _manual_posting(line: ManualEntryLine, chart: Chart, field: str) -> Posting:
    account = _get_allowed(line, chart, field)
    amounts = [*filter(None, (line.debit, line.credit))]
    if len(amounts) != 1:
        raise InvalidInput("exactly one of debit and credit must be non-zero", field=field)
    return (debit if line.debit else credit)(account.code, amounts[0], line.party, chart.role_of(account.code))


def _opening_posting(line: OpeningBalanceLine, chart: Chart, field: str) -> Posting:
    account = _get_allowed(line, chart, field)
    if not line.amount:
        raise InvalidInput("an opening balance must not be zero", field=f"{field}/amount")
    stands_in_debit = account.kind in (AccountKind.ASSET, AccountKind.EXPENSE)
    return (debit if stands_in_debit else credit)(account.code, line.amount, line.party, chart.role_of(account.code))


def _get_allowed(line: LineAccount, chart: Chart, field: str) -> Account:
    """Return the account if a manual entry may name it and its party. Raises UnknownAccount or InvalidInput."""
    account = chart.get_or_none(line.account)
    if account is None:
        raise UnknownAccount(f"unknown account {line.account}", field=f"{field}/account")
    if not account.is_manual:
        detail = f"account {account.code} takes no manual entries: record opening stock, a receipt or a count in SCM"
        raise InvalidInput(detail, field=f"{field}/account")
    _require_party(account, line.party, f"{field}/party")
    return account


def _require_party(account: Account, party: UUID | None, field: str) -> None:
    """Require the party of a line where the account is kept by party, and only there. Raises InvalidInput."""
    if (account.party is None) != (party is None):
        takes = "requires a party" if party is None else "takes no party"
        raise InvalidInput(f"account {account.code} {takes}", field=field)


def _require_one_currency(postings: Sequence[Posting], fields: Sequence[str]) -> None:
    """Require one currency for all lines. Raises InvalidInput, naming the first other amount."""
    for place, (each, field) in enumerate(zip(postings, fields, strict=True)):
        currency = postings[0].debit.currency
        if each.debit.currency != currency:
            detail = f"all lines must be in one currency, {currency} as the first line"
            raise InvalidInput(detail, field=f"lines/{place}/{field}")
