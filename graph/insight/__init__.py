"""What many complaints say together: aggregates in Cypher, statistics as small pure functions."""
