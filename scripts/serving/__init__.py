"""`complaint-graph serve`: one process, or several that share a socket and an encoder.

``command`` is the command, ``process`` one that serves. Of several, ``supervisor`` holds the socket
and begins a ``generation``: a process that loads the code once and forks from it one encoder and
those that serve. A new generation takes the place of the old one without a failed request.
"""
