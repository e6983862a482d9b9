"""Commands of closing."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.erp.closing.domain.checks import Check, require_checks
from services.erp.ledger.commands import Ledger
from services.erp.ledger.domain.accounting_periods import AccountingPeriods
from shared.commands import Commands
from shared.fields import EffectiveDate, LongText


@dataclass(frozen=True, kw_only=True)
class ClosePeriod:
    """Request to close a month; a reason overrides failed checks, if a second person gives one too."""

    override_reason: LongText | None = None
    effective_on: EffectiveDate | None = None


class Closing(Commands):
    """Closes accounting periods whose checks hold, or are overridden by two people."""

    ledger: Ledger

    def close_period(self, code: str, checks: Sequence[Check], override_reason: str | None) -> AccountingPeriods:
        """Close a period and those before it.

        Raises ChecksFailed without a reason, FourEyesRequired for the same person's second request, PeriodNotOver, or
        WrongStatus if it is closed.
        """
        self.ledger.require_closable(code)
        failed = tuple(each.detail for each in checks if not each.ok)
        if failed and override_reason is not None:
            return self.ledger.close_period_in_spite_of(code, failed, override_reason)
        require_checks(code, checks)
        return self.ledger.close_period(code)
