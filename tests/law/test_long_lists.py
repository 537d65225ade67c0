"""Lists longer than a snapshot's: what is under way or unpaid stays however old; the rest makes room."""

import pytest

from gigmarket.services import assignments, gigs
from gigmarket.wire.states import RECENT
from tests.law.followers import Law
from tests.law.stories import World, world

MORE = RECENT + 15

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def sizes(w: World) -> tuple[int, int, int]:
    """How many gigs and assignments the employer's client holds, and how many assignments the worker's."""
    worker, _, employer = w.law.followers[:3]
    engine = w.law.engine
    return (
        await engine.size(employer.name, "gigs"),
        await engine.size(employer.name, "assignments"),
        await engine.size(worker.name, "assignments"),
    )


async def test_a_snapshot_ends_where_the_events_do(law: Law) -> None:
    w = world(law)
    seats = []
    for number in range(MORE):
        w.town.wait(seconds=1)
        gig = w.posts(starts_in_h=2 * number + 1, hours=1)
        seats.append((gig, w.accepts(w.worker, gig)))
    oldest = seats[0][1]
    w.arrives(w.worker, *seats[0])
    law.check("all under way")
    assert await sizes(w) == (MORE, MORE, MORE)

    w.op(w.worker, "assignment.check_out", assignment_id=oldest)
    law.check("the oldest is done")
    # Older than the newest 200, and no more under way; but somebody waits for pay.
    assert await sizes(w) == (MORE, MORE, MORE)
    w.op(w.employer, "assignment.settle", assignment_id=oldest, amount_fen=12000, reason="提前走了")
    law.check("the oldest is paid")
    assert await sizes(w) == (MORE - 1, MORE - 1, MORE - 1)
    w.op(w.worker, "assignment.dispute", assignment_id=oldest, reason="说好 180")
    law.check("an event about what was not held any more")
    assert await sizes(w) == (MORE, MORE, MORE)
    w.op(w.employer, "assignment.settle", assignment_id=oldest, amount_fen=18000)
    w.op(w.worker, "assignment.confirm", assignment_id=oldest)
    law.check("settled")
    assert await sizes(w) == (MORE - 1, MORE - 1, MORE - 1)

    w.town.wait(hours=2 * 50)
    for _ in range(3):
        law.do(assignments.pass_time_due, w.town.rules)
        law.do(gigs.pass_time_due, w.town.rules)
    law.check("fifty are over")
    assert await sizes(w) == (RECENT, RECENT, RECENT)
    for follower in law.followers:
        law.disconnect(follower)
        law.connect(follower)
    w.posts()
    law.check("one more")
    assert await sizes(w) == (RECENT, RECENT, RECENT)
