"""Stored events are decoded to the values that were encoded; unknown types and newer versions are refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from shared.domain import Aggregate, EventMetadata, PersonalData, event, value_object
from shared.event_codec import decode_event, replay
from shared.money import Money
from shared.store import RecordedEvent, UnsupportedEventVersion
from tests.unit.shared.projections.shop import encode_pending_event


class Mood(StrEnum):
    GLAD = "glad"


@value_object
class Page:
    number: int
    price: Money
    weight: Decimal


class Diary(Aggregate):
    @event("Begun")
    def __init__(self, owner: PersonalData, mood: Mood, begun_on: date, place: str = "home") -> None:
        self.owner, self.mood, self.begun_on, self.place = owner, mood, begun_on, place
        self.pages: tuple[Page, ...] = ()
        self.title: str | None = None
        self.readers: dict[str, UUID] = {}

    def fill(self, pages: tuple[Page, ...], readers: dict[str, UUID]) -> None:
        self._filled(pages=pages, readers=readers)

    @event("Filled")
    def _filled(self, pages: tuple[Page, ...], readers: dict[str, UUID], ink: str | None = None) -> None:
        self.pages += pages
        self.readers, self.ink = readers, ink

    class Titled(Aggregate.Event):
        title: str
        language: str

        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, object]) -> None:
            state["language"] = "en"

    def name(self, title: str, language: str) -> None:
        self._titled(title=title, language=language)

    @event(Titled)
    def _titled(self, title: str, language: str) -> None:
        self.title, self.language = title, language


def recorded(diary: Diary) -> list[RecordedEvent]:
    return [
        RecordedEvent(
            at, diary.id, each.originator_version, type(each).TOPIC, datetime.now(UTC), encode_pending_event(each)
        )
        for at, each in enumerate(diary.pending_events, 1)
    ]


def a_diary() -> Diary:
    return Diary(PersonalData(uuid4(), "c2VhbGVk"), Mood.GLAD, date(2026, 2, 28))


def test_an_aggregate_replayed_from_its_events_has_the_same_state() -> None:
    diary = a_diary()
    diary.fill((Page(1, Money("12.50", "USD"), Decimal("0.125")),), {"anna": uuid4()})
    diary.name("Spring", "en")
    replayed = replay(Diary, recorded(diary))
    assert replayed is not None
    assert (replayed.owner, replayed.mood, replayed.begun_on, replayed.pages, replayed.readers, replayed.title) == (
        diary.owner, diary.mood, diary.begun_on, diary.pages, diary.readers, diary.title,
    )  # fmt: skip
    assert (replayed.version, replayed.position, replayed.correlation_id) == (3, 3, diary.correlation_id)


def test_stored_type_names_do_not_depend_on_modules() -> None:
    assert [each.type for each in recorded(a_diary())] == [f"{__name__.split('.')[0]}.Diary.Begun"]


def stored(name: str, state: bytes) -> RecordedEvent:
    return RecordedEvent(7, uuid4(), 2, f"{Diary.NAME}.{name}", datetime.now(UTC), state)


CORRELATION_ID = b"6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000"
META = b'"meta":{"actor":"a","correlation_id":"' + CORRELATION_ID + b'","causation_id":"c","effective_on":"2026-01-01"}'


def test_an_event_of_an_old_version_is_upcast() -> None:
    titled = decode_event(stored("Titled", b"{" + META + b',"title":"Old"}'))
    assert (titled.title, titled.language) == ("Old", "en")
    assert isinstance(titled.meta, EventMetadata)


def test_a_field_added_later_has_its_default_in_events_stored_earlier() -> None:
    filled = decode_event(stored("Filled", b"{" + META + b',"pages":[],"readers":{}}'))
    assert filled.ink is None
    owner = b'{"subject":"' + CORRELATION_ID + b'","cipher":"c2VhbGVk"}'
    begun = stored("Begun", b"{" + META + b',"owner":' + owner + b',"mood":"glad","begun_on":"2026-02-28"}')
    replayed = replay(Diary, [replace(begun, version=1)])
    assert replayed is not None
    assert replayed.place == "home"


def test_a_stored_event_without_a_required_field_is_refused() -> None:
    with pytest.raises(UnsupportedEventVersion):
        decode_event(stored("Filled", b"{" + META + b',"pages":[]}'))


@pytest.mark.parametrize(
    "state",
    [
        b"{" + META + b',"title":"New","language":"en","v":3}',
        b"{" + META + b',"title":"New","language":"en","v":3,"colour":"red"}',
        b"{" + META + b',"title":"New","language":"en","v":2,"colour":"red"}',
    ],
)
def test_an_event_of_a_newer_version_is_refused(state: bytes) -> None:
    with pytest.raises(UnsupportedEventVersion):
        decode_event(stored("Titled", state))


def test_an_unknown_event_type_is_refused() -> None:
    with pytest.raises(UnsupportedEventVersion):
        decode_event(RecordedEvent(1, uuid4(), 1, "crm.Diary.Burnt", datetime.now(UTC), b"{}"))
