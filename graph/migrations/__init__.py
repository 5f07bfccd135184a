"""Constraints and indexes: ordered and named steps, each recorded in the graph when it is done."""
