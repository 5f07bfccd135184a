"""Drafts of answers to customers, and what is wrong with an answer."""

from ingest.drafting.drafter import CaseFile, Drafter
from ingest.drafting.rephrasing import Rephraser, RephrasingOptions
from ingest.drafting.templates import Templates, load_templates

__all__ = ["CaseFile", "Drafter", "Rephraser", "RephrasingOptions", "Templates", "load_templates"]
