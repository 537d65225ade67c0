"""The law on a long random walk: many principals at once, who come and go while everything happens.

`GIGMARKET_WALK=STEPS` walks further, `GIGMARKET_WALK_SEED=N` another way; a failure names the step.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment
from gigmarket.domain.crew import Crew
from gigmarket.domain.errors import Refusal
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import EmployerId, OfferId, Role, StationId
from gigmarket.services import accounts, assignments, crews, fairness, gigs, names, offers, presence, stations
from gigmarket.services.accepts import Accept, accept_many
from gigmarket.services.claims import claim
from gigmarket.services.commands import perform
from gigmarket.store.transaction import Transaction
from gigmarket.wire.fairness import GroupsIn
from gigmarket.wire.ops import OPS
from gigmarket.wire.people import ProfileIn
from gigmarket.wire.work import OfferArgs
from tests.law.followers import Law
from tests.law.stories import HALL, OTHER_HALL
from tests.services.town import CENTRE, at_kiosk, proposal

STEPS = int(os.environ.get("GIGMARKET_WALK", "4000"))
SEED = int(os.environ.get("GIGMARKET_WALK_SEED", "1"))
FLUSH_EVERY = 200
TRADES = ["porter", "packer", "builder", "kitchen"]


@dataclass
class Walk:
    """What may be done next, by name, and how often; each returns whether anything was done."""

    law: Law
    rng: random.Random
    workers: list[Actor] = field(default_factory=list)
    employers: list[Actor] = field(default_factory=list)
    staff: Actor | None = None
    done: Counter[str] = field(default_factory=Counter)

    def begin(self) -> None:
        """Workers with and without followers, one of them twice; three employers, both halls' desks, staff."""
        town = self.law.town
        kiosk = town.person(Role.KIOSK, "一体机", HALL)
        self.workers = [town.worker(name=f"{name}一") for name in "周吴郑王冯陈褚卫蒋沈韩杨"]
        self.employers = [town.employer() for _ in range(3)]
        self.staff = town.person(Role.STAFF, "主任")
        clerks = [town.person(Role.CLERK, "协管", hall) for hall in (HALL, OTHER_HALL)]
        for actor in (*self.workers[:7], self.workers[0], *self.employers, kiosk, *clerks, self.staff):
            self.law.follow(actor)

    def step(self, number: int) -> None:
        """One thing happens."""
        self.law.town.wait(seconds=self.rng.choice([0, 0, 1, 5, 20]))
        name = self.rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        try:
            done = getattr(self, name)()
        except (Refusal, NothingThere):
            done = False
        self.done[name if done is not False else f"{name}, refused"] += 1

    # --- the dispatcher and the clock

    def claim(self) -> bool:
        worker, gig = self.rng.choice(self.workers), self._gig("open")
        town = self.law.town
        # A round asks nobody twice for the same gig.
        if gig.id in town.see(lambda tx: tx.offers.refused([gig.id])).get(worker.worker(), ()):
            return False
        return self.law.do(claim, town.rules, town.token, [proposal(gig.id, worker)]) == 1

    def pass_time(self) -> None:
        rules = self.law.town.rules
        for fn in (offers.expire_due, assignments.pass_time_due, gigs.pass_time_due):
            self.law.do(fn, rules)

    def forget_silent(self) -> bool:
        return self.law.do(presence.forget_due, self.law.town.rules) > 0

    def delete_events(self) -> None:
        before = self.law.town.now - timedelta(minutes=self.rng.choice([1, 3, 60]))
        self.law.do(lambda tx: tx.streams.forget(before, 1000))

    def hour(self) -> None:
        self.law.town.wait(minutes=self.rng.randint(10, 90))

    def night(self) -> None:
        self.law.town.wait(hours=9)

    # --- employers

    def post(self) -> None:
        before = len(self.law.town.events)
        hours = (self.rng.uniform(0.1, 20), self.rng.choice([1, 2, 4, 8]))
        self.law.town.gig(self.rng.choice(self.employers), self.rng.randint(1, 4), *hours)
        self.law.deliver(self.law.town.events[before:])

    def cancel_gig(self) -> None:
        gig = self._gig("open", "filled", "in_progress")
        self._op(self._employer(gig.employer), "gig.cancel", gig_id=gig.id)

    def settle(self) -> None:
        held = self._held("completed", "disputed")
        amount = {"amount_fen": self.rng.choice([9000, 18000]), "reason": "说好的"}
        self._op(self._employer(held.employer), "assignment.settle", assignment_id=held.id, **amount)

    def no_show(self) -> None:
        held = self._held("confirmed", late_by=timedelta(minutes=10))
        self._op(self._employer(held.employer), "assignment.no_show", assignment_id=held.id)

    def call_off(self) -> None:
        held = self._held("confirmed")
        self._op(self._employer(held.employer), "assignment.cancel", assignment_id=held.id)

    def rename_employer(self) -> None:
        self.law.do(names.rename_employer, self.rng.choice(self.employers), f"商行{self.rng.randrange(999)}")

    # --- workers

    def accept(self) -> None:
        worker, offer = self._offer()
        self._op(worker, "offer.accept", offer_id=offer)

    def accept_all(self) -> None:
        pending = self.law.town.see(lambda tx: tx.offers.pending_of([each.worker() for each in self.workers]))
        asked = [
            Accept(self._worker(name), OfferArgs(offer_id=offer.id), None) for name, offer in pending.items()
        ]
        if not self.law.do(accept_many, self.law.town.rules, asked):
            raise NothingThere

    def decline(self) -> None:
        worker, offer = self._offer()
        self._op(worker, "offer.decline", offer_id=offer)

    def extend(self) -> None:
        worker, offer = self._offer()
        self._op(worker, "offer.extend", offer_id=offer)

    def check_in(self) -> None:
        held = self._held("confirmed")
        code = self.law.town.get_gig(held.gig).site_code
        self._op(self._worker(held.worker), "assignment.check_in", assignment_id=held.id, code=code)

    def check_out(self) -> None:
        self._on_held("assignment.check_out", "checked_in")

    def confirm(self) -> None:
        self._on_held("assignment.confirm", "completed", "disputed")

    def dispute(self) -> None:
        self._on_held("assignment.dispute", "completed")

    def cancel(self) -> None:
        self._on_held("assignment.cancel", "confirmed")

    def available(self) -> None:
        until = self.law.town.now + timedelta(hours=1) if self.rng.random() < 0.3 else None
        self.law.do(presence.go_available, self.rng.choice(self.workers), self._place(), until, False)

    def in_hall(self) -> None:
        there = at_kiosk(self.rng.choice(self.workers), self.rng.choice([HALL, OTHER_HALL]), "a kiosk")
        self.law.do(presence.go_available, there, None, None, True)

    def offline(self) -> None:
        self.law.do(presence.go_offline, self.rng.choice(self.workers).worker())

    def seen(self) -> None:
        seen = [(worker.worker(), self._place()) for worker in self.rng.sample(self.workers, 6)]
        self.law.do(lambda tx: tx.workers.seen_many(seen, self.law.town.now))

    def profile(self) -> None:
        named = (
            {"name": f"{self.rng.choice('赵钱孙李')}{self.rng.choice('一二三')}"}
            if self.rng.random() < 0.4
            else {}
        )
        trades, mode = self.rng.sample(TRADES, 2), self.rng.choice(list(Mode))
        asked = ProfileIn(trades=trades, mode=mode, reach_s=self.rng.choice([None, 600]), **named)
        self.law.do(presence.set_profile, self.rng.choice(self.workers).worker(), asked)

    def pin(self) -> None:
        self.law.do(accounts.set_pin, self.rng.choice(self.workers).worker(), "a hash")

    # --- crews

    def open_crew(self) -> None:
        if len(self._crews()) > 2:
            raise NothingThere
        self.law.do(crews.open_crew, self.law.town.rules, self.rng.choice(self.workers))

    def join_crew(self) -> None:
        small = [crew for crew in self._crews() if len(crew.members) < 3]
        if not small:
            raise NothingThere
        crew, rules = self.rng.choice(small), self.law.town.rules
        opened = self.law.do(crews.open_crew, rules, self._worker(crew.leader)).crew
        assert opened is not None
        assert opened.code is not None
        other = self.rng.choice([worker for worker in self.workers if worker.worker() not in crew.members])
        self.law.do(crews.join, rules, other, opened.code)

    def leave_crew(self) -> None:
        self.law.do(crews.leave, self.law.town.rules, self._worker(self.rng.choice(self._crew().members)))

    def remove_from_crew(self) -> None:
        crew = self._crew()
        self.law.do(crews.remove, self.law.town.rules, self._worker(crew.leader), self.rng.choice(crew.members))

    def claim_for_crew(self) -> bool:
        crew, town = self._crew(), self.law.town
        gig = next(
            (gig for gig in (self._gig("open") for _ in range(4)) if gig.free_seats() >= len(crew.members)),
            None,
        )
        if gig is None or town.see(lambda tx: tx.offers.refused([gig.id])).keys() & set(crew.members):
            raise NothingThere
        for name in crew.members:
            self.law.do(presence.go_available, self._worker(name), self._place(), None, False)
        plan = [replace(proposal(gig.id, self._worker(name)), crew=crew.id) for name in crew.members]
        done = self.law.do(claim, town.rules, town.token, plan)
        assert done in (0, len(plan))
        return done > 0

    def answer_for_crew(self) -> None:
        names = [worker.worker() for worker in self.workers]
        pending = self.law.town.see(lambda tx: tx.offers.pending_of(names)).values()
        asked = sorted((one for one in pending if one.together is not None), key=lambda one: one.id)
        if not asked:
            raise NothingThere
        offer = self.rng.choice(asked)
        leads = [one for one in asked if one.together is not None and one.together.leader == one.worker]
        if leads and self.rng.random() < 0.7:
            self._op(self._worker(leads[0].worker), "offer.accept", offer_id=leads[0].id)
        else:
            op = self.rng.choice(["offer.accept", "offer.decline", "offer.extend"])
            self._op(self._worker(offer.worker), op, offer_id=offer.id)

    def work_as_crew(self) -> None:
        op, status = self.rng.choice(
            [("assignment.check_in", "confirmed"), ("assignment.check_out", "checked_in")]
        )
        held = self._held(status)
        if held.together is None:
            raise NothingThere
        code = {"code": self.law.town.get_gig(held.gig).site_code} if op == "assignment.check_in" else {}
        self._op(self._worker(held.worker), op, assignment_id=held.id, crew=True, **code)

    # --- desks

    def groups(self) -> None:
        assert self.staff is not None
        asked = GroupsIn(groups=self.rng.choice([[], ["veteran"], ["older", "veteran"]]), document="identity")
        self.law.do(fairness.set_groups, self.staff, self.rng.choice(self.workers).worker(), asked)

    def station(self) -> None:
        found = self.law.town.see(lambda tx: tx.stations.get(StationId(HALL)))
        self.law.do(stations.enter, [replace(found, address=f"新址 {self.rng.randrange(9)} 号")])

    # --- lines break

    def disconnect(self) -> bool:
        follower = self.rng.choice(self.law.followers)
        self.law.disconnect(follower)
        return True

    def reconnect(self) -> bool:
        away = [follower for follower in self.law.followers if not follower.connected]
        if not away:
            return False
        self.law.connect(self.rng.choice(away))
        return True

    def finish(self) -> None:
        """Everybody is back and looks."""
        for follower in self.law.followers:
            if not follower.connected:
                self.law.connect(follower)
        self.law.check("at the end")

    # --- whom and what

    def _op(self, actor: Actor, op: str, **args: Any) -> None:
        self.law.do(perform, self.law.town.rules, actor, op, OPS[op].args(**args), None)

    def _on_held(self, op: str, *statuses: str) -> None:
        held = self._held(*statuses)
        self._op(self._worker(held.worker), op, assignment_id=held.id)

    def _gig(self, *statuses: str) -> Gig:
        gig: Gig = self._one(lambda tx, whose: tx.gigs.of_employer(whose, None, 40), statuses)
        return gig

    def _held(self, *statuses: str, late_by: timedelta | None = None) -> Assignment:
        def of(tx: Transaction, whose: EmployerId) -> list[Assignment]:
            found = tx.assignments.of_employer(whose, None, 40)
            if late_by is None:
                return found
            return [a for a in found if a.busy_from + timedelta(seconds=a.travel_s) + late_by <= tx.now()]

        held: Assignment = self._one(of, statuses)
        return held

    def _one(self, of: Callable[[Transaction, EmployerId], list[Any]], statuses: tuple[str, ...]) -> Any:
        whose = self.rng.choice(self.employers).employer()
        found = [each for each in self.law.town.see(of, whose) if each.status in statuses]
        if not found:
            raise NothingThere
        return self.rng.choice(found)

    def _crews(self) -> list[Crew]:
        def of(tx: Transaction) -> list[Crew]:
            people = tx.workers.get_many([worker.worker() for worker in self.workers]).values()
            return list(tx.crews.get_many([one.crew for one in people if one.crew is not None]).values())

        return sorted(self.law.town.see(of), key=lambda crew: crew.id)

    def _crew(self) -> Crew:
        found = [crew for crew in self._crews() if len(crew.members) > 1]
        if not found:
            raise NothingThere
        return self.rng.choice(found)

    def _offer(self) -> tuple[Actor, OfferId]:
        names = [worker.worker() for worker in self.workers]
        pending = self.law.town.see(lambda tx: tx.offers.pending_of(names))
        if not pending:
            raise NothingThere
        worker = self.rng.choice(sorted(pending))
        return self._worker(worker), pending[worker].id

    def _worker(self, name: str) -> Actor:
        return next(worker for worker in self.workers if worker.account == name)

    def _employer(self, name: str) -> Actor:
        return next(employer for employer in self.employers if employer.account == name)

    def _place(self) -> Position:
        return Position(CENTRE.lat + self.rng.choice([0, 0.001, 0.002]), CENTRE.lng)


