"""Money in integer minor units with a currency (ISO 4217)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TypeAlias

from babel.numbers import get_currency_precision

from graph.domain.enums import AmountBand
from graph.errors import InvalidInputError

#: From which amounts on, in major units, an amount is medium, and large.
Bounds: TypeAlias = tuple[Decimal, Decimal]
#: Of about the same worth as the default bounds of yuan.
SHIPPED_BOUNDS: Mapping[str, Bounds] = MappingProxyType(
    {
        currency: (Decimal(medium), Decimal(large))
        for currencies, medium, large in (
            ("USD EUR GBP CHF SGD AUD CAD NZD", 150, 7_000),
            ("HKD MOP CNH", 1_000, 50_000),
            ("TWD THB PHP", 5_000, 200_000),
            ("JPY", 20_000, 1_000_000),
            ("INR RUB", 10_000, 500_000),
            ("BRL MYR PLN", 700, 35_000),
            ("SEK NOK DKK ZAR MXN TRY", 2_000, 100_000),
            ("HUF", 50_000, 2_500_000),
            ("KRW", 200_000, 10_000_000),
            ("VND IDR", 3_000_000, 150_000_000),
            ("KWD BHD OMR JOD", 40, 2_000),
        )
        for currency in currencies.split()
    }
)
#: More than any dispute, and far inside a 64-bit integer in minor units.
LARGEST = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))


@dataclass(frozen=True, slots=True)
class AmountBands:
    """From which amounts on an amount is medium, and large: ``own`` in the bank's own currency,
    ``others`` in those named; in any further one as in the bank's own.
    """

    own: Bounds = (Decimal(1_000), Decimal(50_000))
    currency: str = "CNY"
    others: Mapping[str, Bounds] = field(default_factory=lambda: SHIPPED_BOUNDS)

    def band(self, money: Money) -> AmountBand:
        is_own = money.currency == self.currency
        medium, large = self.own if is_own else self.others.get(money.currency, self.own)
        if money.value < medium:
            return AmountBand.SMALL
        return AmountBand.MEDIUM if money.value < large else AmountBand.LARGE


@cache
def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit (Unicode CLDR); 2 for one that is not known."""
    return int(get_currency_precision(currency))


def money(value: Decimal, currency: str, *, what: str = "amount") -> Money:
    """Checked money.

    Raises:
        InvalidInputError: a negative or absurd value, a fraction of the minor unit, or a
            currency that is not three capital letters.
    """
    if not (
        len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
    ):
        raise InvalidInputError(
            f"{what}: that is no currency; use an ISO 4217 code such as CNY.", path=[what]
        )
    if not value.is_finite() or value < 0 or value > LARGEST:
        raise InvalidInputError(f"{what} must lie between 0 and {LARGEST:,}.", path=[what])
    minor = value.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise InvalidInputError(f"{what} has more decimals than {currency} has.", path=[what])
    return Money(int(minor), currency)
