"""`complaint-graph export`: an analysis as a table for Excel or for a program.

The figures are the API's own: ``documents`` asks the schema, ``rows`` makes the answer flat,
``files`` writes it, ``command`` puts them together.
"""
