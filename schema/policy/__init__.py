"""Who may ask for what: groups of fields, what roles may do with them, and how that is kept."""

from schema.policy.groups import Grant, Group
from schema.policy.table import Policy, load_policy

__all__ = ["Grant", "Group", "Policy", "load_policy"]
