"""A unique value has one owner, however it is spelled: in any case, with or without accents, in any Unicode form."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from unicodedata import category, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import AlreadyTaken
from shared.key_store import KeyStore
from shared.store import Commit
from shared.store.event_store import EventStore
from tests.integration.store.databases import DatabaseFixture, owner_of, reserved
from tests.integration.store.test_conformance import JAR, LID, together
from tests.unit.shared.sweet_shop import Shop, TooMuch, types

READ_ALIKE = [
    ("a", "A"),
    ("MÜLLER", "Muller"),
    ("Stra\u00dfe", "STRASSE"),
    ("STRA\u1e9eE", "strasse"),
    ("caf\u00e9", "cafe\u0301"),
    ("\u1ed9", "o\u0323\u0302"),
    ("o\u0302\u0323", "o\u0323\u0302"),
    ("\uff21\uff11", "A1"),
    ("\ufb01n", "FIN"),
    ("\u212b", "\u00e5"),
    ("\u212a", "k"),
    ("\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "\u03a3\u0399\u03a3\u03a5\u03a6\u039f\u03a3"),
    ("\u0130", "i"),
    ("\u0131", "I"),
    ("\u0131", "\u0130"),
    ("Łódź", "lodz"),
    ("ÆRØ", "aero"),
    ("\uac00", "\u1100\u1161"),
]
READ_AS_DIFFERENT = [
    ("a", "b"), ("A1", "A 1"), ("A-1", "A_1"), ("SO-1", "SO-01"), ("O", "0"), ("l", "1"), ("Müller", "Mueller"),
    ("A", "\u0410"), ("rn", "m"), ("A-1", "A\u20131"),
]  # fmt: skip
"""Among them a Cyrillic letter, and a dash that is no hyphen."""

LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
"""Letters that Unicode does not decompose, as people without them on their keyboard write them."""


def as_read(text: str) -> str:
    """Return the text as Unicode matches it without regard to case and compatibility (D146), without marks."""
    plain = normalize("NFKD", normalize("NFKD", normalize("NFD", text).casefold()).casefold())
    return "".join(LETTERS.get(each, each) for each in plain if category(each) != "Mn")


SPELLINGS: list[Callable[[str], str]] = [
    str.upper, str.lower, str.swapcase, *(partial(normalize, form) for form in ("NFC", "NFD", "NFKC", "NFKD")), as_read,
]  # fmt: skip
COMMON = (
    "aAbeEoOiIkKsSßüÜéÉłŁøæıİĳŉſﬁ\u0301\u0308\u0323\uff21\uff41\u2126\u212a\u03c2\u03a3\u1fb3\u0345\u0410\uac00 -1²"
)
texts = st.text(st.sampled_from(COMMON), max_size=4) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=8
)
pairs = st.tuples(texts, texts) | st.builds(lambda text, spell: (text, spell(text)), texts, st.sampled_from(SPELLINGS))


def is_refused(store: EventStore, name: str, first: str, second: str) -> bool:
    """Whether the second value is refused after the first, to another owner in the same namespace."""
    store.commit(Commit(reservations=reserved(first, JAR, name)))
    try:
        store.commit(Commit(reservations=reserved(second, LID, name)))
    except AlreadyTaken:
        return True
    return False


def test_two_texts_are_the_same_value_exactly_if_they_are_read_alike(store: EventStore) -> None:
    names = map(str, count())

    @settings(max_examples=300)
    @given(pairs)
    def law(pair: tuple[str, str]) -> None:
        first, second = pair
        name, read_alike = next(names), as_read(first) == as_read(second)
        assert is_refused(store, name, first, second) == read_alike
        assert owner_of(store, first, name) == JAR
        assert owner_of(store, second, name) == (JAR if first == second else None if read_alike else LID)

    law()


def test_known_spellings_of_a_value_are_the_same_value(store: EventStore) -> None:
    assert [pair for pair in READ_ALIKE if not is_refused(store, str(pair), *pair)] == []
    assert [pair for pair in READ_AS_DIFFERENT if is_refused(store, str(pair), *pair)] == []


# -- commands


@pytest.fixture
def open_shop(place: DatabaseFixture, tmp_path: Path) -> Callable[[], Shop]:
    def open_shop() -> Shop:
        key_store = KeyStore(tmp_path / "keys.db")
        key_store.migrate()
        return Shop(place.open(), key_store)

    return open_shop


@pytest.fixture
def shop(open_shop: Callable[[], Shop]) -> Shop:
    return open_shop()


def test_a_label_in_another_spelling_is_refused_naming_the_registered_one(shop: Shop) -> None:
    shop.jars.buy("MÜLLER")
    with pytest.raises(AlreadyTaken) as refused:
        shop.jars.buy("Muller")
    assert str(refused.value) == "label Muller is already in use: it is registered as 'MÜLLER'"
    with pytest.raises(AlreadyTaken) as refused:
        shop.jars.buy("MÜLLER")
    assert str(refused.value) == "label MÜLLER is already in use: choose another"
    assert types(shop) == ["Bought"]


def test_two_labels_of_one_unit_of_work_must_differ_in_more_than_case(shop: Shop) -> None:
    with pytest.raises(AlreadyTaken, match="it is registered as 'Plum'"):
        shop.runner.run(lambda: (shop.jars.buy("Plum"), shop.jars.buy("PLUM")))
    assert types(shop) == []


def test_labels_that_differ_in_case_and_are_registered_concurrently_have_one_owner(
    open_shop: Callable[[], Shop],
) -> None:
    shops, labels = [open_shop() for _ in range(2)], ["plum", "Plum", "PLUM", "plüm", "PLU\u0308M", "\uff50lum"]
    outcomes = together(*[partial(shops[nth % 2].jars.buy, label) for nth, label in enumerate(labels)])
    assert Counter(type(each).__name__ for each in outcomes) == {"Jar": 1, "AlreadyTaken": 5}
    assert types(shops[0]) == ["Bought"]
    owners = [shops[0].jars.owner_of_label(label) for label in labels]
    assert [each for each in owners if each] == [each.id for each in outcomes if not isinstance(each, AlreadyTaken)]


def test_a_label_is_found_only_as_it_was_registered(shop: Shop) -> None:
    jar = shop.jars.buy("Plum")
    assert [shop.jars.owner_of_label(label) for label in ("Plum", "PLUM", "plum", "Plüm")] == [jar.id, None, None, None]


@pytest.mark.parametrize("in_one_unit_of_work", [False, True])
def test_an_owner_may_change_the_spelling_of_its_label(shop: Shop, in_one_unit_of_work: bool) -> None:
    jar = shop.jars.buy("Muller")

    def change_and_change_back() -> None:
        for label in ("MULLER", "Muller", "MÜLLER"):
            shop.jars.relabel(jar.id, label)
            assert shop.jars.owner_of_label(label) == jar.id

    if in_one_unit_of_work:
        shop.runner.run(change_and_change_back)
    else:
        change_and_change_back()
    assert [shop.jars.owner_of_label(label) for label in ("Muller", "MULLER", "MÜLLER")] == [None, None, jar.id]
    with pytest.raises(AlreadyTaken, match="it is registered as 'MÜLLER'"):
        shop.jars.buy("Muller")


def test_a_label_released_in_its_own_spelling_is_free_in_every_spelling(shop: Shop) -> None:
    jar = shop.jars.buy("MÜLLER")
    shop.runner.run(lambda: shop.runner.uow.release_unique("label", "Muller"))
    assert shop.jars.owner_of_label("MÜLLER") == jar.id
    shop.runner.run(lambda: (shop.runner.uow.release_unique("label", "MÜLLER"), shop.jars.buy("Muller")))
    assert shop.jars.owner_of_label("MÜLLER") is None
    assert shop.jars.owner_of_label("Muller") not in (None, jar.id)


def test_a_refused_command_leaves_its_label_free_in_every_spelling(shop: Shop) -> None:
    with pytest.raises(TooMuch):
        shop.runner.run(lambda: (shop.jars.buy("Plum"), shop.jars.buy_numbered("b", refuse=True)))
    shop.jars.buy("PLUM")
    assert types(shop) == ["Bought"]
