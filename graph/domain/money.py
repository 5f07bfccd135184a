"""Money in integer minor units with a currency (ISO 4217)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from graph.domain.enums import AmountBand
from graph.errors import InvalidInputError

#: Currencies without the usual two decimals (ISO 4217).
_EXPONENTS: Mapping[str, int] = MappingProxyType(
    {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3}
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
    """Upper bounds, in major units of any currency: below ``medium`` is small, and so on."""

    medium: Decimal = Decimal(1_000)
    large: Decimal = Decimal(50_000)

    def band(self, money: Money) -> AmountBand:
        if money.value < self.medium:
            return AmountBand.SMALL
        return AmountBand.MEDIUM if money.value < self.large else AmountBand.LARGE


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit."""
    return _EXPONENTS.get(currency, 2)


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
