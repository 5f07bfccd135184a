"""Numbers for analysts: Cypher aggregates, and statistics as pure functions."""
