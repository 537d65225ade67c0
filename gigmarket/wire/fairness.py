"""Fairness as it is shown: priority groups, the public rules, the draws, and the report for staff."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from gigmarket.wire.values import Body, View

Document = Literal["graduation", "residence", "discharge", "hardship", "poverty", "disability", "identity"]
"""A document by its kind only: 毕业证书, 居住或户籍证明, 退役证件, 就业困难人员认定, 脱贫人口信息, 残疾人证,
身份证. There is no free text, so that nobody can enter a number or a name with it.
"""


class GroupsIn(Body):
    """A worker's priority groups, all of them, and the kind of document that a clerk has seen."""

    groups: Annotated[list[Annotated[str, Field(strict=True, max_length=32)]], Field(max_length=10)]
    document: Document


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
    """A priority group and the document that asks for it, in Chinese and in English."""

    code: str
    zh: str
    en: str
    source: str
    source_en: str


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
    crew: bool = False


class DrawnGigView(View):
    """What one turn decided about one gig: the lots of the considered few, and of all others who were alike
    with the last one in who came alone, whose ticket is `cut` (null when there is none): a `crew` goes
    together, and no single ticket decides about it. `alike` tells how many only the draw told apart; where the
    list has fewer of them, the highest tickets are left out.
    """

    seats: int
    cut: float | None
    alike: int
    lots: Sequence[LotView]


class DrawView(View):
    """A revealed turn: hash `seed` `turn` times by SHA-256 and you have the anchor."""

    chain: int
    turn: int
    anchor: str
    seed: str
    at: datetime
    gigs: Sequence[DrawnGigView]


class KindView(View):
    """What one kind of worker had in the span. `share` is worked per available hour; None without any."""

    code: str
    workers: int
    available_hours: float
    worked_hours: float
    share: float | None
    offers: int
    accepts: int


class SomebodyView(View):
    """A worker by masked name, and the hours this is about."""

    worker_id: str
    name: str
    hours: float


class NeverOfferedView(View):
    """Workers available for `after_hours` or more without any offer; the longest available are listed."""

    after_hours: int
    count: int
    workers: Sequence[SomebodyView]


class FairnessView(View):
    """How evenly work was shared out over `days` days, today included.

    `evenness` is Jain's index of worked per available hour over the `workers` with an hour available or more: 1
    when all have the same, 1/n when one has everything. `longest_wait` is the longest of the `waiting` workers'
    waits, since they came or had their last offer. A worker of several groups counts in each ("none": of no
    group); "hall" is who waits in a hall now or was offered work in one within the span, "phone" all others.
    """

    days: int
    first_day: date
    at: datetime
    workers: int
    evenness: float | None
    waiting: int
    longest_wait: SomebodyView | None
    never_offered: NeverOfferedView
    by_group: Sequence[KindView]
    by_mode: Sequence[KindView]
    by_place: Sequence[KindView]
