"""Work that goes on behind requests: run in this process, kept in the graph.

``runner`` runs any kind of it, ``uploads`` holds files that were sent, ``importing`` imports them.
"""

from ingest.jobs.importing import CFPB, FileImports
from ingest.jobs.runner import Jobs, Reporter, Work
from ingest.jobs.uploads import Held, Upload

__all__ = ["CFPB", "FileImports", "Held", "Jobs", "Reporter", "Upload", "Work"]
