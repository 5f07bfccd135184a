"""Answers of the API as tables in files, for Excel or for a program.

The figures are the API's own: ``documents`` asks the schema, ``asking`` gets the pages, ``rows``
makes the answer flat, ``files`` writes it; ``cases`` does all that with complaints.
"""
