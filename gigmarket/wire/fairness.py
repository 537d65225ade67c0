"""Fairness as it is shown: priority groups, the public rules, the draws, and the report for staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from gigmarket.wire.values import Body, Storable, View


class GroupsIn(Body):
    """A worker's priority groups, all of them, and the document that a clerk has seen."""

    groups: Annotated[list[Annotated[str, Field(strict=True, max_length=32)]], Field(max_length=10)]
    document: Annotated[
        str, StringConstraints(strict=True, strip_whitespace=True, min_length=2, max_length=120), Storable
    ]


class GroupsView(View):
    """A worker's priority groups by code; `GET /rules` names them."""

    worker_id: str
    groups: Sequence[str]


class RuleView(View):
    """One rule as a sentence, with the numbers in force."""

    code: str
    zh: str
    en: str


class GroupView(View):
    """A priority group and the document that asks for it."""

    code: str
    zh: str
    en: str
    source: str


class RulesView(View):
    """The rules of dispatch in force (派单规则公示)."""

    city: str
    rules: Sequence[RuleView]
    groups: Sequence[GroupView]


class ChainView(View):
    """A chain of draws: the anchor was published at `opened_at`, before its first turn."""

    id: int
    anchor: str
    length: int
    opened_at: datetime


class LotView(View):
    """One considered worker of a draw by pseudonymous key: no id, no name, no position. `key` is a decimal
    number in a string, since it needs 64 bits.
    """

    key: str
    ticket: float
    cost_s: float | None
    verdict: str


class DrawnGigView(View):
    """What one turn decided about one gig."""

    seats: int
    lots: Sequence[LotView]


class DrawView(View):
    """A revealed turn: hash `seed` `turn` times by SHA-256 and you have the anchor."""

    chain: int
    turn: int
    anchor: str
    seed: str
    at: datetime
    gigs: Sequence[DrawnGigView]
