"""How much a customer may owe, and who waits."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from services.erp.receivables.domain.credit_account import CreditAccount, CreditAccountStatus, NotHeld
from shared.money import Money
from shared.testing import given, new_events

FIRST, SECOND, THIRD = uuid4(), uuid4(), uuid4()


def usd(amount: str | int) -> Money:
    return Money(amount, "USD")


def a_customer(limit: str | None = "100.00") -> CreditAccount:
    credit = CreditAccount(uuid4())
    credit.change_terms("USD", usd(limit) if limit else None)
    return given(credit)


def names(credit: CreditAccount) -> list[str]:
    return [name for name, _ in new_events(credit)]


def approved(credit: CreditAccount) -> list[UUID]:
    return [fields["order_id"] for name, fields in new_events(credit) if name == "OrderApproved"]


def test_an_order_within_the_limit_is_approved():
    credit = a_customer("100.00")
    credit.check_order(FIRST, usd("100.00"))
    assert new_events(credit) == [("OrderApproved", {"order_id": FIRST, "total": usd("100.00"), "revision": 1})]
    assert (credit.exposure_in("USD"), credit.status) == (usd("100.00"), CreditAccountStatus.OK)


def test_an_order_beyond_the_limit_is_held_without_exposure():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("60.00")))
    credit.check_order(SECOND, usd("40.01"))
    assert new_events(credit) == [("OrderHeld", {"order_id": SECOND, "total": usd("40.01"), "revision": 1})]
    assert (credit.exposure_in("USD"), credit.status) == (usd("60.00"), CreditAccountStatus.HELD)


def test_a_customer_without_limit_may_owe_any_amount():
    credit = a_customer(None)
    credit.check_order(FIRST, usd("1000000.00"))
    assert approved(credit) == [FIRST]


def test_every_order_is_held_until_the_terms_are_known():
    credit = given(CreditAccount(uuid4()))
    credit.check_order(FIRST, usd("1.00"))
    assert names(credit) == ["OrderHeld"]
    credit.change_terms("USD", None)
    assert names(credit) == ["OrderHeld", "TermsAgreed", "OrderApproved"]


def test_an_order_in_another_currency_than_the_limit_needs_a_release():
    credit = a_customer("100.00")
    credit.check_order(FIRST, Money("1.00", "EUR"))
    assert names(credit) == ["OrderHeld"]
    credit.release(FIRST, "known to pay")
    assert (credit.exposure_in("EUR"), credit.exposure_in("USD")) == (Money("1.00", "EUR"), usd(0))


def test_a_person_releases_a_held_order_beyond_the_limit():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("150.00")))
    credit.release(FIRST, "pays on delivery")
    assert new_events(credit) == [
        ("OrderReleased", {
            "order_id": FIRST, "total": usd("150.00"), "reason": "pays on delivery", "revision": 1,
        }),
    ]  # fmt: skip
    assert (credit.exposure_in("USD"), credit.status) == (usd("150.00"), CreditAccountStatus.OVER_LIMIT)


def test_only_a_held_order_can_be_released():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("10.00")))
    with pytest.raises(NotHeld):
        credit.release(FIRST, "again")
    assert new_events(credit) == []


def test_a_payment_approves_held_orders_oldest_first():
    credit = given(
        a_customer("100.00"),
        lambda credit: credit.check_order(FIRST, usd("100.00")),
        lambda credit: credit.check_order(SECOND, usd("30.00")),
        lambda credit: credit.check_order(THIRD, usd("30.00")),
    )
    credit.apply_payment(usd("40.00"))
    assert approved(credit) == [SECOND]
    credit.apply_payment(usd("20.00"))
    assert approved(credit) == [SECOND, THIRD]


def test_a_held_order_that_does_not_fit_does_not_block_younger_ones():
    credit = given(
        a_customer("100.00"),
        lambda credit: credit.check_order(FIRST, usd("90.00")),
        lambda credit: credit.check_order(SECOND, usd("80.00")),
        lambda credit: credit.check_order(THIRD, usd("30.00")),
    )
    credit.apply_payment(usd("40.00"))
    assert (approved(credit), list(credit.held)) == ([THIRD], [SECOND])


def test_a_higher_limit_approves_held_orders():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("150.00")))
    credit.change_terms(None, usd("150.00"))
    assert names(credit) == ["TermsAgreed", "OrderApproved"]
    assert credit.currency == "USD"


def test_a_lower_limit_keeps_approved_orders():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("90.00")))
    credit.change_terms(None, usd("50.00"))
    assert names(credit) == ["TermsAgreed"]
    assert (credit.exposure_in("USD"), credit.status) == (usd("90.00"), CreditAccountStatus.OVER_LIMIT)


def test_the_same_terms_again_change_nothing():
    credit = a_customer("100.00")
    credit.change_terms("USD", usd("100.00"))
    assert new_events(credit) == []


def test_a_closed_order_releases_what_is_not_invoiced():
    credit = given(
        a_customer("100.00"),
        lambda credit: credit.check_order(FIRST, usd("90.00")),
        lambda credit: credit.check_order(SECOND, usd("60.00")),
    )
    credit.reduce_exposure(FIRST, usd("50.00"))
    assert approved(credit) == [SECOND]
    assert credit.exposure_in("USD") == usd("100.00")


def test_a_closed_held_order_is_no_longer_held():
    credit = given(a_customer("100.00"), lambda credit: credit.check_order(FIRST, usd("150.00")))
    credit.reduce_exposure(FIRST, usd("150.00"))
    assert (names(credit), credit.exposure_in("USD"), credit.held) == (["HoldReleased"], usd(0), {})


def test_a_reversed_payment_is_owed_again_even_beyond_the_limit():
    credit = given(
        a_customer("100.00"),
        lambda credit: credit.check_order(FIRST, usd("90.00")),
        lambda credit: credit.apply_payment(usd("90.00")),
        lambda credit: credit.check_order(SECOND, usd("80.00")),
    )
    credit.reverse_payment(usd("90.00"))
    assert (credit.exposure_in("USD"), credit.status) == (usd("170.00"), CreditAccountStatus.OVER_LIMIT)


@for_any(
    st.integers(0, 200),
    st.lists(st.tuples(st.sampled_from(["order", "pay", "drop"]), st.integers(1, 120)), max_size=25),
)
def test_no_order_is_approved_beyond_the_limit(limit: int, steps: list[tuple[str, int]]):
    credit, owed = a_customer(str(limit)), dict[UUID, int]()
    for step, amount in steps:
        before = len(approved(credit))
        if step == "order":
            credit.check_order(uuid4(), usd(amount))
        elif step == "pay" and sum(owed.values()):
            owed_by, owing = max(owed.items(), key=lambda each: each[1])
            owed[owed_by] -= min(amount, owing)
            credit.apply_payment(usd(min(amount, owing)))
        elif step == "drop" and owed:
            credit.reduce_exposure(next(iter(owed)), usd(owed.pop(next(iter(owed)))))
        for order_id in approved(credit)[before:]:
            owed[order_id] = int(next(
                fields["total"].amount for name, fields in new_events(credit)
                if name == "OrderApproved" and fields["order_id"] == order_id
            ))  # fmt: skip
        assert sum(owed.values()) <= limit
        assert credit.exposure_in("USD") == usd(sum(owed.values()))
