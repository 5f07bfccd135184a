"""The knowledge graph: what it holds, what may be asked of it, what may change it.

The lowest layer: it uses no other package of the project, and nothing else imports neo4j.

- ``domain``: plain dataclasses, enums and pure rules; the standard library only
- ``queries``: reads, a module per noun; ``commands``: writes, a module per act
- ``migrations``: constraints and indexes, ordered and named
- ``database``: the one door to Neo4j; ``embedded``: the Neo4j that we start ourselves
- ``errors``: the one tree of exceptions, used by every package
"""
