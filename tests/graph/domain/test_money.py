"""Bands and decimals of amounts are those of their currency."""

from decimal import Decimal

import pytest

from graph.domain.enums import AmountBand
from graph.domain.money import SHIPPED_BOUNDS, AmountBands, exponent, money
from graph.errors import InvalidInputError


@pytest.mark.parametrize(
    ("amount", "currency", "band"),
    [
        (999, "CNY", AmountBand.SMALL),
        (1_000, "CNY", AmountBand.MEDIUM),
        (50_000, "CNY", AmountBand.LARGE),
        (50_000, "JPY", AmountBand.MEDIUM),
        (2_000_000, "JPY", AmountBand.LARGE),
        (10_000, "USD", AmountBand.LARGE),
        (10_000, "KRW", AmountBand.SMALL),
        # Of a currency without bounds: as in the bank's own.
        (50_000, "XOF", AmountBand.LARGE),
    ],
)
def test_bands_by_currency(amount: int, currency: str, band: AmountBand) -> None:
    assert AmountBands().band(money(Decimal(amount), currency)) is band


def test_a_bank_of_another_currency() -> None:
    own = (Decimal(100), Decimal(1_000))
    bands = AmountBands(own, "EUR", {**SHIPPED_BOUNDS, "CNY": (Decimal(1), Decimal(2))})
    assert bands.band(money(Decimal(1_000), "EUR")) is AmountBand.LARGE
    assert bands.band(money(Decimal(3), "CNY")) is AmountBand.LARGE
    assert bands.band(money(Decimal(3), "USD")) is AmountBand.SMALL


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("TND", 3)])
def test_decimals_by_currency(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    smallest = Decimal(1).scaleb(-decimals)
    assert money(smallest, currency).minor == 1
    with pytest.raises(InvalidInputError, match="more decimals"):
        money(smallest / 10, currency)
