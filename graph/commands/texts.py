"""What must go with a text that changes: its vectors, in every space that ever was."""

from graph.domain.spaces import VECTORS


def forget_vectors(when: str = "true") -> str:
    """The clauses after which ``c`` has no vector left, where ``when`` holds of a row.

    A process knows the spaces that take writes; a retired one, or one that another process is
    building, would keep the vector of what nobody may read any more.
    """
    return f"""SET c.textChangedAt = CASE WHEN {when} THEN datetime() ELSE c.textChangedAt END
    FOREACH (name IN [key IN keys(c) WHERE {when} AND key STARTS WITH '{VECTORS}'] |
      SET c[name] = null)"""
