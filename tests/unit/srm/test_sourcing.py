"""From whom an item is bought."""

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.domain.sourcing import Offer, Sourcing
from shared.testing import given, new_events
from tests.unit.srm.examples import terms

TODAY = date(2026, 1, 15)


def offering(code: str, *price, **more):
    supplier = more.pop("supplier_id", None) or uuid4()
    return lambda market: market.offer(Offer(supplier, code, terms(*price, **more)))


def best(*offers) -> list[str]:
    return [offer.supplier_code for offer in given(Sourcing("BOLT-M8"), *offers).rank_offers(TODAY)]


def test_the_lowest_price_comes_first_then_the_shortest_wait_then_the_code():
    assert best(
        offering("SLOW", "0.18", 9), offering("DEAR", "0.19", 1), offering("B", "0.18", 5), offering("A", "0.18", 5)
    ) == ["A", "B", "SLOW", "DEAR"]


def test_what_does_not_hold_today_is_no_offer():
    old, new = {"valid_to": date(2026, 1, 14)}, {"valid_from": date(2026, 1, 16)}
    assert best(offering("OLD", "0.01", **old), offering("NEW", "0.02", **new), offering("NOW", "0.18")) == ["NOW"]


def test_a_newer_entry_takes_the_place_of_the_same_suppliers_older_one():
    same = uuid4()
    market = given(Sourcing("X"), offering("A", "0.10", supplier_id=same), offering("A", "0.30", supplier_id=same))
    assert [offer.terms for offer in market.rank_offers(TODAY)] == [terms("0.30")]


def test_a_price_for_next_year_leaves_todays_in_place():
    same = uuid4()
    market = given(
        Sourcing("X"),
        offering("A", "0.10", supplier_id=same),
        offering("A", "0.30", supplier_id=same, valid_from=date(2027, 1, 1)),
    )
    assert [offer.terms.unit_price for offer in market.rank_offers(TODAY)] == [terms("0.10").unit_price]
    assert [offer.terms.unit_price for offer in market.rank_offers(date(2027, 1, 1))] == [terms("0.30").unit_price]


def test_prices_in_another_currency_are_never_taken_for_lower_ones():
    assert best(offering("USD-9", "9", currency="USD"), offering("EUR-1", "1", currency="EUR")) == ["USD-9", "EUR-1"]


def test_a_request_waits_once_and_is_filled_once():
    market, request = given(Sourcing("BOLT-M8")), UUID(int=7)
    for step in (market.queue_request, market.queue_request, market.mark_request_sourced, market.mark_request_sourced):
        step(request)
    assert [name for name, _ in new_events(market)] == ["RequestQueued", "RequestSourced"]
    assert market.queued_request_ids == []


OFFERS = any_.lists(
    any_.tuples(any_.integers(1, 4), any_.integers(0, 2)), min_size=1, max_size=9, unique_by=lambda offer: offer
)


@for_any(OFFERS, any_.randoms())
def test_the_choice_does_not_depend_on_who_offered_first(offers, chance):
    named = [offering(f"{cents}-{days}", f"0.0{cents}", days) for cents, days in offers]
    shuffled = chance.sample(named, len(named))
    assert best(*named) == best(*shuffled) == [f"{cents}-{days}" for cents, days in sorted(offers)]
