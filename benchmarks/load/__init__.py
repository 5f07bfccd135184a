"""A bank's day in an hour: people who work in a closed loop on a service of several processes,
which may be killed meanwhile; afterwards every answer that was given is looked for in the graph.

``people`` work through a ``day``, the ``ledger`` keeps what was confirmed to them, ``service`` runs
the processes, ``faults`` kills them, ``memory`` watches them, ``command`` puts it together.
"""
