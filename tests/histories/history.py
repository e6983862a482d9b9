"""One random history: what people request of the suite, and whether the oracle allows the same."""

from collections.abc import Callable

from tests.histories.buying_steps import BuyingSteps
from tests.histories.selling_steps import SellingSteps
from tests.histories.settling_steps import SettlingSteps
from tests.histories.story import Disagreement

__all__ = ["Disagreement", "History"]


class History(SellingSteps, BuyingSteps, SettlingSteps):
    """A firm and what happened in it, step by step."""

    @property
    def steps(self) -> list[Callable[[], None]]:
        often = [
            self.order, self.order, self.buy, self.receive, self.receive, self.dispatch, self.dispatch, self.pay_in,
        ]  # fmt: skip
        some = [self.count, self.cancel, self.amend, self.bill, self.bill, self.pay_out, self.allocate, self.enter]
        seldom = [
            self.reverse_receipt, self.reprice, self.end_purchase, self.open_stock, self.reverse_opening,
            self.release_bill, self.reject_bill, self.reverse_payment, self.reverse_entry, self.release_order,
            self.change_limit,
        ]  # fmt: skip
        rests = [self.allocate, self.deallocate, self.write_off, self.write_off, self.reverse_write_off]
        return [*often, *often, *often, *some, *some, *seldom, *rests, *rests]

    def run(self, steps: int) -> None:
        """Take steps at random; what is shown is compared now and then, and at the end on several days."""
        for number in range(steps):
            self._take_step()
            if number % 10 == 9:
                self.compare_now()
        self.compare_all()

    def _take_step(self) -> None:
        """Take random steps until one is possible."""
        before = len(self.story)
        while len(self.story) == before:
            step = self.random.choice(self.steps)
            self.step = step.__name__
            step()
