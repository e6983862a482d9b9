"""Commands and queries of the general ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from services.erp.entities.domain.chart_of_accounts import Chart, chart_of
from services.erp.ledger.domain.accounting_periods import AccountingPeriod, AccountingPeriods
from services.erp.ledger.domain.books import open_periods
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, NotReversible, Posting
from services.erp.parties.commands import Parties
from shared.commands import Commands
from shared.domain import require_not_before
from shared.fields import EffectiveDate, LongText


@dataclass(frozen=True, kw_only=True)
class ReopenPeriod:
    """Request to reopen a closed accounting period, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class WriteOffReason:
    """Request to write off what is open of a document, or to reverse that, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class Ledger(Commands):
    """Commands on the ledger: post entries by hand and reverse them, close and reopen accounting periods."""

    parties: Parties

    def post_by_hand(
        self, kind: EntryKind, posted_on: date, postings: Sequence[Posting], text: str | None
    ) -> JournalEntry:
        """Post an entry that a person writes. Raises UnknownReference, InvalidInput, Unbalanced or PeriodClosedError.

        A party that a posting names is known and of the kind by which its account is kept.
        """
        entry = JournalEntry.post(kind, uuid4(), posted_on, postings, text=text)
        self._require_parties(postings)
        self.require_open(posted_on, "posted_on")
        return self.uow.save(entry)

    def get_reversible(self, entry_id: UUID) -> JournalEntry:
        """Return an entry that a person wrote and that is not reversed. Raises NotFound or NotReversible."""
        entry = self.uow.get(JournalEntry, entry_id)
        if not entry.is_manual:
            raise NotReversible(f"{entry.known_as} belongs to a document: reverse the document instead")
        if self.uow.get_or_none(JournalEntry, entry.reversal_id):
            raise NotReversible(f"{entry.known_as} is already reversed")
        return entry

    def reverse_by_hand(self, entry: JournalEntry, on: date, reason: str) -> JournalEntry:
        """Reverse an entry as of a day. Raises DatedBefore or PeriodClosedError."""
        self.uow.join_correlation(entry)
        self.require_open(on, "effective_on")
        return self.uow.save(entry.reversal(on, reason))

    def day_of_change(self, *dated_on: date) -> date:
        """Return the day of a change as given, else today, or the latest day of the changed documents if later."""
        return self.uow.date_by_default(max(*dated_on, self.current_date))

    def reversal_day(self, original: date) -> date:
        """Return the day of the command that reverses something: as given, else the original day, if that is open.

        Else it is today, or the first open day after it.
        """
        periods = open_periods(self.uow)
        is_open = periods.posting_day(original) == original
        return self.uow.date_by_default(original if is_open else periods.posting_day(self.current_date))

    def _require_parties(self, postings: Sequence[Posting]) -> None:
        chart = self.get_chart()
        for index, each in enumerate(postings):
            account = chart.get_or_none(each.account)
            if each.party is not None and account is not None and account.party is not None:
                self.parties.require_party(
                    account.party,
                    f"account {account.code}",
                    each.party,
                    field=f"lines/{index}/party",
                    remedy=f"give a {account.party}, or another account",
                )

    def get_chart(self) -> Chart:
        """Return the chart of accounts."""
        return chart_of(self.uow)

    @property
    def write_off_limit(self) -> Decimal:
        """Largest open amount of a document that may be written off, in its own currency."""
        limit: Decimal = self.settings.write_off_limit
        return limit

    def get_periods(self) -> AccountingPeriods | None:
        """Return the accounting periods; none before the first posting or close."""
        return self.uow.get_or_none(AccountingPeriods, AccountingPeriods.create_id())

    def require_open(self, on: date, field: str, posted_on: date | None = None) -> None:
        """Require that a person may post on this day: its period is open, or `posted_on` is the first open day.

        Raises PeriodClosedError, or InvalidInput if `posted_on` is another day.
        """
        open_periods(self.uow).require_open(on, field, posted_on)

    def close_period(self, code: str) -> AccountingPeriods:
        """Close a period and those before it. Raises PeriodNotOver, DatedBefore, or WrongStatus if it is closed."""
        self.uow.new_correlation()
        periods, period = open_periods(self.uow), AccountingPeriod.from_code(code)
        periods.close(period, self.current_date)
        self._require_dated_after(period)
        return self.uow.save(periods)

    def require_closable(self, code: str) -> None:
        """Require that a period is over and open. Raises NotFound, PeriodNotOver, or WrongStatus if it is closed."""
        open_periods(self.uow).require_closable(AccountingPeriod.from_code(code), self.current_date)

    def close_period_in_spite_of(self, code: str, failed_checks: tuple[str, ...], reason: str) -> AccountingPeriods:
        """Request to close a period whose checks failed; a second person's request closes it.

        Raises FourEyesRequired, PeriodNotOver, DatedBefore, or WrongStatus if it is closed.
        """
        self.uow.new_correlation()
        periods, period = open_periods(self.uow), AccountingPeriod.from_code(code)
        periods.close_in_spite_of(period, self.current_date, failed_checks, reason, self.actor)
        self._require_dated_after(period)
        return self.uow.save(periods)

    def reopen_period(self, code: str, reason: str) -> AccountingPeriods:
        """Request a reopening; a second person's request reopens it.

        Raises FourEyesRequired, DatedBefore or WrongStatus.
        """
        self.uow.new_correlation()
        periods, period = open_periods(self.uow), AccountingPeriod.from_code(code)
        periods.reopen(period, reason, self.actor)
        self._require_dated_after(period)
        return self.uow.save(periods)

    def _require_dated_after(self, period: AccountingPeriod) -> None:
        """Require that what is decided on a whole period is not dated within or before it."""
        require_not_before(self.effective_on, period.ends_on, f"the end of {period.code}", field="effective_on")
