"""Reads, a module per noun: a Cypher constant and the function around it."""
