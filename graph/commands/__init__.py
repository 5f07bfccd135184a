"""Writes, a module per act: node, relation, copied codes and event together, one transaction."""
