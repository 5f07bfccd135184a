"""Who asks: bearer tokens of the bank's sign-in, API keys, and browsers that have signed in.

``access`` puts them together and is all that the rest of ``api`` uses; nothing here knows GraphQL.
What somebody may do with an answer is not decided here.
"""
