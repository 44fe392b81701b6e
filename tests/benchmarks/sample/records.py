"""Ten tests of dataclasses, enumerations and decimals."""

from __future__ import annotations

import dataclasses
import enum
from decimal import Decimal

import pytest


class Currency(enum.Enum):
    """Two of them."""

    EURO = "EUR"
    POUND = "GBP"


@dataclasses.dataclass(frozen=True, order=True)
class Money:
    """An amount of a currency."""

    amount: Decimal
    currency: str = "EUR"

    def plus(self, other: Money) -> Money:
        """The sum of two amounts of the same currency."""
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency}")
        return dataclasses.replace(self, amount=self.amount + other.amount)


@pytest.fixture
def purse() -> list[Money]:
    """Ten amounts."""
    return [Money(Decimal(number) / 10) for number in range(10)]


def test_sum(purse: list[Money]) -> None:
    total = purse[0]
    for money in purse[1:]:
        total = total.plus(money)
    assert total.amount == Decimal("4.5")


def test_order(purse: list[Money]) -> None:
    assert max(purse) == purse[-1]


def test_hash(purse: list[Money]) -> None:
    assert len({*purse, *purse}) == len(purse)


def test_as_dict(purse: list[Money]) -> None:
    assert dataclasses.asdict(purse[1]) == {"amount": Decimal("0.1"), "currency": "EUR"}


def test_currencies_do_not_mix(purse: list[Money]) -> None:
    with pytest.raises(ValueError, match="EUR and GBP"):
        purse[0].plus(Money(Decimal(1), "GBP"))


def test_frozen(purse: list[Money]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        purse[0].amount = Decimal(2)  # type: ignore[misc]


@pytest.mark.parametrize("currency", list(Currency))
def test_lookup(currency: Currency) -> None:
    assert Currency(currency.value) is currency


@pytest.mark.parametrize(("text", "places"), [("1.005", "0.01"), ("2.5", "1")])
def test_rounding(text: str, places: str) -> None:
    assert abs(Decimal(text).quantize(Decimal(places)) - Decimal(text)) < Decimal(1)
