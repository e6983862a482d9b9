"""Books: what posting rules use to post the journal entries of documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

from services.erp.entities.domain.chart_of_accounts import AccountRole, Chart, chart_of
from services.erp.entities.domain.legal_entity import LegalEntity
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from services.erp.ledger.domain.journal_entry import EntryKind, JournalEntry, Posting, UnknownAccount, credit, debit
from shared.domain import MAIN_ENTITY, NotFound, UnitOfWork, value_object
from shared.money import Money

JournalEntries = Iterator[JournalEntry]


@value_object
class Books:
    """The books of an entity, open for posting: its chart of accounts and its accounting periods."""

    chart: Chart
    periods: AccountingPeriods

    @property
    def entity(self) -> str:
        return self.chart.entity

    def debit(self, role: AccountRole, amount: Money, party: UUID | None = None) -> Posting:
        """Return a debit to the account of a role; a negative amount becomes a credit. Raises RoleUnmapped."""
        return debit(self.chart.account_for(role).code, amount, party, role)

    def credit(self, role: AccountRole, amount: Money, party: UUID | None = None) -> Posting:
        """Return a credit to the account of a role; a negative amount becomes a debit. Raises RoleUnmapped."""
        return credit(self.chart.account_for(role).code, amount, party, role)

    def posting_day(self, on: date) -> date:
        """Return the posting day of a document dated `on`; closing its period at the same time is a conflict."""
        return self.periods.posting_day(on)

    def post(
        self, kind: EntryKind, document: UUID, dated: date, postings: Iterable[Posting], number: str | None = None
    ) -> JournalEntries:
        """Yield the entry, unless all its postings are zero; `number` is that of the document, as people know it.

        Raises Unbalanced or UnknownAccount.
        """
        nonzero = [each for each in postings if each.debit or each.credit]
        if nonzero:
            self._require_known(nonzero)
            day = self.posting_day(dated)
            yield JournalEntry.post(kind, document, dated, nonzero, day, None, self.entity, number)

    def post_per_date(self, kind: EntryKind, cause: UUID, sides: Iterable[tuple[date, Posting]]) -> JournalEntries:
        """Yield one journal entry per date, from dated postings of one cause, in order of dates."""
        days = defaultdict(list)
        for on, side in sides:
            days[on].append(side)
        for on, postings in sorted(days.items()):
            yield from self.post(kind, cause, on, postings)

    def _require_known(self, postings: Sequence[Posting]) -> None:
        for place, each in enumerate(postings):
            if self.chart.get_or_none(each.account) is None:
                raise UnknownAccount(f"unknown account {each.account}", field=f"lines/{place}/account")


def open_books(uow: UnitOfWork, entity: str = MAIN_ENTITY) -> Books:
    """Open the books of an entity for posting."""
    return Books(chart_of(uow, entity), open_periods(uow, entity))


def open_periods(uow: UnitOfWork, entity: str = MAIN_ENTITY) -> AccountingPeriods:
    """Return the accounting periods of an entity. The first command that needs them fixes its base currency."""
    periods = uow.get_or_none(AccountingPeriods, AccountingPeriods.create_id(entity))
    if periods is None:
        _fix_base_currency(uow, entity)
        periods = uow.get_or_create(AccountingPeriods, entity=entity)
    return periods


def _fix_base_currency(uow: UnitOfWork, entity: str) -> None:
    owner = uow.load(LegalEntity, LegalEntity.id_of(entity))
    if owner is None:
        raise NotFound(LegalEntity, entity)
    owner.fix_base_currency()
    uow.save(owner)
