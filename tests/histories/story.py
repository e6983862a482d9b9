"""What happens in a random history: chance decides, the suite answers, and the oracle has to agree."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.histories.desks import HistoryDesk
from tests.histories.figures import ExpectedFigures, ShownFigures, differences, negative_stock
from tests.histories.oracle.amounts import cents
from tests.histories.oracle.firm import Firm, Party, Refused
from tests.histories.oracle.stock import AFTER_ALL, Place

Row = dict[str, Any]
SKUS, WAREHOUSES = ("BOLT", "NUT", "WASHER"), ("MAIN", "PORT")
DAYS = 60
TERMS = (0, 14, 30)
DISCOUNTS = ("0", "0", "0", "10", "12.5", "33")


class Disagreement(AssertionError):
    """Raised when suite and oracle disagree; the message has the seed and the story until then."""


def usd(amount: Decimal) -> Row:
    return {"amount": f"{amount:f}", "currency": "USD"}


class Story:
    """A firm, what people requested of it by chance, and what must then be shown; the same seed gives the same."""

    def __init__(self, desk: HistoryDesk, seed: int) -> None:
        self.desk, self.seed, self.random = desk, seed, Random(seed)
        self.firm, self.numbers = Firm(), dict[str, str]()
        self.story: list[str] = []
        self.figures = 0
        self.today = datetime.now(UTC).date()
        self.step, self.outcomes = "", Counter[tuple[str, bool]]()
        """The step being taken, and how often each was done, or refused."""
        self._names = iter(range(1, 10_000))
        self._register()

    def compare_all(self) -> None:
        """Compare all figures of now, of past days and of tomorrow, and the rebuilt read models."""
        self.compare_now()
        shown, expected = ShownFigures(self.desk), ExpectedFigures(self.firm, self.numbers)
        for back in sorted(self.random.sample(range(DAYS), 4), reverse=True):
            day = self.today - timedelta(days=back)
            self._compare(shown.as_of(day, is_last=False), expected.as_of(day, is_last=False))
        tomorrow = self.today + timedelta(days=1)
        self._compare(shown.as_of(tomorrow, is_last=True), expected.as_of(tomorrow, is_last=True))
        if found := self.desk.faults():
            self._fail(found)

    def compare_now(self) -> None:
        """Compare all figures that have no day."""
        self._compare(ShownFigures(self.desk).now(), ExpectedFigures(self.firm, self.numbers).now())

    def _compare(self, shown: dict[str, str], expected: dict[str, str]) -> None:
        self.figures += len({*shown, *expected})
        if found := differences(shown, expected) + negative_stock(shown):
            self._fail(found)

    def _fail(self, found: list[str]) -> None:
        story = "\n".join(f"  {number:>3}. {line}" for number, line in enumerate(self.story, 1))
        raise Disagreement(f"seed {self.seed}, after {len(self.story)} steps\n{story}\n" + "\n".join(found[:40]))

    def act(self, what: str, path: str, body: Row, expect: Callable[[Row], None], by_other: bool = False) -> None:
        """Request something; the oracle must allow it exactly if the suite does."""
        answered = self.desk.post_as_other(path, body) if by_other else self.desk.post(path, body)
        if needs_confirmation(answered):
            answered = self.desk.post_as_other(path, body)
        is_done = answered.status_code in (200, 201)
        try:
            expect(answered.json if is_done else {"id": "none"})
            allowed = "it"
        except Refused as refused:
            allowed = f"no: {refused}"
        self.outcomes[self.step, is_done] += 1
        self.story.append(f"{what} → {'done' if is_done else answered.json['detail']}")
        if is_done != (allowed == "it"):
            self._fail([f"the suite answers {answered.status_code} {answered.json}, the oracle allows {allowed}"])

    # -- chance

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, found: Any) -> Any:
        """Return one of these, or None if there are none."""
        choice = list(found)
        return self.random.choice(choice) if choice else None

    def day(self, earliest: date | None = None) -> date:
        first = earliest or self.today - timedelta(days=DAYS)
        return (
            min(first, self.today)
            if first >= self.today
            else first + timedelta(self.random.randint(0, (self.today - first).days))
        )

    def price(self, most: int = 3_000) -> Decimal:
        return Decimal(self.random.randint(1, most)) / 100

    def quantity(self, most: int = 12) -> Decimal:
        return Decimal(self.random.randint(1, most * 2)) / 2

    def part(self, whole: Decimal) -> Decimal:
        """Return all of it, or some."""
        return whole if self.chance(0.6) else max(cents(whole / self.random.choice((2, 3, 7))), Decimal("0.01"))

    def some(self, skus: tuple[str, ...] = SKUS) -> list[str]:
        return self.random.sample(skus, self.random.randint(1, len(skus)))

    def place(self, earliest: date | None = None) -> tuple[Place, Row]:
        """Return a place among the movements, and how a request gives it: by a day, or by an instant of a past day."""
        day = self.day(earliest)
        if day < self.today and self.chance(0.5):
            instant = f"{self.random.randint(0, 23):02}:{self.random.randint(0, 59):02}:00"
            return Place(day, instant), {"at": f"{day}T{instant}Z"}
        return Place(day, AFTER_ALL), {"day": str(day)}

    # -- master data

    def _register(self) -> None:
        for code in WAREHOUSES:
            self.desk.done("/scm/warehouses", {"code": code, "name": code.title()})
        for sku in SKUS:
            self.desk.done("/scm/items", {"sku": sku, "name": sku.title(), "unit": "piece"})
        for name, limit in (("Atlas", None), ("Brook", Decimal(150)), ("Cedar", Decimal(40))):
            terms = self.random.choice(TERMS)
            given = {"credit_limit": usd(limit)} if limit is not None else {}
            customer = self.desk.customer(payment_terms_days=terms, **given)
            self.firm.parties[customer] = Party(customer, name, terms, is_customer=True, limit=limit)
        for name in ("Mill", "Forge"):
            terms = self.random.choice(TERMS)
            supplier = self.desk.supplier(payment_terms_days=terms)
            self.firm.parties[supplier] = Party(supplier, name, terms, is_customer=False)

    def customers(self) -> list[Party]:
        return [each for each in self.firm.parties.values() if each.is_customer]

    def suppliers(self) -> list[Party]:
        return [each for each in self.firm.parties.values() if not each.is_customer]


def needs_confirmation(answered: Any) -> bool:
    """Return whether a request was only recorded: another person must request the same."""
    row = answered.json if answered.status_code == 200 else {}
    return bool(row.get("reversal_request")) and row.get("status") != "reversed"
