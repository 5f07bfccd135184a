"""The bank, for tests of search."""

from tests.support.bank import bank

__all__ = ["bank"]
