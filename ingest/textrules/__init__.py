"""The one engine of rules about words: phrases in a text, and whether they are meant.

- ``reading``: the text in one script, width and case; its clauses
- ``phrases``: the small language in which phrases are written
- ``sense``: negation, questions, and whose act it is
- ``matcher``: a rule's phrases over a text
- ``lists``: names of regulators, hotlines, ombudsmen and petition offices
"""