class NothingThere(Exception):
    """Nothing of that kind to do it to."""


WEIGHTS = {
    "claim": 20, "pass_time": 8, "forget_silent": 1, "delete_events": 0.5, "hour": 2, "night": 0.3,
    "post": 6, "cancel_gig": 1, "settle": 4, "no_show": 3, "call_off": 0.8, "rename_employer": 0.5,
    "accept": 7, "accept_all": 6, "decline": 2, "extend": 2, "check_in": 8, "check_out": 4, "confirm": 3,
    "dispute": 1, "cancel": 1, "available": 8, "in_hall": 3, "offline": 2, "seen": 1, "profile": 2, "pin": 0.7,
    "open_crew": 6, "join_crew": 3, "leave_crew": 0.8, "remove_from_crew": 0.5, "claim_for_crew": 12,
    "answer_for_crew": 20, "work_as_crew": 12,
    "groups": 0.7, "station": 0.5, "disconnect": 5, "reconnect": 5,
}  # fmt: skip
LEAST = 5
"""So often at least must each of these things have been done."""


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_happens_a_state_is_what_a_new_client_gets(law: Law) -> None:
    walk = Walk(law, random.Random(SEED))
    walk.begin()
    for number in range(1, STEPS + 1):
        walk.step(number)
        if number % FLUSH_EVERY == 0:
            await law.engine.flush()
    walk.finish()
    await law.engine.flush()
    idle = {name: walk.done[name] for name in WEIGHTS if walk.done[name] < LEAST}
    assert not idle, walk.done
    assert min(law.resumed, law.restarted) > 20
