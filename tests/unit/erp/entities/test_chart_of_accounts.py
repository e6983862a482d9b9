"""The chart of accounts: today's twelve accounts, the account of each role, and roles without an account."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from services.erp.entities.domain import chart_of_accounts
from services.erp.entities.domain.chart_of_accounts import (
    TEMPLATES,
    Account,
    AccountKind,
    AccountRole,
    Chart,
    ChartOfAccounts,
    PartyKind,
    RoleUnmapped,
    chart_from_template,
    chart_of,
)
from services.erp.service import Erp
from shared.domain import Firm, InvalidInput
from shared.testing import given, new_events
from shared.testing.services import deliver, open_service
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import a_shipment, an_erp, an_order, entries, receive_stock, stored_events

ASSET, LIABILITY, EQUITY, INCOME, EXPENSE = AccountKind
TRADING = (
    Account("1000", "Bank", "银行存款", ASSET),
    Account("1200", "Receivables", "应收账款", ASSET, PartyKind.CUSTOMER),
    Account("1400", "Stock", "库存商品", ASSET, is_manual=False),
    Account("2000", "Payables", "应付账款", LIABILITY, PartyKind.SUPPLIER),
    Account("2100", "Goods received not invoiced", "暂估应付账款", LIABILITY, is_manual=False),
    Account("3000", "Opening balances", "期初余额", EQUITY),
    Account("4000", "Sales", "主营业务收入", INCOME),
    Account("4100", "Freight income", "运费收入", INCOME),
    Account("5000", "Cost of goods sold", "主营业务成本", EXPENSE),
    Account("5100", "Purchase price variance", "采购价格差异", EXPENSE),
    Account("5200", "Stock adjustments", "存货盘盈盘亏", EXPENSE),
    Account("6000", "Operating expense", "营业费用", EXPENSE),
)
ROLES = {
    "bank": "1000", "receivables": "1200", "stock": "1400", "payables": "2000", "goods_received_not_invoiced": "2100",
    "opening_balances": "3000", "sales": "4000", "freight_income": "4100", "cost_of_goods_sold": "5000",
    "purchase_price_variance": "5100", "stock_adjustments": "5200", "write_offs": "6000",
}  # fmt: skip


Adopt = Callable[..., None]


@pytest.fixture
def adopt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adopt:
    """Return a function that creates the files of a firm which adopts a template with these accounts and roles."""

    def adopting(accounts: tuple[Account, ...] = TRADING, roles: Mapping[str, str] = ROLES) -> None:
        adopted = Chart("main", accounts, {AccountRole(role): code for role, code in roles.items()})
        with monkeypatch.context() as patched:
            patched.setattr(chart_of_accounts, "chart_from_template", lambda *_: adopted)
            open_service(Erp, tmp_path, initial_firm=Firm(name="Tea House"))

    return adopting


def without(*roles: str) -> dict[str, str]:
    return {role: code for role, code in ROLES.items() if role not in roles}


# -- the chart


def test_the_chart_of_a_trading_firm_has_twelve_accounts():
    chart = chart_from_template("trading")
    assert chart.accounts == TRADING
    assert dict(chart.roles) == ROLES


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_maps_every_role_to_one_of_its_accounts(template: str):
    chart = chart_from_template(template)
    assert set(chart.roles) == set(AccountRole)
    for role, code in chart.roles.items():
        assert chart.account_for(role).code == code


def test_an_account_is_found_by_its_code():
    chart = chart_from_template("trading")
    assert chart.get_or_none("2000") == TRADING[3]
    assert chart.get_or_none("2001") is None
    assert (chart.name_of("4000"), chart.name_of("4001")) == ("Sales", "4001")


def test_a_role_without_an_account_is_refused_by_its_name():
    chart = replace(chart_from_template("trading"), roles={AccountRole.SALES: "4000", AccountRole.BANK: "1099"})
    assert chart.account_for(AccountRole.SALES).name == "Sales"
    for role in (AccountRole.STOCK, AccountRole.BANK):
        with pytest.raises(RoleUnmapped) as refused:
            chart.account_for(role)
        assert (refused.value.code, refused.value.field) == ("role_unmapped", role)


def test_an_account_with_several_roles_has_the_first_one():
    roles = {AccountRole.FREIGHT_INCOME: "4000", AccountRole.SALES: "4000"}
    chart = replace(chart_from_template("trading"), roles=roles)
    assert (chart.role_of("4000"), chart.role_of("1000")) == (AccountRole.SALES, None)


# -- adopting it


def test_an_entity_adopts_the_chart_of_a_template():
    assert new_events(ChartOfAccounts.adopt("main", "trading")) == [
        ("Adopted", {"entity": "main", "template": "trading", "accounts": TRADING, "roles": ROLES}),
    ]


def test_an_unknown_template_is_refused():
    with pytest.raises(InvalidInput, match="Allowed: trading") as refused:
        ChartOfAccounts.adopt("main", "skr03")
    assert refused.value.field == "template"


def test_each_entity_has_a_chart_of_its_own():
    charts = [given(ChartOfAccounts.adopt(entity)) for entity in ("main", "second")]
    assert charts[0].id == ChartOfAccounts.derive_id() != charts[1].id
    assert [each.chart.entity for each in charts] == ["main", "second"]


def test_a_new_firm_has_the_chart_of_a_trading_firm_and_reading_stores_nothing(tmp_path: Path):
    service = an_erp(tmp_path)
    before = stored_events(service)
    assert service.runner.run(lambda: chart_of(service.runner.uow)).accounts == TRADING
    assert stored_events(service) == before


def test_a_firm_has_the_chart_that_it_adopted(tmp_path: Path, adopt: Adopt):
    adopt(tuple(replace(each, name="Merchandise") if each.code == "1400" else each for each in TRADING))
    service = an_erp(tmp_path)
    rows = create_erp_client(service).get("/accounts").json["data"]
    assert [each["name"] for each in rows if each["code"] == "1400"] == ["Merchandise"]
    rows = create_erp_client(service).get("/trial-balance").json["rows"]
    assert [each["name"] for each in rows if each["account"] == "1400"] == ["Merchandise"]


# -- posting by role


def test_a_document_is_posted_to_the_accounts_of_its_roles(tmp_path: Path, adopt: Adopt):
    adopt((*TRADING, Account("1410", "Merchandise", "商品", ASSET)), {**ROLES, "stock": "1410"})
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"))
    (entry,) = entries(service, "goods_received")
    assert [(each["account"], each["role"]) for each in entry["postings"]] == [
        ("1410", "stock"), ("2100", "goods_received_not_invoiced"),
    ]  # fmt: skip


def test_a_command_for_a_role_without_an_account_is_refused_before_anything_is_stored(tmp_path: Path, adopt: Adopt):
    adopt(roles=without("bank"))
    service = sold(tmp_path)
    client = create_erp_client(service)
    payment, head = a_payment(an_invoice(client)), service.store.head()
    refused = client.post("/payments", json=payment)
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [("/bank", "role_unmapped")]
    assert service.store.head() == head


def test_opening_balances_without_their_account_are_refused(tmp_path: Path, adopt: Adopt):
    adopt(roles=without("opening_balances"))
    service = an_erp(tmp_path)
    lines = [{"account": "1000", "amount": {"amount": "5.00", "currency": "USD"}}]
    refused = create_erp_client(service).post("/opening-balances", json={"posted_on": "2026-01-01", "lines": lines})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "role_unmapped")


def test_a_message_for_a_role_without_an_account_is_parked(tmp_path: Path, adopt: Adopt):
    adopt(roles=without("sales"))
    service = an_erp(tmp_path)
    receive_stock(service, ("CHAI", "10", "12.00"))
    order = an_order(("CHAI", "4", "20.00"))
    shipment = a_shipment(order)
    deliver(service, order, shipment)
    (parked,) = service.store.parked_entries("scm")
    assert parked.error == "RoleUnmapped: the chart of accounts has no account for the role sales"
    assert (entries(service, "invoice"), entries(service, "cost_of_goods_sold")) == ([], [])


def test_a_manual_entry_on_another_receivables_account_is_in_the_aging(tmp_path: Path, adopt: Adopt):
    """The aging follows the role at the time of posting, not the account or today's mapping."""
    adopt(
        (*TRADING, Account("1210", "Customers", "客户往来", ASSET, PartyKind.CUSTOMER)),
        {**ROLES, "receivables": "1210"},
    )
    service = an_erp(tmp_path)
    party, five = "00000000-0000-0000-0000-00000000000c", {"amount": "5.00", "currency": "USD"}
    for account in ("1200", "1210"):
        lines = [{"account": account, "party": party, "debit": five}, {"account": "6000", "credit": five}]
        posted = create_erp_client(service).post(
            "/journal-entries", json={"posted_on": "2026-03-20", "text": "by hand", "lines": lines}
        )
        assert posted.status_code == 201
    aging = create_erp_client(service).get("/receivables-aging").json
    assert aging["totals"]["total"] == five
