"""Derived ids: the id of an aggregate follows from its registered name and its parts."""

from uuid import UUID, uuid5

from shared.domain import Aggregate, event

NAMESPACE = UUID("6f0c1f8e-5b0a-4c52-9d7e-51e8e5100000")
ORDER = UUID("0b9f5f0e-57c5-4c8b-8a46-0f0d8f8f9b11")


class Parcel(Aggregate):
    @event("Packed")
    def __init__(self, order_id: UUID, ordinal: int) -> None:
        self.order_id, self.ordinal = order_id, ordinal

    @classmethod
    def create_id(cls, order_id: UUID, ordinal: int) -> UUID:
        return cls.derive_id(order_id, ordinal)


class Pallet(Aggregate):
    @event("Stacked")
    def __init__(self) -> None:
        pass


def test_an_id_is_derived_from_the_registered_name_and_the_parts() -> None:
    assert Parcel.derive_id(ORDER, 2) == uuid5(NAMESPACE, f"tests.Parcel/{ORDER}/2")
    assert Parcel(ORDER, 2).id == Parcel.derive_id(ORDER, 2)


def test_other_parts_and_other_aggregates_have_other_ids() -> None:
    ids = {Parcel.derive_id(ORDER, 1), Parcel.derive_id(ORDER, 2), Parcel.derive_id(ORDER), Pallet.derive_id(ORDER)}
    assert len(ids) == 4
