"""The day of the firm: it begins in the time zone that holds, and a change of the zone changes no past day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.erp.entities.domain.legal_entity import change_time_zone
from shared.domain import Firm, InvalidInput, TimeZonePeriod
from shared.domain.firm import start_of_day

ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Midway", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns")
MINUTES = st.integers(0, 2 * 24 * 60) | st.integers(0, 3 * 365 * 24 * 60)
"""Within two days, or within three years."""
MOMENTS = MINUTES.map(lambda each: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=each))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Firm, list[tuple[datetime, Firm]]]:
    """A firm whose zone changes up to five times, from now or from a coming day, and the firm after each change."""
    first = firm = Firm(time_zones=(TimeZonePeriod(draw(st.sampled_from(ZONES))),))
    history = []
    for now in sorted(draw(st.lists(MOMENTS, max_size=5, unique=True))):
        days = draw(st.none() | st.integers(0, 40))
        on = None if days is None else firm.date_of(now) + timedelta(days=days)
        firm = change_time_zone(firm, draw(st.sampled_from(ZONES)), on, now)
        history.append((now, firm))
    return first, history


@given(changes(), MOMENTS)
def test_a_change_of_the_time_zone_changes_no_past_day(
    changed: tuple[Firm, list[tuple[datetime, Firm]]], moment: datetime
) -> None:
    before, history = changed
    for now, after in history:
        if moment < now:
            assert after.date_of(moment) == before.date_of(moment)
        before = after


@given(changes(), st.lists(MOMENTS, min_size=2, max_size=50))
def test_days_never_go_back(changed: tuple[Firm, list[tuple[datetime, Firm]]], moments: list[datetime]) -> None:
    first, history = changed
    firm = history[-1][1] if history else first
    days = [firm.date_of(each) for each in sorted(moments)]
    assert all(earlier <= later for earlier, later in pairwise(days))


@given(st.sampled_from(ZONES), st.sampled_from(ZONES), MOMENTS, st.integers(1, 40), st.integers(2, 30))
def test_a_zone_agreed_for_a_day_holds_from_then_on(old: str, new: str, now: datetime, ahead: int, later: int) -> None:
    firm = Firm(time_zones=(TimeZonePeriod(old),))
    first_day = firm.date_of(now) + timedelta(days=ahead)
    firm = change_time_zone(firm, new, first_day, now)
    begins = datetime.combine(first_day, datetime.min.time(), ZoneInfo(new))
    moment = max(begins, now) + timedelta(days=later)
    assert firm.date_of(moment) == moment.astimezone(ZoneInfo(new)).date()
    assert firm.time_zone_at(now) == (old if begins > now else new)


def test_the_day_begins_at_midnight_of_the_zone() -> None:
    firm = change_time_zone(Firm(), "Asia/Shanghai", date(2026, 3, 2), datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert firm.date_of(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert firm.date_of(datetime(2026, 3, 1, 16, tzinfo=UTC)) == date(2026, 3, 2)
    assert start_of_day("Asia/Shanghai", date(2026, 3, 2)) == datetime(2026, 3, 1, 16, tzinfo=UTC)


def test_a_change_agreed_for_later_is_replaced_by_the_next_one() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    planned = change_time_zone(Firm(), "Asia/Shanghai", date(2026, 4, 1), now)
    assert change_time_zone(planned, "UTC", None, now) == Firm()
    berlin = change_time_zone(planned, "Europe/Berlin", date(2026, 3, 20), now)
    assert [(each.time_zone, berlin.first_day_of(each)) for each in berlin.time_zones] == [
        ("UTC", None),
        ("Europe/Berlin", date(2026, 3, 20)),
    ]


def test_a_zone_that_starts_while_it_is_still_yesterday_there_holds_from_the_day_that_has_begun() -> None:
    evening = datetime(2026, 3, 1, 20, tzinfo=UTC)
    shanghai = change_time_zone(Firm(), "Asia/Shanghai", None, evening)
    back = change_time_zone(shanghai, "UTC", None, evening + timedelta(hours=1))
    assert [back.first_day_of(each) for each in back.time_zones] == [None, date(2026, 3, 2), date(2026, 3, 2)]


def test_two_changes_on_one_day_do_not_lead_back_a_day() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    twice = change_time_zone(Firm(time_zones=(TimeZonePeriod("Pacific/Kiritimati"),)), "UTC", None, noon)
    twice = change_time_zone(twice, "Europe/London", None, noon + timedelta(minutes=30))
    moments = [noon + timedelta(minutes=each) for each in (-1, 15, 45)]
    assert [twice.date_of(each) for each in moments] == [date(2026, 3, 2)] * 3
    assert twice.date_of(datetime(2026, 3, 3, tzinfo=UTC)) == date(2026, 3, 3)


def test_a_past_day_is_refused() -> None:
    with pytest.raises(InvalidInput, match="must not be before today, 2026-03-01: past days never change") as refused:
        change_time_zone(Firm(), "Asia/Shanghai", date(2026, 2, 28), datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert refused.value.field == "time_zone_from"
