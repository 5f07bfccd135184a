"""What there is to grant: groups of fields, and how far a grant goes."""

from enum import StrEnum


class Group(StrEnum):
    """Fields of the API that are granted together; which ones, stands in ``fields.toml``."""

    OPEN = "open"  # everybody who has signed in: no data of the bank
    CATALOGUE = "catalogue"  # products, branches, departments, root causes
    CASES = "cases"  # complaints and what hangs on them
    CUSTOMERS = "customers"  # who files, under a pseudonym
    HISTORY = "history"  # events of cases, with notes and who made them
    PRECEDENTS = "precedents"  # how alike cases were decided
    FIGURES = "figures"  # what many cases say together
    COUNTS = "counts"  # how many there are in the whole bank, without those of a few people
    WATCH = "watch"  # clusters, alerts about many cases, systemic issues, remediations
    DESK = "desk"  # the steps of a case
    OPENING = "opening"  # cases beyond one's reach: with a reason, for a while
    OVERSIGHT = "oversight"  # who opened cases within one's reach from beyond theirs
    REGISTERING = "registering"  # new complaints
    FEEDING = "feeding"  # complaints under the ids of another system, which may update old ones
    CORRECTING = "correcting"  # who is one person, what a group event covers
    PERSONS = "persons"  # one person's data: handed out, erased, held
    AUDITING = "auditing"  # who saw what, and why somebody may
    TRAINING = "training"  # drills on simulated cases: one's own answers
    CALIBRATION = "calibration"  # how far people agree in a drill: counts of the whole bank
    STEERING = "steering"  # what becomes of alerts, issues and remediations


class Grant(StrEnum):
    """How far a role's grant goes."""

    REACH = "reach"  # as far as the person's own cases
    BANK = "bank"  # the whole bank, whatever the person's own reach


#: What is granted over the whole bank or not at all.
UNDIVIDED = frozenset(
    {
        Group.CATALOGUE,
        Group.REGISTERING,
        Group.FEEDING,
        Group.COUNTS,
        Group.OPENING,
        Group.TRAINING,
        Group.CALIBRATION,
    }
)
#: What cannot be cut down to somebody's reach: REACH grants it to those alone who reach the whole
#: bank.
INDIVISIBLE = frozenset(
    {Group.WATCH, Group.CORRECTING, Group.PERSONS, Group.STEERING, Group.AUDITING}
)
#: What goes as far as the cases that somebody sees.
FOLLOWS_CASES = frozenset({Group.CUSTOMERS, Group.HISTORY, Group.FIGURES, Group.OVERSIGHT})
