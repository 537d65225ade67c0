"""Many at the same moment, over four server processes: exactly one effect, and answers that have an order."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.faults.crowd import Line, crowd
from tests.faults.market import PATIENT, Market, market
from tests.faults.phone import Answer
from tests.faults.postgres import postgres
from tests.serving import Person, place
from tests.talking import eventually, go_available, ok, post_gig, posting

pytestmark = [pytest.mark.faults, pytest.mark.system]

SERVERS = 4
CLOCK_S = 0.001
"""How far the test's reading of the clock may be from the server's: it is the same clock."""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """One market for all races: each has a place of its own."""
    with ExitStack() as opened:
        settings = {"GIGMARKET_SERVERS": str(SERVERS)}
        if request.param == "postgresql":
            settings["GIGMARKET_DATABASE_URL"] = opened.enter_context(postgres()).url
        yield opened.enter_context(
            market(tmp_path_factory.mktemp("races"), random.Random(0), PATIENT, **settings)
        )


@dataclass(frozen=True)
class Offered:
    """Offers with their workers and gigs, one of each, all gigs of one employer; and who has none."""

    employer: Person
    all: list[tuple[str, Person, str]]
    spare: list[Person]


async def offered(running: Market, count: int, spare: int = 0) -> Offered:
    """So many offers at a place nobody else is at, and `spare` workers more who have none."""
    where, employer = place(), running.served.person("employer")
    workers = [running.served.person("worker") for _ in range(count + spare)]
    await asyncio.gather(*(go_available(running.served, worker, where) for worker in workers))
    gigs = {(await post_gig(running.served, employer, where))["id"] for _ in range(count)}

    by_id = {worker.id: worker for worker in workers}

    async def all_offered() -> list[tuple[str, Person, str]]:
        rows = running.sql("SELECT id, worker_id, gig_id FROM offer WHERE status = 'pending'")
        found = [(offer, by_id[worker], gig) for offer, worker, gig in rows if gig in gigs]
        return found if len(found) == count else []

    found = await eventually(all_offered, "every gig is offered")
    holders = {worker.id for _, worker, _ in found}
    return Offered(employer, found, [worker for worker in workers if worker.id not in holders])


def outcomes(what: str, answers: list[Answer]) -> Counter[Any]:
    """Count answers by status, and say so in the test's output."""
    counts = Counter(answer.status for answer in answers)
    sys.stdout.write(f"{what}: {dict(counts)}\n")
    return counts


async def test_fifty_phones_and_one_seat(running: Market, rng: random.Random) -> None:
    """Thirty of the worker who was asked, each with a key of its own, twenty of others: one has the seat."""
    race = await offered(running, 1, spare=2)
    ((offer, owner, gig),) = race.all
    people = [owner] * 30 + race.spare * 10
    rng.shuffle(people)
    async with crowd(running, len(people)) as lines:
        assert {line.pid for line in lines} == set(running.pids("server"))
        answers = await asyncio.gather(
            *(
                line.act(person, "offer.accept", {"offer_id": offer}, f"fifty-{line.client}")
                for line, person in zip(lines, people, strict=True)
            )
        )
    assert outcomes("fifty", answers) == {200: 30, 404: 20}
    told = {answer.body["assignment"]["id"] for answer in answers if answer.ok}
    assert running.sql(f"SELECT id FROM assignment WHERE gig_id = '{gig}'") == [(one,) for one in told]
    events = f"SELECT count(*) FROM event WHERE principal = '{owner.principal}' AND kind = 'assignment.created'"
    assert running.sql(events) == [(1,)]
    running.judge()


