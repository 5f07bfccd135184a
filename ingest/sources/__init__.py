"""Files of complaints, each as a stream of rows: the CFPB's, and any table by a mapping.

Uses ``ingest.record`` and ``graph.domain``; connects to nothing and stores nothing. From the
file to a row: ``files`` opens, ``text`` decodes, ``delimited``, ``json_records`` and ``sheets``
give records of named cells, ``cfpb`` and ``table`` say what they mean.
"""

from ingest.sources.cfpb import cfpb
from ingest.sources.check import CheckedRow, CheckReport, check
from ingest.sources.files import Meter, digest, refuse_other_formats
from ingest.sources.mapping import TableMapping
from ingest.sources.mapping_file import load_mapping, parsed_mapping, shipped
from ingest.sources.source import Source
from ingest.sources.suggest import suggest
from ingest.sources.table import table

__all__ = [
    "CheckReport",
    "CheckedRow",
    "Meter",
    "Source",
    "TableMapping",
    "cfpb",
    "check",
    "digest",
    "load_mapping",
    "parsed_mapping",
    "refuse_other_formats",
    "shipped",
    "suggest",
    "table",
]
