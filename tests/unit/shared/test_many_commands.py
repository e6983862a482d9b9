"""A batch of commands in one unit of work stores the changes of the accepted commands only."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from shared import codec
from shared.command_context import GivenDate
from shared.domain import DomainError
from tests.unit.shared.sweet_shop import Jar, Shop, metas, types


def run_batch(shop: Shop, *steps: Callable[[], object], day: date | None = None) -> list[str]:
    """Run each step as a batch item of one unit of work; return the codes of the refused ones in order."""

    def work() -> list[str]:
        refused = []
        for step in steps:
            try:
                with shop.runner.batch_item(GivenDate(day) if day else None):
                    step()
            except DomainError as refusal:
                refused.append(refusal.code)
        return refused

    return shop.runner.run(work)


def test_only_the_changes_of_the_refused_commands_are_undone(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    refused = run_batch(
        shop,
        lambda: shop.jars.fill(jar.id, 3),
        lambda: (shop.jars.fill(jar.id, 4), shop.jars.fill(jar.id, 4)),
        lambda: shop.jars.fill(jar.id, 7),
        lambda: shop.jars.fill(jar.id, 1),
    )
    assert refused == ["too_much", "too_much"]
    assert types(shop) == ["Bought", "Filled", "Filled"]
    assert shop.jars.jar(jar.id).sweets == 10
    assert shop.jars.jar(jar.id).version == 3


def test_a_refused_command_leaves_an_aggregate_created_in_the_batch_unchanged(shop: Shop) -> None:
    made: list[Jar] = []
    refused = run_batch(
        shop,
        lambda: made.append(shop.jars.buy("a")),
        lambda: (shop.jars.fill(made[0].id, 9), shop.jars.fill(made[0].id, 9)),
        lambda: shop.jars.fill(made[0].id, 2),
    )
    assert refused == ["too_much"]
    assert types(shop) == ["Bought", "Filled"]
    assert shop.jars.jar(made[0].id).sweets == 2
    shop.jars.fill(made[0].id, 1)
    assert len({meta["correlation_id"] for meta in metas(shop)}) == 1


def test_numbers_and_unique_values_of_a_refused_command_are_free_for_the_next(shop: Shop) -> None:
    refused = run_batch(
        shop,
        lambda: shop.jars.buy_numbered("a", refuse=False),
        lambda: (shop.jars.buy("x"), shop.jars.buy_numbered("b", refuse=True)),
        lambda: shop.jars.buy_numbered("c", refuse=False),
        lambda: shop.jars.buy("x"),
    )
    assert refused == ["too_much"]
    assert [codec.decode_untyped(each.state)["label"] for each in shop.store.log(0, 9)] == ["a 1", "c 2", "x"]


def test_each_command_of_a_batch_has_its_own_correlation_id_and_the_business_date(shop: Shop) -> None:
    run_batch(shop, lambda: shop.jars.buy("a"), lambda: shop.jars.buy("b"), day=date(2026, 3, 3))
    assert {meta["effective_on"] for meta in metas(shop)} == {"2026-03-03"}
    assert len({meta["correlation_id"] for meta in metas(shop)}) == 2


def test_a_refused_command_erases_no_encryption_key(shop: Shop) -> None:
    person = uuid4()
    encrypted = shop.jars.encrypt(person, "Ann")
    assert encrypted
    run_batch(
        shop, lambda: (shop.jars.erase(person), shop.jars.buy_numbered("a", refuse=True)), lambda: shop.jars.buy("b")
    )
    assert shop.key_store.decrypt(person, encrypted.cipher) == "Ann"
