"""What a unit of work promises every command."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.command_context import Caller
from shared.command_runner import IdempotencyKeyReused, RetriesExhausted, StoredResponse
from shared.domain import AlreadyTaken, NotFound, PersonalData
from shared.events_to_store import UnsavedChangesError
from shared.store import Commit, ConcurrencyConflict, RecordedEvent
from shared.testing.services import open_service
from shared.unit_of_work import StaleVersion
from tests.unit.shared.sweet_shop import Shop, TooMuch, metas, types

ANNA = Caller("anna", trace_id="t1")


def filling(shop: Shop, jar_id: UUID, sweets: int) -> Callable[[], StoredResponse]:
    return lambda: StoredResponse(200, {}, str(shop.jars.fill(jar_id, sweets).sweets).encode())


def test_a_command_with_its_key_happens_once_and_is_answered_the_same(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    first = shop.runner.execute(filling(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    again = shop.runner.execute(filling(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    assert first == again == StoredResponse(200, {}, b"2")
    assert types(shop) == ["Bought", "Filled"]


def test_a_key_with_another_request_is_refused(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.runner.execute(filling(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    with pytest.raises(IdempotencyKeyReused):
        shop.runner.execute(filling(shop, jar.id, 3), caller=ANNA, key="k", request_digest="other")
    assert types(shop) == ["Bought", "Filled"]


def test_the_same_key_of_another_caller_is_another_key(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    for name in ("anna", "bert"):
        shop.runner.execute(filling(shop, jar.id, 2), caller=Caller(name), key="k", request_digest="r")
    assert shop.jars.jar(jar.id).sweets == 4


def test_a_hundred_twins_have_one_effect_and_one_answer(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    answers: list[StoredResponse] = []

    def ask() -> None:
        answers.append(shop.runner.execute(filling(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r"))

    twins = [threading.Thread(target=ask) for _ in range(100)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert answers == [StoredResponse(200, {}, b"1")] * 100
    assert types(shop) == ["Bought", "Filled"]


def test_a_refused_command_stores_nothing_and_uses_no_key(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(TooMuch):
        shop.runner.execute(filling(shop, jar.id, 11), caller=ANNA, key="k", request_digest="r")
    assert types(shop) == ["Bought"]
    assert shop.runner.execute(filling(shop, jar.id, 3), caller=ANNA, key="k", request_digest="r2").body == b"3"


def test_after_a_refusal_half_way_the_next_command_sees_what_is_stored(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(TooMuch):
        shop.runner.run(lambda: (shop.jars.fill(jar.id, 9), shop.jars.fill(jar.id, 9)))
    assert shop.jars.jar(jar.id).sweets == 0
    assert shop.jars.fill(jar.id, 1).sweets == 1


def test_a_change_that_was_not_saved_is_a_mistake_that_stores_nothing(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(UnsavedChangesError):
        shop.jars.fill_and_forget_to_save(jar.id)
    assert types(shop) == ["Bought"]


def test_a_label_belongs_to_one_jar_only(shop: Shop) -> None:
    shop.jars.buy("a")
    with pytest.raises(AlreadyTaken):
        shop.jars.buy("a")
    assert types(shop) == ["Bought"]


def test_numbers_have_no_gaps_though_commands_fail(shop: Shop) -> None:
    numbers = []
    for refuse in (False, True, False, True, True, False):
        try:
            numbers.append(shop.jars.numbered("n", refuse))
        except TooMuch:
            continue
    assert numbers == [1, 2, 3]


def test_what_was_only_read_must_not_have_changed_at_commit(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jar, other = shop.jars.buy("a"), shop.jars.buy("b")
    elsewhere = open_service(Shop, tmp_path)
    monkeypatch.setattr(elsewhere.store, "_exclusive_lock", nullcontext)
    runs: list[int] = []

    def meanwhile() -> None:
        runs.append(1)
        if len(runs) == 1:
            elsewhere.jars.fill(other.id, 1)

    shop.jars.fill_while_looking_at(jar.id, other.id, meanwhile)
    assert len(runs) == 2
    assert types(shop) == ["Bought", "Bought", "Filled", "Filled"]


def test_a_caller_who_saw_an_older_version_is_told_the_current_one(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.jars.fill(jar.id, 1)
    with pytest.raises(StaleVersion) as stale:
        shop.runner.execute(filling(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r", expected_version=1)
    assert stale.value.current_version == 2
    shop.runner.execute(filling(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r", expected_version=2)


def test_endless_clashes_end_as_a_conflict(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = shop.jars.buy("a")

    def always_late(commit: Commit) -> list[RecordedEvent]:
        raise ConcurrencyConflict("late")

    monkeypatch.setattr(shop.store, "commit", always_late)
    with pytest.raises(RetriesExhausted):
        shop.jars.fill(jar.id, 1)


def test_every_event_says_who_why_and_in_which_story(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.runner.execute(
        filling(shop, jar.id, 1), caller=Caller("bert", trace_id="t9"), key="k", request_digest="r",
        effective_on=date(1996, 7, 4),
    )  # fmt: skip
    bought, filled = metas(shop)
    assert filled["correlation_id"] == bought["correlation_id"] == str(jar.correlation_id)
    assert (filled["actor"], filled["causation_id"], filled["effective_on"]) == ("bert", "command:t9", "1996-07-04")
    assert filled["preceding_event_id"] == f"shop:{shop.store.epoch}-1"
    assert bought["preceding_event_id"] is None


def test_a_new_thing_begins_a_new_story(shop: Shop) -> None:
    assert shop.jars.buy("a").correlation_id != shop.jars.buy("b").correlation_id


def test_an_unknown_id_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.jars.fill(uuid4(), 1)


def test_another_process_sees_and_continues_what_this_one_did(shop: Shop, tmp_path: Path) -> None:
    jar = shop.jars.buy("a")
    elsewhere = open_service(Shop, tmp_path)
    elsewhere.jars.fill(jar.id, 3)
    assert shop.jars.fill(jar.id, 4).sweets == 7
    assert elsewhere.jars.jar(jar.id).sweets == 7


def test_a_timer_fires_once_when_it_is_due(shop: Shop) -> None:
    jar, now = shop.jars.buy("a"), datetime.now(UTC)
    shop.jars.wake_at(jar.id, now + timedelta(hours=1))
    assert shop.timers.fire_due(now) == 0
    assert shop.timers.fire_due(now + timedelta(hours=2)) == 1
    assert shop.timers.fire_due(now + timedelta(hours=2)) == 0
    assert types(shop) == ["Bought", "Shaken"]


def test_a_personal_field_is_readable_until_its_person_is_erased(shop: Shop) -> None:
    person = uuid4()
    sealed = shop.jars.encrypt(person, "Maria Anders")
    assert isinstance(sealed, PersonalData)
    assert "Maria" not in sealed.cipher
    assert shop.key_store.decrypt(sealed.subject, sealed.cipher) == "Maria Anders"
    shop.runner.run(lambda: shop.jars.erase(person))
    assert shop.key_store.decrypt(sealed.subject, sealed.cipher) is None
    shop.jars.encrypt(person, "somebody else")
    assert shop.key_store.decrypt(sealed.subject, sealed.cipher) is None


def test_a_timer_that_cannot_be_fired_holds_up_no_other(shop: Shop) -> None:
    jar, now = shop.jars.buy("a"), datetime.now(UTC)
    shop.jars.wake_at(uuid4(), now)
    shop.jars.wake_at(jar.id, now)
    assert shop.timers.fire_due(now + timedelta(seconds=1)) == 1
    assert types(shop) == ["Bought", "Shaken"]
    later = shop.store.next_timer_at()
    assert later is not None
    assert later > now + timedelta(seconds=50)
