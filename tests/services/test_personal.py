"""What one person may ask of the city: what is kept about him, and to be forgotten."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound, WrongState
from gigmarket.domain.grant import PassKind
from gigmarket.domain.ids import AssignmentId, CrewId, GigId, Role
from gigmarket.services import accounts, assignments, crews, gigs, offers, passes
from gigmarket.services.claims import claim
from gigmarket.services.credentials import hash_pin
from gigmarket.services.personal import forget, hand_out
from gigmarket.store.accounts import Over
from gigmarket.store.personal import NOBODY, OF_PERSON, SECRET
from gigmarket.store.tables import METADATA, TABLES
from gigmarket.wire.codec import encode
from tests.services.town import Town, proposal


def phone_of(town: Town, actor: Actor) -> str:
    return town.see(lambda tx: tx.accounts.get(actor.account)).phone


def everything(town: Town) -> str:
    """All that stands in SQL, the events of the last day aside."""
    tables = [table for name, table in TABLES.items() if name != "event"]
    rows = town.see(lambda tx: [tuple(row) for t in tables for row in tx.connection.execute(select(t))])
    return repr(rows)


def hired(town: Town, employer: Actor, worker: Actor) -> tuple[GigId, AssignmentId]:
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    accepted = town.do(offers.accept, town.rules, worker.worker(), offer).assignment
    return gig, AssignmentId(accepted.id)


def call_off(town: Town, worker: Actor, assignment: AssignmentId) -> None:
    town.do(assignments.cancel, town.rules, worker, assignment, "")


@pytest.mark.parametrize("role", [Role.WORKER, Role.EMPLOYER])
def test_who_asks_is_told_all_that_is_kept_but_no_key(town: Town, role: Role) -> None:
    worker, employer = town.worker(name="张建国"), town.employer()
    town.do(lambda tx: tx.workers.set_pin_hash(worker.worker(), hash_pin("1234")))
    gig, assignment = hired(town, employer, worker)
    asks = worker if role is Role.WORKER else employer
    told = town.do(hand_out, role, phone_of(town, asks))

    assert told.keys() == OF_PERSON.keys()
    (account,) = told["account"]
    assert (account["id"], account["phone"]) == (asks.account, phone_of(town, asks))
    assert [row["id"] for row in told["assignment"]] == [assignment]
    # A worker's way and reasons are not the employer's to read.
    assert [row["gig_id"] for row in told["offer"]] == ([gig] if role is Role.WORKER else [])
    assert [row["id"] for row in told["gig"]] == ([gig] if role is Role.EMPLOYER else [])
    assert [row["pin_hash"] for row in told["worker"]] == ([True] if role is Role.WORKER else [])
    assert [row["token_hash"] for row in told["session"]] == [True]
    for rows in told.values():
        for row in rows:
            assert all(value in (True, False) for column, value in row.items() if column in SECRET)
    assert encode(told)
    assert [row["action"] for row in town.do(hand_out, role, phone_of(town, asks))["audit"]] == [
        "person.export",
        "person.export",
    ]


def test_no_table_that_names_an_account_is_left_out() -> None:
    """A new table or column has to be told of, or stand here with a reason."""
    otherwise: dict[str, set[str]] = {
        # By numbers only, for 90 days, to explain rounds; whoever it is about asks why by his own page.
        "explanation": set(),
        # For 24 hours; the rows above are what they were made of.
        "event": set(),
        "stream": set(),
    }
    for name, table in METADATA.tables.items():
        names = {key.parent.name for key in table.foreign_keys if key.column.table.name == "account"}
        names |= {column.name for column in table.columns if column.name in ("actor_id", "subject_id")}
        assert names <= set(OF_PERSON.get(name, otherwise.get(name, ()))), name


def test_who_is_forgotten_is_nowhere_and_comes_again_as_somebody_new(town: Town) -> None:
    worker, employer = town.worker(name="欧阳建国"), town.employer()
    town.do(lambda tx: tx.workers.set_pin_hash(worker.worker(), hash_pin("1234")))
    gig, assignment = hired(town, employer, worker)
    call_off(town, worker, assignment)
    held = town.offer(town.gig(employer), worker)
    clerk = town.person(Role.CLERK, station=town.see(lambda tx: tx.stations.all()[0].id))
    town.do(passes.card, town.rules, clerk, phone_of(town, worker))
    phone = phone_of(town, worker)
    assert "欧阳建国" in everything(town)

    town.do(forget, town.rules, Role.WORKER, phone)

    kept = everything(town)
    assert "欧阳建国" not in kept
    assert phone not in kept
    named = [data["person"]["name"] for kind, data in town.told(employer) if kind == "person.renamed"]
    assert named == [NOBODY]
    row = town.see(lambda tx: tx.workers.get(worker.worker()))
    assert (row.name, row.presence.wanted, row.presence.position, row.crew) == (NOBODY, False, None, None)
    assert town.get_offer(held).status == "withdrawn"
    assert not town.see(lambda tx: tx.passes.valid_of(worker.worker(), PassKind.CARD))
    assert [a.id for a in town.see(lambda tx: tx.assignments.of_gig(gig))] == [assignment]
    assert town.see(lambda tx: tx.accounts.ended_sessions([worker.session], town.now)) == {
        worker.session: Over.SUSPENDED
    }
    with pytest.raises(NotFound):
        town.do(forget, town.rules, Role.WORKER, phone)
    again = town.do(accounts.find_or_create, town.rules, Role.WORKER, "张三", phone)
    assert again.id != worker.account


def test_who_led_a_crew_is_not_told_of_the_others(town: Town) -> None:
    leader, mate, employer = town.worker(), town.worker(), town.employer()
    crew = town.do(crews.open_crew, town.rules, leader).crew
    assert crew is not None
    assert crew.code is not None
    town.do(crews.join, town.rules, mate, crew.code)
    gig = town.gig(employer, headcount=2)
    pair = [replace(proposal(gig, one), crew=CrewId(crew.id)) for one in (leader, mate)]
    assert town.do(claim, town.rules, town.token, pair) == 2
    told = town.do(hand_out, Role.WORKER, phone_of(town, leader))
    assert [row["worker_id"] for row in told["offer"]] == [leader.account]


def test_a_crew_goes_on_without_who_is_forgotten(town: Town) -> None:
    worker, mates = town.worker(), (town.worker(), town.worker())
    crew = town.do(crews.open_crew, town.rules, worker).crew
    assert crew is not None
    assert crew.code is not None
    for mate in mates:
        town.do(crews.join, town.rules, mate, crew.code)
    town.do(forget, town.rules, Role.WORKER, phone_of(town, worker))
    left = town.see(crews.of_worker, mates[0].worker()).crew
    assert left is not None
    assert {member.worker_id for member in left.members} == {mate.account for mate in mates}


def test_an_employer_is_forgotten_with_his_addresses(town: Town) -> None:
    employer = town.employer()
    phone, gig = phone_of(town, employer), town.gig(employer)
    with pytest.raises(WrongState, match="1 postings that are not over"):
        town.do(forget, town.rules, Role.EMPLOYER, phone)
    town.do(gigs.cancel, town.rules, employer.employer(), gig)
    assert "药都大道 1 号" in everything(town)
    town.do(forget, town.rules, Role.EMPLOYER, phone)
    kept = everything(town)
    assert phone not in kept
    assert "药都物流" not in kept
    assert "药都大道 1 号" not in kept


def test_nobody_is_forgotten_whose_work_is_not_settled(town: Town) -> None:
    worker, employer = town.worker(), town.employer()
    _, assignment = hired(town, employer, worker)
    before = everything(town)
    for actor in (worker, employer):
        with pytest.raises(WrongState, match="1 assignments whose work or wage is not settled"):
            town.do(forget, town.rules, actor.role, phone_of(town, actor))
    assert everything(town) == before
    call_off(town, worker, assignment)
    town.do(forget, town.rules, Role.WORKER, phone_of(town, worker))


def test_only_a_known_person_can_ask(town: Town) -> None:
    worker = town.worker()
    asks: tuple[Any, ...] = (Role.EMPLOYER, phone_of(town, worker))
    with pytest.raises(NotFound):
        town.do(hand_out, *asks)
    with pytest.raises(NotFound):
        town.do(forget, town.rules, *asks)
