"""Sourcing: the ranking of the offers for an item, and its waiting requests."""

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.catalogue.domain.sourcing import Sourcing
from services.srm.catalogue.domain.supplier_item import SupplierItem
from shared.testing import given, new_events
from tests.unit.srm.catalogue.examples import terms

TODAY = date(2026, 1, 15)


def an_item(*price, **more) -> SupplierItem:
    return SupplierItem(terms(*price, **more))


def in_catalogue(item: SupplierItem, code: str = "A"):
    return lambda sourcing: sourcing.update(item, code)


def offered(code: str, *price, **more):
    return in_catalogue(an_item(*price, **{"supplier_id": uuid4()} | more), code)


def best(*offers) -> list[str]:
    return [offer.supplier_code for offer in given(Sourcing("BOLT-M8"), *offers).rank_offers(TODAY)]


def test_the_lowest_price_comes_first_then_the_shortest_lead_time_then_the_code():
    assert best(
        offered("SLOW", "0.18", 9),
        offered("DEAR", "0.19", 1),
        offered("B", "0.18", 5),
        offered("A", "0.18", 5),
    ) == ["A", "B", "SLOW", "DEAR"]


def test_offers_not_valid_on_the_day_are_left_out():
    old, new = {"valid_to": date(2026, 1, 14)}, {"valid_from": date(2026, 1, 16)}
    assert best(offered("OLD", "0.01", **old), offered("NEW", "0.02", **new), offered("NOW", "0.18")) == ["NOW"]


def test_a_newer_entry_replaces_the_older_one_of_the_same_supplier():
    same = uuid4()
    sourcing = given(Sourcing("X"), offered("A", "0.10", supplier_id=same), offered("A", "0.30", supplier_id=same))
    assert [offer.terms for offer in sourcing.rank_offers(TODAY)] == [terms("0.30", supplier_id=same)]


def test_a_revised_entry_replaces_its_former_terms_and_stays_older_than_a_newer_entry():
    older, newer = an_item("0.10"), an_item("0.30")
    sourcing = given(Sourcing("X"), in_catalogue(older), in_catalogue(newer))
    older.revise(terms("0.20"))
    assert sourcing.update(older, "A")
    assert [offer.terms for offer in sourcing.rank_offers(TODAY)] == [terms("0.30")]
    newer.deactivate()
    assert not sourcing.update(newer, "A")
    assert [offer.terms for offer in sourcing.rank_offers(TODAY)] == [terms("0.20")]


def test_an_entry_is_withdrawn_while_it_is_deactivated_and_offered_again_on_its_present_terms():
    item = an_item("0.18")
    sourcing = given(Sourcing("X"), in_catalogue(item))
    item.deactivate()
    item.revise(terms("0.17"))
    assert not sourcing.update(item, "A")
    assert sourcing.rank_offers(TODAY) == []
    item.reactivate()
    assert sourcing.update(item, "A")
    assert [offer.terms for offer in sourcing.rank_offers(TODAY)] == [terms("0.17")]
    assert [name for name, _ in new_events(sourcing)] == ["Withdrawn", "Offered"]


def test_an_unchanged_entry_is_no_new_offer():
    item = an_item("0.18")
    sourcing = given(Sourcing("X"), in_catalogue(item))
    assert not sourcing.update(item, "A")
    assert new_events(sourcing) == []


def test_the_usual_currency_is_that_of_the_first_entry_that_is_still_offered():
    mistaken = an_item("1", currency="EUR", supplier_id=uuid4())
    sourcing = given(
        Sourcing("X"),
        in_catalogue(mistaken, "EUR-1"),
        offered("USD-9", "9"),
        offered("EUR-2", "2", currency="EUR"),
    )
    assert [offer.supplier_code for offer in sourcing.rank_offers(TODAY)] == ["EUR-1", "EUR-2", "USD-9"]
    mistaken.deactivate()
    sourcing.update(mistaken, "EUR-1")
    assert [offer.supplier_code for offer in sourcing.rank_offers(TODAY)] == ["USD-9", "EUR-2"]


def test_a_price_for_next_year_leaves_the_price_of_today_in_force():
    same = uuid4()
    sourcing = given(
        Sourcing("X"),
        offered("A", "0.10", supplier_id=same),
        offered("A", "0.30", supplier_id=same, valid_from=date(2027, 1, 1)),
    )
    assert [offer.terms.unit_price for offer in sourcing.rank_offers(TODAY)] == [terms("0.10").unit_price]
    assert [offer.terms.unit_price for offer in sourcing.rank_offers(date(2027, 1, 1))] == [terms("0.30").unit_price]


def test_prices_in_another_currency_are_never_compared_as_lower():
    assert best(offered("USD-9", "9", currency="USD"), offered("EUR-1", "1", currency="EUR")) == [
        "USD-9",
        "EUR-1",
    ]


def test_a_request_is_queued_once_and_sourced_once():
    sourcing, request = given(Sourcing("BOLT-M8")), UUID(int=7)
    for step in (
        sourcing.queue_request,
        sourcing.queue_request,
        sourcing.mark_request_sourced,
        sourcing.mark_request_sourced,
    ):
        step(request)
    assert [name for name, _ in new_events(sourcing)] == ["RequestQueued", "RequestSourced"]
    assert sourcing.queued_request_ids == []


OFFERS = any_.lists(
    any_.tuples(any_.integers(1, 4), any_.integers(0, 2)), min_size=1, max_size=9, unique_by=lambda offer: offer
)


@for_any(OFFERS, any_.randoms())
def test_the_ranking_does_not_depend_on_the_order_of_the_offers(offers, chance):
    named = [offered(f"{cents}-{days}", f"0.0{cents}", days) for cents, days in offers]
    shuffled = chance.sample(named, len(named))
    assert best(*named) == best(*shuffled) == [f"{cents}-{days}" for cents, days in sorted(offers)]
