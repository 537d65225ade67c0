"""A crew on its members' screens, and telling them when it changes."""

from collections.abc import Mapping, Sequence

from gigmarket.domain.crew import Crew
from gigmarket.domain.ids import CrewId, WorkerId, worker_principal
from gigmarket.domain.worker import Worker
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.crews import CrewMemberView, CrewView
from gigmarket.wire.events import CrewEvent
from gigmarket.wire.values import masked


def view(crew: Crew, people: Mapping[WorkerId, Worker], reader: WorkerId) -> CrewView:
    """The crew as this member sees it."""
    leads = crew.leader == reader
    return CrewView(
        id=crew.id,
        members=[
            CrewMemberView(
                worker_id=member,
                name=masked(people[member].name),
                leads=member == crew.leader,
                looking=people[member].presence.wanted,
            )
            for member in crew.members
        ],
        leads=leads,
        code=crew.code if leads else None,
        code_until=crew.code_until if leads else None,
    )


def of_workers(tx: Transaction, workers: Sequence[Worker]) -> dict[WorkerId, CrewView]:
    """The crews of those of these workers who are in one."""
    crews = tx.crews.get_many([worker.crew for worker in workers if worker.crew is not None])
    people = tx.workers.get_many([member for crew in crews.values() for member in crew.members])
    return {
        worker.id: view(crews[worker.crew], people, worker.id) for worker in workers if worker.crew in crews
    }


def tell(tx: Transaction, crew_id: CrewId, gone: Sequence[WorkerId] = ()) -> None:
    """Put the crew as it is now on the streams of its members, and that there is none on those of who is gone,
    wherever anybody follows them.
    """
    crew = tx.crews.get_many([crew_id]).get(crew_id)
    members = crew.members if crew is not None else ()
    followed = tx.streams.heads([str(worker_principal(one)) for one in (*members, *gone)])
    people = tx.workers.get_many(members)
    for member in (*members, *gone):
        principal = worker_principal(member)
        if str(principal) in followed:
            shown = view(crew, people, member) if crew is not None and member in members else None
            tx.tell(principal, "crew.updated", encode(CrewEvent(crew=shown)))
