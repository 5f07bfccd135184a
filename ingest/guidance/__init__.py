"""Standard procedures by type and product, from a TOML file; advice for each step of a case."""

from ingest.guidance.procedures import Advice, Procedure, Procedures, load_procedures

__all__ = ["Advice", "Procedure", "Procedures", "load_procedures"]
