"""The deciding reason for one pair of gig and worker."""

from enum import StrEnum


class Verdict(StrEnum):
    """The first rule that decided, in the order in which the rules are asked; OFFERED when none forbade."""

    TRADE = "trade"
    OUTSIDE_CIRCLE = "outside_circle"
    OFFERED_ELSEWHERE = "offered_elsewhere"
    LEFT = "left"
    DECLINED = "declined"
    ENGAGED = "engaged"
    HOURS = "hours"
    RESTING = "resting"
    TOO_LATE = "too_late"
    WAGE = "wage"
    CREW_WANTED = "crew_wanted"
    TOGETHER = "together"
    OTHERS_FIRST = "others_first"
    HELD = "held"
    OFFERED = "offered"


ORDER = tuple(Verdict)
"""Verdicts by their number in a column of verdicts."""