async def test_accept_decline_and_cancel_at_once(running: Market, rng: random.Random) -> None:
    """Whoever comes first: a gig that was called off has nobody at work, and everybody was told the truth."""
    race = await offered(running, 16)
    async with crowd(running, 3 * len(race.all)) as lines:
        loop, acts, free = asyncio.get_running_loop(), [], iter(lines)
        for turn, (offer, worker, gig) in enumerate(race.all):
            at = loop.time() + 0.05 * turn
            acts.append(_accept(next(free), worker, offer, at + rng.uniform(0, 0.01)))
            other = "offer.decline" if turn % 2 else "offer.extend"
            decline = next(free)
            acts.append(decline.act(worker, other, {"offer_id": offer}, f"d{decline.client}",
                                    at + rng.uniform(0, 0.01)))  # fmt: skip
            cancel = next(free)
            acts.append(cancel.act(race.employer, "gig.cancel", {"gig_id": gig}, f"c{cancel.client}",
                                   at + rng.uniform(0, 0.01)))  # fmt: skip
        answers = await asyncio.gather(*acts)
    outcomes("accepts", answers[0::3])
    outcomes("declines and extensions", answers[1::3])
    assert outcomes("cancels", answers[2::3]) == {200: 16}
    for offer, _, gig in race.all:
        assert running.sql(f"SELECT status FROM gig WHERE id = '{gig}'") == [("cancelled",)]
        ((status,),) = running.sql(f"SELECT status FROM offer WHERE id = '{offer}'")
        seats = running.sql(f"SELECT status FROM assignment WHERE offer_id = '{offer}'")
        assert seats == ([("cancelled_by_employer",)] if status == "accepted" else [])
    running.judge()


async def test_a_crew_is_answered_once_and_for_all(running: Market, rng: random.Random) -> None:
    """The leader accepts, one declines and one leaves at the same moment: all of them go, or nobody."""
    crews = [await crew_offered(running) for _ in range(12)]
    async with crowd(running, 3 * len(crews)) as lines:
        loop, acts, free = asyncio.get_running_loop(), [], iter(lines)
        for turn, (_, people) in enumerate(crews):
            at = loop.time() + 0.05 * turn
            (leader, mine), (mate, theirs), (third, _) = people
            acts.append(_accept(next(free), leader, mine, at + rng.uniform(0, 0.01)))
            line = next(free)
            acts.append(line.act(mate, "offer.decline", {"offer_id": theirs}, f"d{line.client}",
                                 at + rng.uniform(0, 0.01)))  # fmt: skip
            line = next(free)
            acts.append(line.act(third, "crew.leave", {}, f"l{line.client}", at + rng.uniform(0, 0.01)))
        answers = await asyncio.gather(*acts)
    accepts = outcomes("crews' leaders accept", answers[0::3])
    declines = outcomes("members decline", answers[1::3])
    assert outcomes("members leave", answers[2::3]) == {200: 12}
    assert accepts.keys() | declines.keys() <= {200, 409}
    for gig, people in crews:
        taken = running.sql(f"SELECT worker_id FROM assignment WHERE gig_id = '{gig}'")
        assert {worker for (worker,) in taken} in (set(), {worker.id for worker, _ in people})
    running.judge()


async def crew_offered(running: Market) -> tuple[str, list[tuple[Person, str]]]:
    """A crew of three, the leader first, each with an offer of the same gig, at a place nobody else is at."""
    where, people = place(), [running.served.person("worker") for _ in range(3)]
    await asyncio.gather(*(go_available(running.served, worker, where) for worker in people))
    code = ""
    for worker in people:
        async with running.served.http(worker) as http:
            path, body = ("/join", {"code": code}) if code else ("", None)
            opened = await ok(http.post(f"/api/v1/workers/me/crew{path}", json=body))
            code = code or opened["crew"]["code"]
    gig = (await post_gig(running.served, running.served.person("employer"), where, headcount=3))["id"]

    async def all_offered() -> dict[str, str]:
        rows = running.sql(f"SELECT worker_id, id FROM offer WHERE gig_id = '{gig}' AND status = 'pending'")
        return dict(rows) if len(rows) == len(people) else {}

    found = await eventually(all_offered, "the crew is asked")
    return gig, [(worker, found[worker.id]) for worker in people]


