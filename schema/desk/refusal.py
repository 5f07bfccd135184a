"""Why a step at the desk was not taken."""

from graph.domain.lifecycle import StepNotAllowedError
from graph.errors import UnknownCodeError
from schema.refusals import OF_A_CHANGE, UserError, refuses


@refuses(*OF_A_CHANGE, UnknownCodeError, StepNotAllowedError)
class CaseStepError(UserError):
    """Why it was not done."""
