"""The small bank for all tests of this package, and a browser for its pages."""

from tests.support.bank import bank
from tests.support.browser import browser, faults, origin, page, visit

__all__ = ["bank", "browser", "faults", "origin", "page", "visit"]
