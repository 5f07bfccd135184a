"""The GraphQL API: types, queries, mutations, loaders, cursors, errors.

Uses ``ingest``, ``similarity`` and ``graph``; knows nothing of HTTP. A module per noun; resolvers
are one or two lines that call a query, a use of similarity or ingest, or a loader. ``schema.build``
puts everything together; ``schema.export`` writes it down.
"""
