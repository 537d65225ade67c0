"""A crew (班组, 结伴): workers who are matched together or not at all. Whoever joined first leads."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gigmarket.domain.errors import Forbidden, Invalid, NotFound, WrongCode
from gigmarket.domain.ids import CrewId, WorkerId
from gigmarket.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Crew:
    """Members in the order in which they joined; the first is the leader, who answers and checks in for all.

    Who is told `code` may join until `code_until`. A crew of one is a worker like any other.
    """

    id: CrewId
    members: tuple[WorkerId, ...]
    code: str
    code_until: datetime

    @property
    def leader(self) -> WorkerId:
        """Who answers for all."""
        return self.members[0]

    def together(self) -> "Together | None":
        """What an offer to one of its members says of the crew; None for a crew of one."""
        return Together(self.id, self.leader, len(self.members)) if len(self.members) > 1 else None


@dataclass(frozen=True, slots=True)
class Together:
    """The crew that an offer or an assignment was made to: who led it then, and how many it had."""

    crew: CrewId
    leader: WorkerId
    size: int


def found(crew_id: CrewId, leader: WorkerId, code: str, now: datetime, policy: Policy) -> Crew:
    """A new crew of one, which others may join."""
    return Crew(crew_id, (leader,), code, now + timedelta(seconds=policy.crew_code_s))


def reopen(crew: Crew, by: WorkerId, code: str, now: datetime, policy: Policy) -> Crew:
    """A new code in the place of the old one. Raises Forbidden for all but the leader."""
    _leads(crew, by)
    return replace(crew, code=code, code_until=now + timedelta(seconds=policy.crew_code_s))


def join(crew: Crew, worker: WorkerId, code: str, now: datetime, policy: Policy) -> Crew:
    """Come in by the code; a member who comes again changes nothing.

    Raises WrongCode for another or an old code, Invalid when the crew has `policy.crew_most` already.
    """
    if worker in crew.members:
        return crew
    if now >= crew.code_until or not hmac.compare_digest(code.encode(), crew.code.encode()):
        raise WrongCode("no crew has this code now: ask its leader for a new one")
    if len(crew.members) >= policy.crew_most:
        raise Invalid.field("code", f"the crew has {policy.crew_most} already")
    return replace(crew, members=(*crew.members, worker))


def leave(crew: Crew, worker: WorkerId) -> Crew | None:
    """Go one's own way; after the leader, whoever joined next leads. None when nobody is left.

    Raises NotFound for who is no member.
    """
    if worker not in crew.members:
        raise NotFound("no such member")
    left = tuple(member for member in crew.members if member != worker)
    return replace(crew, members=left) if left else None


def remove(crew: Crew, by: WorkerId, worker: WorkerId) -> Crew | None:
    """The leader goes on without this member. Raises Forbidden for all but the leader, NotFound."""
    _leads(crew, by)
    return leave(crew, worker)


def _leads(crew: Crew, by: WorkerId) -> None:
    if crew.leader != by:
        raise Forbidden("that is for the leader of the crew")
