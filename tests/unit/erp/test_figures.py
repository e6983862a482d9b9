"""Every figure that SQL computes equals the one computed row by row from the events, on any day, as known then."""

from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from services.erp.closing.projections import checks_of
from shared.testing.memory import fast_folder
from shared.testing.services import catch_up
from tests.unit.erp.figures import require_equal_figures
from tests.unit.erp.random_books import DAYS, PARTIES, random_books

STEPS, QUESTIONS = 60, 50


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_figures_by_sql_are_those_row_by_row(seed: int) -> None:
    with TemporaryDirectory(dir=fast_folder()) as folder:
        service = random_books(Path(folder), seed, STEPS)
        with closing(service.store), closing(service.read_models):
            parties = [*PARTIES["1200"], *PARTIES["2000"]]
            require_equal_figures(service, Random(seed), QUESTIONS, days=DAYS, parties=parties)


COMPARED = {"stock", "receivables", "payables", "goods_received_not_invoiced"}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), ends_on=st.sampled_from(DAYS))
def test_accounts_are_what_they_consist_of_on_the_last_day_of_any_period(seed: int, ends_on: date) -> None:
    with TemporaryDirectory(dir=fast_folder()) as folder:
        service = random_books(Path(folder), seed, STEPS)
        with closing(service.store), closing(service.read_models):
            catch_up(service)
            chart = service.runner.run(service.ledger.get_chart)
            checks = {each.check: each for each in checks_of(ends_on, chart, "USD", service.reader_for)}
            assert [each.detail for name, each in checks.items() if name in COMPARED and not each.ok] == []
