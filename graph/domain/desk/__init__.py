"""What a person does with a case: each step is its input, and tells what it changes. Pure.

Codes have been checked to exist and texts have been masked before.
"""

from graph.domain.desk.deciding import (
    Agree,
    Answer,
    AttributeCauses,
    Close,
    Propose,
    RecordFeedback,
    Refuse,
    Reopen,
    RequestReview,
    Review,
    Withdraw,
)
from graph.domain.desk.handling import (
    Assign,
    Classify,
    CorrectClassification,
    Dispatch,
    Investigate,
    SetLevel,
    Transfer,
)
from graph.domain.desk.limits import Extend, Pause, Resume
from graph.domain.desk.standing import DeskStep, Effect, Proposal, Standing, Taking

__all__ = [
    "Agree",
    "Answer",
    "Assign",
    "AttributeCauses",
    "Classify",
    "Close",
    "CorrectClassification",
    "DeskStep",
    "Dispatch",
    "Effect",
    "Extend",
    "Investigate",
    "Pause",
    "Proposal",
    "Propose",
    "RecordFeedback",
    "Refuse",
    "Reopen",
    "RequestReview",
    "Resume",
    "Review",
    "SetLevel",
    "Standing",
    "Taking",
    "Transfer",
    "Withdraw",
]
