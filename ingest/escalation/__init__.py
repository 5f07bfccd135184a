"""Escalation: the bank's rule file, and the step of the pipeline that applies it."""
