"""The small bank, with cases on every side of every border, for all tests of this package."""

from tests.support.bank import bank

__all__ = ["bank"]
