"""What several commands in one unit of work leave behind, if some of them are refused."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from shared import codec
from shared.domain import DomainError
from tests.unit.shared.sweet_shop import Jar, Shop, metas, types


def one_by_one(shop: Shop, *steps: Callable[[], object], day: date | None = None) -> list[str]:
    """Each step alone, all in one unit of work; the refusals in their order."""

    def work() -> list[str]:
        refused = []
        for step in steps:
            try:
                with shop.runner.batch_item(day):
                    step()
            except DomainError as refusal:
                refused.append(refusal.code)
        return refused

    return shop.runner.run(work)


def test_what_one_of_many_commands_did_is_taken_back_alone(shop: Shop) -> None:
    jar = shop.jars.buy("a")
    refused = one_by_one(
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


def test_a_jar_bought_by_one_and_filled_by_a_refused_one_is_as_it_was_bought(shop: Shop) -> None:
    made: list[Jar] = []
    refused = one_by_one(
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


def test_numbers_and_labels_of_a_refused_command_are_free_for_the_next(shop: Shop) -> None:
    refused = one_by_one(
        shop,
        lambda: shop.jars.numbered("a", refuse=False),
        lambda: (shop.jars.buy("x"), shop.jars.numbered("b", refuse=True)),
        lambda: shop.jars.numbered("c", refuse=False),
        lambda: shop.jars.buy("x"),
    )
    assert refused == ["too_much"]
    assert [codec.decode_untyped(each.state)["label"] for each in shop.store.log(0, 9)] == ["a 1", "c 2", "x"]


def test_each_of_many_commands_has_its_correlation_and_its_day(shop: Shop) -> None:
    one_by_one(shop, lambda: shop.jars.buy("a"), lambda: shop.jars.buy("b"), day=date(2026, 3, 3))
    assert {meta["effective_on"] for meta in metas(shop)} == {"2026-03-03"}
    assert len({meta["correlation_id"] for meta in metas(shop)}) == 2


def test_the_key_that_a_refused_command_would_have_erased_is_kept(shop: Shop) -> None:
    person = uuid4()
    sealed = shop.jars.encrypt(person, "Ann")
    assert sealed
    one_by_one(
        shop, lambda: (shop.jars.erase(person), shop.jars.numbered("a", refuse=True)), lambda: shop.jars.buy("b")
    )
    assert shop.key_store.decrypt(person, sealed.cipher) == "Ann"
