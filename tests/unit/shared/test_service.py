"""Guarantees of the unit of work for every command."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.command_context import Caller, GivenDate
from shared.command_runner import IdempotencyKeyReused, RetriesExhausted, StoredResponse
from shared.domain import AlreadyTaken, NotFound, PersonalData
from shared.events_to_store import UnsavedChangesError
from shared.key_store import PersonalDataErased
from shared.store import Commit, ConcurrencyConflict, RecordedEvent
from shared.testing.services import open_service
from shared.unit_of_work import StaleVersion
from tests.unit.shared.sweet_shop import Shop, TooMuch, metas, types

ANNA = Caller("anna", trace_id="t1")


def fill_command(shop: Shop, jar_id: UUID, sweets: int) -> Callable[[], StoredResponse]:
    return lambda: StoredResponse(200, {}, str(shop.jars.fill(jar_id, sweets).sweets).encode())


def test_a_repeated_command_returns_the_stored_response(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    first = shop.runner.execute(fill_command(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    again = shop.runner.execute(fill_command(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    assert first == again == StoredResponse(200, {}, b"2")
    assert types(shop) == ["Bought", "Filled"]


def test_an_idempotency_key_with_another_request_is_refused(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.runner.execute(fill_command(shop, jar.id, 2), caller=ANNA, key="k", request_digest="r")
    with pytest.raises(IdempotencyKeyReused):
        shop.runner.execute(fill_command(shop, jar.id, 3), caller=ANNA, key="k", request_digest="other")
    assert types(shop) == ["Bought", "Filled"]


def test_each_caller_has_their_own_idempotency_keys(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    for name in ("anna", "bert"):
        shop.runner.execute(fill_command(shop, jar.id, 2), caller=Caller(name), key="k", request_digest="r")
    assert shop.jars.jar(jar.id).sweets == 4


def test_a_hundred_concurrent_repetitions_have_one_effect_and_one_response(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    responses: list[StoredResponse] = []

    def execute() -> None:
        responses.append(shop.runner.execute(fill_command(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r"))

    threads = [threading.Thread(target=execute) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert responses == [StoredResponse(200, {}, b"1")] * 100
    assert types(shop) == ["Bought", "Filled"]


def test_a_refused_command_stores_no_event_and_no_idempotency_key(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(TooMuch):
        shop.runner.execute(fill_command(shop, jar.id, 11), caller=ANNA, key="k", request_digest="r")
    assert types(shop) == ["Bought"]
    assert shop.runner.execute(fill_command(shop, jar.id, 3), caller=ANNA, key="k", request_digest="r2").body == b"3"


def test_a_command_after_a_refused_one_starts_from_the_stored_state(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(TooMuch):
        shop.runner.run(lambda: (shop.jars.fill(jar.id, 9), shop.jars.fill(jar.id, 9)))
    assert shop.jars.jar(jar.id).sweets == 0
    assert shop.jars.fill(jar.id, 1).sweets == 1


def test_an_unsaved_change_raises_an_error_and_stores_no_event(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    with pytest.raises(UnsavedChangesError):
        shop.jars.fill_without_saving(jar.id)
    assert types(shop) == ["Bought"]


def test_a_label_belongs_to_one_jar_only(shop: Shop) -> None:
    shop.jars.buy("a")
    with pytest.raises(AlreadyTaken):
        shop.jars.buy("a")
    assert types(shop) == ["Bought"]


def test_a_number_series_has_no_gaps_after_refused_commands(shop: Shop) -> None:
    numbers = []
    for refuse in (False, True, False, True, True, False):
        try:
            numbers.append(shop.jars.buy_numbered("n", refuse))
        except TooMuch:
            continue
    assert numbers == [1, 2, 3]


def test_a_command_is_repeated_if_a_record_that_it_only_read_was_changed(
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

    shop.jars.fill_if_unchanged(jar.id, other.id, meanwhile)
    assert len(runs) == 2
    assert types(shop) == ["Bought", "Bought", "Filled", "Filled"]


def test_an_outdated_expected_version_raises_an_error_with_the_current_version(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.jars.fill(jar.id, 1)
    with pytest.raises(StaleVersion) as stale:
        shop.runner.execute(fill_command(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r", expected_version=1)
    assert stale.value.current_version == 2
    shop.runner.execute(fill_command(shop, jar.id, 1), caller=ANNA, key="k", request_digest="r", expected_version=2)


def test_a_command_in_permanent_conflict_exhausts_its_retries(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = shop.jars.buy("a")

    def always_late(commit: Commit) -> list[RecordedEvent]:
        raise ConcurrencyConflict("late")

    monkeypatch.setattr(shop.store, "commit", always_late)
    with pytest.raises(RetriesExhausted):
        shop.jars.fill(jar.id, 1)


def test_event_metadata_has_actor_causation_id_correlation_id_and_business_date(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    shop.runner.execute(
        fill_command(shop, jar.id, 1), caller=Caller("bert", trace_id="t9"), key="k", request_digest="r",
        effective_on=GivenDate(date(1996, 7, 4)),
    )  # fmt: skip
    bought, filled = metas(shop)
    assert filled["correlation_id"] == bought["correlation_id"] == str(jar.correlation_id)
    assert (filled["actor"], filled["causation_id"], filled["effective_on"]) == ("bert", "command:t9", "1996-07-04")
    assert filled["preceding_event_id"] == f"shop:{shop.store.epoch}-1"
    assert "preceding_event_id" not in bought


@pytest.mark.case("U3")
def test_the_event_of_a_command_keeps_the_route_of_its_request(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    caller = Caller("bert", trace_id="t9", request="POST /jars/{jar_id}/fill")
    shop.runner.execute(fill_command(shop, jar.id, 1), caller=caller, key="k", request_digest="r")
    bought, filled = metas(shop)
    assert (bought.get("request"), filled["request"]) == (None, "POST /jars/{jar_id}/fill")


def test_a_new_aggregate_has_a_new_correlation_id(shop: Shop) -> None:
    assert shop.jars.buy("a").correlation_id != shop.jars.buy("b").correlation_id


def test_an_unknown_id_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        shop.jars.fill(uuid4(), 1)


def test_two_instances_of_a_service_change_the_same_stored_state(shop: Shop, tmp_path: Path) -> None:
    jar = shop.jars.buy("a")
    elsewhere = open_service(Shop, tmp_path)
    elsewhere.jars.fill(jar.id, 3)
    assert shop.jars.fill(jar.id, 4).sweets == 7
    assert elsewhere.jars.jar(jar.id).sweets == 7


def test_a_timer_fires_once_when_it_is_due(shop: Shop) -> None:
    jar, now = shop.jars.buy("a"), datetime.now(UTC)
    shop.jars.schedule_timer(jar.id, now + timedelta(hours=1))
    assert shop.timers.fire_due(now) == 0
    assert shop.timers.fire_due(now + timedelta(hours=2)) == 1
    assert shop.timers.fire_due(now + timedelta(hours=2)) == 0
    assert types(shop) == ["Bought", "Shaken"]


def test_personal_data_can_be_decrypted_until_the_person_is_erased(shop: Shop) -> None:
    person = uuid4()
    encrypted = shop.jars.encrypt(person, "Maria Anders")
    assert isinstance(encrypted, PersonalData)
    assert "Maria" not in encrypted.cipher
    assert shop.key_store.decrypt(encrypted.subject, encrypted.cipher) == "Maria Anders"
    shop.runner.run(lambda: shop.jars.erase(person))
    assert shop.key_store.decrypt(encrypted.subject, encrypted.cipher) is None
    with pytest.raises(PersonalDataErased):
        shop.jars.encrypt(person, "another name")
    assert shop.key_store.decrypt(encrypted.subject, encrypted.cipher) is None


def test_a_failing_timer_does_not_delay_other_timers(shop: Shop) -> None:
    jar, now = shop.jars.buy("a"), datetime.now(UTC)
    shop.jars.schedule_timer(uuid4(), now)
    shop.jars.schedule_timer(jar.id, now)
    assert shop.timers.fire_due(now + timedelta(seconds=1)) == 1
    assert types(shop) == ["Bought", "Shaken"]
    later = shop.store.next_timer_at()
    assert later is not None
    assert later > now + timedelta(seconds=50)
