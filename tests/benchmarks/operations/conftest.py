"""The small bank for all tests of this package."""

from tests.support.bank import bank

__all__ = ["bank"]
