"""A bank of its own: cases of it are erased."""

from tests.support.bank import bank

__all__ = ["bank"]
