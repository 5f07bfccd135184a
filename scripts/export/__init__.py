"""`complaint-graph export`: an analysis as a table for Excel or for a program.

``schema.exports`` makes the tables; ``asking`` checks what was asked for, ``command`` puts them
together.
"""
