"""Legal time limits for deciding a complaint."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Days from receipt to decision."""

    decide_days: int = 15

    def due_at(self, received_at: datetime) -> datetime:
        return received_at + timedelta(days=self.decide_days)
