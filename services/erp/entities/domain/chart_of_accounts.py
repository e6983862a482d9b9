"""ChartOfAccounts: the accounts of an entity, and the account of each role in the posting rules."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache, cached_property
from typing import Self

from shared.domain import (
    MAIN_ENTITY,
    Aggregate,
    InvalidInput,
    NotFound,
    PerEntity,
    UnitOfWork,
    event,
    read_package_data,
    value_object,
)

DEFAULT_TEMPLATE = "trading"
TEMPLATES = (DEFAULT_TEMPLATE,)
"""Charts of accounts in the folder `charts` that an entity can adopt."""


class RoleUnmapped(InvalidInput):
    """Raised when the chart of accounts has no account for a role; `field` is the role."""


class AccountKind(StrEnum):
    """Kind of an account; decides on which statement it is shown."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class PartyKind(StrEnum):
    """Kind of the parties by which an account is kept."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class AccountRole(StrEnum):
    """Role of an account in the posting rules; the chart of accounts determines the account."""

    BANK = "bank"
    RECEIVABLES = "receivables"
    STOCK = "stock"
    PAYABLES = "payables"
    GOODS_RECEIVED_NOT_INVOICED = "goods_received_not_invoiced"
    OPENING_BALANCES = "opening_balances"
    SALES = "sales"
    FREIGHT_INCOME = "freight_income"
    COST_OF_GOODS_SOLD = "cost_of_goods_sold"
    PURCHASE_PRICE_VARIANCE = "purchase_price_variance"
    STOCK_ADJUSTMENTS = "stock_adjustments"
    WRITE_OFFS = "write_offs"


@value_object
class Account:
    """An account of the general ledger.

    A manual entry names a party on an account kept by party, and is not possible unless the account `is_manual`.
    """

    code: str
    name: str
    name_zh: str
    kind: AccountKind
    party: PartyKind | None = None
    is_manual: bool = True


@value_object
class ChartTemplate:
    """The accounts of a chart in order of their codes, and the code of the account for each role."""

    accounts: tuple[Account, ...]
    roles: dict[AccountRole, str]


@value_object
class Chart:
    """The accounts of an entity, and the code of the account for each role."""

    entity: str
    accounts: tuple[Account, ...]
    roles: Mapping[AccountRole, str]

    @cached_property
    def _accounts_by_code(self) -> dict[str, Account]:
        return {each.code: each for each in self.accounts}

    def get_or_none(self, code: str) -> Account | None:
        """Return the account with this code, or None."""
        return self._accounts_by_code.get(code)

    def name_of(self, code: str) -> str:
        """Return the name of an account; the code if the chart has no such account."""
        account = self.get_or_none(code)
        return account.name if account else code

    def account_for(self, role: AccountRole) -> Account:
        """Return the account for a role. Raises RoleUnmapped."""
        account = self.get_or_none(self.roles.get(role, ""))
        if account is None:
            raise RoleUnmapped(f"the chart of accounts has no account for the role {role}", field=role)
        return account

    def role_of(self, code: str) -> AccountRole | None:
        """Return the role of an account, the first one if it has several; None for an account without a role."""
        return next((role for role in AccountRole if self.roles.get(role) == code), None)


class ChartOfAccounts(PerEntity, Aggregate):
    """The chart of accounts that an entity adopted."""

    @classmethod
    def adopt(cls, entity: str, template: str = DEFAULT_TEMPLATE) -> Self:
        """Adopt the chart of accounts of a template. Raises InvalidInput for an unknown one."""
        chart = chart_from_template(template, entity)
        return cls(entity, template, chart.accounts, dict(chart.roles))

    @event("Adopted")
    def __init__(
        self, entity: str, template: str, accounts: tuple[Account, ...], roles: dict[AccountRole, str]
    ) -> None:
        self.template = template
        self.chart = Chart(entity, accounts, roles)


def chart_of(uow: UnitOfWork, entity: str = MAIN_ENTITY) -> Chart:
    """Return the chart of accounts that an entity adopted. Raises NotFound."""
    adopted = uow.load(ChartOfAccounts, ChartOfAccounts.create_id(entity))
    if adopted is None:
        raise NotFound(ChartOfAccounts, entity)
    return adopted.chart


@cache
def chart_from_template(template: str, entity: str = MAIN_ENTITY) -> Chart:
    """Return the chart of accounts of a template. Raises InvalidInput for an unknown one."""
    if template not in TEMPLATES:
        allowed = ", ".join(TEMPLATES)
        raise InvalidInput(f"unknown chart of accounts {template!r}. Allowed: {allowed}", field="template")
    content = read_package_data(__package__, f"charts/{template}.toml", ChartTemplate)
    return Chart(entity, content.accounts, content.roles)
