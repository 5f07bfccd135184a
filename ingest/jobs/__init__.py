"""Work that goes on behind requests: run in this process, kept in the graph.

``runner`` runs any kind of it, ``uploads`` holds files that were sent, ``importing`` imports them.
"""

from ingest.jobs.runner import Jobs, Reporter, Work

__all__ = ["Jobs", "Reporter", "Work"]
