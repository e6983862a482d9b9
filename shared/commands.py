"""The base of the commands and queries of a module."""

from datetime import date
from inspect import isfunction
from typing import Any
from uuid import UUID

from shared.command_runner import CommandRunner, join_or_open_unit_of_work
from shared.domain import Firm, PersonalData, RecordKind, ServiceSettings
from shared.key_store import KeyStore
from shared.personal_fields import PersonalFields
from shared.received_records import require_active
from shared.unit_of_work import StoreUnitOfWork


class Commands:
    """Base class of the commands and queries of one module: public methods join the unit of work or run in a new one.

    The commands of each required module are an attribute with the module's name.
    """

    def __init__(self, runner: CommandRunner, key_store: KeyStore, settings_class: type[ServiceSettings]) -> None:
        self.runner, self.key_store, self._settings_class = runner, key_store, settings_class

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            if isfunction(member) and not name.startswith("_"):
                setattr(cls, name, join_or_open_unit_of_work(member))

    @property
    def uow(self) -> StoreUnitOfWork:
        """The current unit of work: aggregates, unique values, numbers and timers."""
        return self.runner.uow

    @property
    def effective_on(self) -> date:
        """The business date of the command: given by the caller, by default today in the firm's time zone."""
        return self.uow.effective_on

    @property
    def current_date(self) -> date:
        """Today in the firm's time zone, whatever business date the caller gave."""
        return self.runner.firm.current_date

    @property
    def base_currency(self) -> str:
        """The base currency of the firm, as known at most a second ago. Raises FirmUnknown."""
        return self.runner.firm.current.base_currency

    @property
    def actor(self) -> str:
        """The user or service that issues the command."""
        return self.uow.context.actor

    @property
    def settings(self) -> Any:
        """The current settings of the firm for this module."""
        return self.uow.get_settings(self._settings_class)

    @property
    def firm(self) -> Firm:
        """The firm: its base currency and time zones. Raises FirmUnknown before the service has received it."""
        return self.uow.firm

    def require_received(self, kind: RecordKind, key: str, *, field: str) -> None:
        """Require an active record of another service. Raises UnknownReference or InvalidInput, naming `field`."""
        require_active(kind, key, self.uow, field=field)

    def prepare(self, initial_firm: Firm) -> None:
        """Record what must exist before the first command, once; overridden where there is something."""

    def check_settings(self, before: Any, after: Any) -> None:
        """Refuse a change of this module's settings that it cannot follow; overridden where there is one."""

    def encrypt(self, subject: UUID, text: str | None) -> PersonalData | None:
        """Return a personal field encrypted for storage. Raises PersonalDataErased."""
        return None if text is None else self.key_store.encrypt(subject, text)

    def personal_fields_of(self, subject: UUID, known: Any = None) -> PersonalFields:
        """Return what encrypts the personal fields of a subject; a text that `known` has stays as it is stored."""
        return PersonalFields(self.key_store, subject, known)

    def erase(self, subject: UUID) -> None:
        """Destroy the person's key just before the commit, when no rule was broken."""
        self.uow.add_before_commit(lambda: self.key_store.erase(subject))
