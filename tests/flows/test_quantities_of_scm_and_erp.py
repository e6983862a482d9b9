"""The quantities of SCM and ERP are compared without end: what stays different is an alarm, what is under way none."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.figures import compare_figures
from services.erp.valuation.projections import StockQuantities
from shared.message import Message
from shared.service import Service
from shared.testing.services import catch_up
from shared.testing.web import create_client
from shared.worker.figure_check import FigureCheck, Received
from tests.flows.firm import Subscription, TradingFirm, open_firm
from tests.flows.random_trade import RandomTrade

pytestmark = pytest.mark.case("H1")


class CheckedFirm:
    """A firm whose worker of ERP looks at the quantities when a test asks it to."""

    def __init__(self, firm: TradingFirm) -> None:
        self.firm = firm
        self.from_scm = next(each for each in subscriptions(firm) if each.source is firm.scm)
        self.check = figure_check(firm.services, {"scm": self.from_scm})
        self.supplier = firm.create_master_data("BOLT", "NUT")

    def arrive(self, *goods: tuple[str, str]) -> None:
        """Receive goods that were ordered before; their messages are not delivered yet."""
        orders = [(self.firm.send_purchase_order(self.supplier, each), each) for each in goods]
        for order, each in orders:
            self.firm.receive_goods(order, each)

    def alarm(self) -> str | None:
        """Return the alarm after the looks that certainty needs."""
        for _ in range(2):
            catch_up(self.firm.erp)
            catch_up(self.firm.scm)
            self.check.look()
        return self.check.failure

    def deliver_to_erp(self, *messages: Message) -> None:
        self.from_scm.inbox.apply(messages, messages[-1].sequence)


def subscriptions(firm: TradingFirm) -> list[Subscription]:
    return [each for each in firm._subscriptions if each.inbox.service == "erp"]


def figure_check(services: Mapping[str, Service], inboxes: Mapping[str, Subscription]) -> FigureCheck:
    """Return the check of the worker of ERP; what it asks SCM is answered by the API of SCM."""

    def received() -> dict[str, Received]:
        at = {source: each.inbox.position for source, each in inboxes.items()}
        heads = {source: each.source.store.published_head() for source, each in inboxes.items()}
        return {source: Received(at[source].epoch, at[source].sequence, heads[source]) for source in inboxes}

    def fetch(service: str, path: str) -> bytes:
        answered = create_client(services[service]).get(path)
        assert answered.status_code == 200, answered.text
        body: bytes = answered.data
        return body

    return FigureCheck(services["erp"], StockQuantities, received, fetch)


@pytest.fixture
def checked() -> Iterator[CheckedFirm]:
    with open_firm() as firm:
        yield CheckedFirm(firm)


def test_quantities_that_agree_raise_no_alarm(checked: CheckedFirm) -> None:
    checked.arrive(("BOLT", "10"))
    checked.firm.count_stock(datetime.now(UTC).date(), ("BOLT", "9"), ("NUT", "4"))
    checked.firm.deliver_all()
    assert checked.alarm() is None


def test_goods_under_way_to_the_books_raise_no_alarm(checked: CheckedFirm) -> None:
    checked.arrive(("BOLT", "10"))
    assert checked.alarm() is None
    assert (checked.firm.stock("BOLT")[0], checked.firm.valued_quantity("BOLT")) == ("10", "0")
    checked.firm.deliver_all()
    assert checked.alarm() is None


def test_a_movement_that_the_books_missed_is_named_with_both_quantities(checked: CheckedFirm) -> None:
    checked.arrive(("BOLT", "10"))
    checked.firm.deliver_all()
    checked.arrive(("BOLT", "5"), ("NUT", "3"))
    _missed, of_nuts = [each for each in checked.from_scm.pending_messages() if ".goods_received." in each.type]
    checked.deliver_to_erp(of_nuts)
    assert checked.alarm() == "BOLT in MAIN: 15 in scm, 10 in erp"
    catch_up(checked.firm.erp)
    [found] = compare_figures(checked.firm.services)
    assert found.under_way == []
    assert found.differences == ["BOLT in MAIN: 15 in scm, 10 in erp"]
    assert found.text.startswith("stock_quantities of scm and erp: 2 figures, 1 differ")


def test_a_parked_message_is_named_with_the_quantity_that_it_leaves_out(checked: CheckedFirm) -> None:
    checked.arrive(("BOLT", "10"))
    unknown = [
        replace(each, type=each.type[:-1] + "9") if ".goods_received." in each.type else each
        for each in checked.from_scm.pending_messages()
    ]
    checked.deliver_to_erp(*unknown)
    parked = "1 messages of scm are parked: scm.goods_receipt.goods_received.v9"
    assert checked.alarm() == f"BOLT in MAIN: 10 in scm, 0 in erp; {parked}"


def test_an_alarm_ends_when_the_quantities_agree_again(checked: CheckedFirm) -> None:
    checked.arrive(("BOLT", "10"))
    checked.firm.deliver_all()
    change_figure(checked.firm.scm, "10", "12")
    assert checked.alarm() == "BOLT in MAIN: 12 in scm, 10 in erp"
    change_figure(checked.firm.scm, "12", "10")
    assert checked.alarm() is None


def change_figure(service: Service, before: str, after: str) -> None:
    """Change a quantity in the database of the read models, as another program could."""
    with closing(sqlite3.connect(Path(service.store.path).with_name("reports.db"))) as db, db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        [table] = [each for each in names if each.removeprefix("stock_quantities_").isdecimal()]
        old, new = (f'"figure":"{each}"' for each in (before, after))
        assert db.execute(f"UPDATE {table} SET row=replace(row, ?, ?) WHERE key LIKE '[%'", (old, new)).rowcount


@pytest.mark.parametrize("seed", range(6))
def test_a_busy_firm_raises_no_alarm(tmp_path: Path, seed: int) -> None:
    trade = RandomTrade(tmp_path, seed)
    services = trade.services.services
    inboxes = {
        inbox.source: Subscription(services[inbox.source], inbox)
        for inbox in trade.services._inboxes
        if inbox.service == "erp"
    }
    check = figure_check(services, inboxes)
    for _ in range(60):
        trade.step()
        for each in ("scm", "erp"):
            services[each].read_models.process_batch(trade.random.choice((1, 50, 500)))
        check.look()
        assert check.failure is None
    trade.services.deliver_all()
    for _ in range(2):
        check.look()
    assert check.failure is None
    assert [each.differences for each in compare_figures(services)] == [[]]
    trade.close()