async def test_accepts_around_the_end_of_an_offer(running: Market, rng: random.Random) -> None:
    """Volleys a millisecond apart, begun so long before the end that they meet it within the server: in time it
    always succeeds, late it never does, and no two answers contradict each other or the clock.
    """
    race = await offered(running, 14)
    volley_s = [step / 1000 for step in range(10)]
    async with crowd(running, len(volley_s) * len(race.all)) as lines:
        # Only now, since a busy machine takes its time to connect a crowd.
        ends = running.served.store.transact_now(_set_ends, [offer for offer, _, _ in race.all]).value
        acts, free = [], iter(lines)
        for offer, worker, _ in race.all:
            at = ends[offer].timestamp() - _since_1970() - rng.uniform(0.001, 0.04)
            acts += [_accept(next(free), worker, offer, at + offset) for offset in volley_s]
        answers = await asyncio.gather(*acts)
    outcomes("around the end", answers)

    async def over() -> bool:
        found = {offer for (offer,) in running.sql("SELECT id FROM offer WHERE status = 'pending'")}
        return not found & ends.keys()

    await eventually(over, "what was not taken has run out")
    for offer, _, _ in race.all:
        mine = {
            a.body["assignment"]["id"] for a in answers if a.ok and a.body["assignment"]["offer_id"] == offer
        }
        assert running.sql(f"SELECT id FROM assignment WHERE offer_id = '{offer}'") == [(one,) for one in mine]
    running.judge(slack_s=CLOCK_S)


async def test_one_key_a_hundred_times_at_once(running: Market) -> None:
    """Exactly one effect, and all hear the same; whoever asks for something else under that key is told so."""
    race = await offered(running, 1)
    ((offer, worker, gig),) = race.all
    where = place()
    posted, other = posting(where), posting(where, headcount=2)
    async with crowd(running, 100) as lines:
        assert set(Counter(line.pid for line in lines).values()) == {100 // SERVERS}
        posts = await asyncio.gather(*(line.act(race.employer, "gig.post", posted, "post") for line in lines))
        accepts = await asyncio.gather(
            *(line.act(worker, "offer.accept", {"offer_id": offer}, "accept") for line in lines)
        )
        mixed = await asyncio.gather(
            *(
                line.act(race.employer, "gig.post", other if turn // SERVERS % 2 else posted, "mixed")
                for turn, line in enumerate(lines)
            )
        )
    for what, answers, status in (("posts", posts, 201), ("accepts", accepts, 200)):
        assert outcomes(what, answers) == {status: 100}
        assert all(answer.body == answers[0].body for answer in answers)
    assert running.sql(f"SELECT id FROM assignment WHERE gig_id = '{gig}'") == [
        (accepts[0].body["assignment"]["id"],)
    ]
    counts = outcomes("two bodies under one key", mixed)
    assert sorted(counts.values()) in ([48, 52], [50, 50])
    told = {answer.body["id"] for answer in mixed if answer.ok}
    refused = {answer.body["type"] for answer in mixed if not answer.ok}
    assert refused == {"/problems/idempotency-mismatch"}
    gigs = running.sql(f"SELECT id FROM gig WHERE employer_id = '{race.employer.id}'")
    assert {found for (found,) in gigs} == {gig, posts[0].body["id"], *told}
    assert len(gigs) == 3
    running.judge()


def _accept(line: Line, worker: Person, offer: str, at: float) -> Any:
    return line.act(worker, "offer.accept", {"offer_id": offer}, f"a{line.client}", at)


def _since_1970() -> float:
    """What to take from seconds since 1970 to get the loop's time."""
    return time.time() - asyncio.get_running_loop().time()


def _set_ends(tx: Transaction, offers: list[str]) -> dict[str, Any]:
    """Let these offers run out one soon after the other, by the database's clock."""
    table, now = TABLES["offer"], tx.now()
    ends = {offer: now + timedelta(seconds=2 + 0.1 * turn) for turn, offer in enumerate(offers)}
    for offer, end in ends.items():
        tx.connection.execute(update(table).where(table.c.id == offer).values(expires_at=end))
    return ends
