"""One complaint as it reached the bank: an incident, told once."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from random import Random

from graph.domain.enums import Channel
from ingest.demo.course import Course
from ingest.demo.incidents import Incident
from ingest.demo.period import moment_of

_CHANNELS = {
    Channel.PHONE: 38,
    Channel.APP: 20,
    Channel.BRANCH: 15,
    Channel.WEB: 11,
    Channel.EMAIL: 5,
    Channel.SOCIAL: 5,
    Channel.LETTER: 3,
    Channel.OTHER: 1,
}
#: Of the escalated ones: how many the regulator refers, and how many are red.
_REFERRED_SHARE = 0.22
RED_SHARE = 0.25


class Telling(StrEnum):
    """Whether an incident is told for the first time."""

    FIRST = "FIRST"
    DUPLICATE = "DUPLICATE"
    REPEAT = "REPEAT"


@dataclass(frozen=True, slots=True)
class Filing:
    """``key`` names the filing among all of its bank, whatever its place in time; ``fact`` is the
    planted fact that it is there or is escalated for, ``earlier`` the key of the filing that it
    tells again.
    """

    key: str
    incident: Incident
    telling: Telling
    received: datetime
    channel: Channel
    escalated: bool
    red: bool
    course: Course
    fact: str | None = None
    earlier: str | None = None


def arrival(random: Random, day: date, *, escalated: bool) -> tuple[Channel, datetime]:
    """Which way a complaint comes in, and at what time of the day."""
    if escalated and random.random() < _REFERRED_SHARE:
        return Channel.REGULATOR, moment_of(day, Channel.BRANCH, random)
    way = random.choices(list(_CHANNELS), list(_CHANNELS.values()))[0]
    return way, moment_of(day, way, random)
