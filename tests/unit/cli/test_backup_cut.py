"""Whether copies of event stores fit together."""

from cli.backups.cut import Consumed, StoreState, contradictions


def stores(consumed: Consumed) -> dict[str, StoreState]:
    """Return CRM with ten events, and ERP that has consumed it."""
    return {"crm": StoreState("a1", 10, {}), "erp": StoreState("b2", 4, {"crm": consumed})}


def test_a_service_may_be_behind_its_source_or_at_its_end() -> None:
    assert list(contradictions(stores(Consumed("a1", 3)))) == []
    assert list(contradictions(stores(Consumed("a1", 10)))) == []


def test_a_service_must_not_have_consumed_what_the_copy_of_its_source_does_not_have() -> None:
    assert list(contradictions(stores(Consumed("a1", 11)))) == ["erp has consumed crm up to 11, which ends with 10"]


def test_a_service_must_not_have_consumed_another_store_than_the_one_of_the_backup() -> None:
    assert list(contradictions(stores(Consumed("c3", 3)))) == ["erp has consumed epoch c3 of crm, which has epoch a1"]
