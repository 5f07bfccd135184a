"""What kind of complaint a text is.

Learnt from what people confirmed, ruled where nothing may be guessed, and voted by alike cases
while little has been learnt. From the bottom: ``features`` makes numbers of a complaint, ``linear``
learns one dimension, ``model`` holds all of them, ``training`` makes it, ``files`` keeps its
versions, ``rules`` answer without learning, and ``suggester`` brings everything together.
"""

from graph.domain.language import language_of

__all__ = ["language_of"]
