"""Crews (班组, 结伴) on their members' screens."""

from datetime import datetime

from gigmarket.wire.people import Code
from gigmarket.wire.values import Body, Id, View


class CrewMemberView(View):
    """One of a crew, by masked name. `looking`: asks for work at the moment."""

    worker_id: str
    name: str
    leads: bool
    looking: bool


class CrewView(View):
    """A crew as one of its members sees it, in the order in which they joined.

    The leader alone has the `code` that lets others in, good until `code_until`.
    """

    id: str
    members: list[CrewMemberView]
    leads: bool
    code: str | None
    code_until: datetime | None


class CrewAnswer(View):
    """The worker's crew after the step; null: none."""

    crew: CrewView | None


class JoinIn(Body):
    """The code that the crew's leader reads out."""

    code: Code


class MemberIn(Body):
    """Which member."""

    worker_id: Id
