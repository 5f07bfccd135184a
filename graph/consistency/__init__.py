"""Proof that the graph agrees with itself, and the repair of what can be derived anew.

A module per kind of agreement: copied codes with relations, state with events, vectors with
spaces, links with their definition, customers with their identifiers.
"""

from graph.consistency.check import check
from graph.consistency.findings import Finding, Report

__all__ = ["Finding", "Report", "check"]
