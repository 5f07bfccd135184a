"""What the early warning sees: a rule about many complaints that held for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graph.domain.evidence import Evidence
from graph.domain.rules import WatchRule


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about: an entry of the catalogue, or a cluster."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A rule that held: at first at the moment ``at``, for the last time at ``until``.

    ``pause``: how long it must not have held before it counts as something new.
    """

    rule: WatchRule
    subject: Subject
    at: datetime
    until: datetime
    pause: timedelta
    evidence: Evidence
