"""A simulated day labourer: a phone's worth of behaviour over the public API and one stream."""

import asyncio
import random
import time
from datetime import datetime
from typing import Any

from gigmarket.demo.city import Labourer, jittered
from gigmarket.demo.desk import Desk
from gigmarket.demo.enrolment import Ticket
from gigmarket.demo.record import Accept
from gigmarket.demo.witness import Answer, Witness
from gigmarket.domain.geo import Mode, Position, metres_between

WORKING = {"confirmed", "checked_in"}
ANSWERS = {"accept": 75, "decline": 12, "ignore": 8, "extend": 5}
JOURNEYS = {"on_time": 86, "late": 8, "cancel": 4, "no_show": 2}
SURELY_NEAR_M = {Mode.WALK: 600, Mode.BICYCLE: 1_800, Mode.EBIKE: 2_300, Mode.MOTORBIKE: 3_500, Mode.CAR: 4_000}
"""Metres as the crow flies, some way inside the fifteen minutes of each mode."""
BY_SOCKET = 0.75
"""Share of answers given over the socket; the others go over HTTP."""
REASONS = ("too_far", "pay", "hours", "work", None)


class WorkerClient:
    """Arrives, waits for offers, answers them, goes to work in compressed time, is paid, and waits again."""

    def __init__(self, desk: Desk, labourer: Labourer, ticket: Ticket) -> None:
        account, token = ticket
        self._desk = desk
        self._labourer = labourer
        self._rng = random.Random(labourer.seed)
        self._position = labourer.position
        self._offers: dict[str, dict[str, Any]] = {}
        self._working: dict[str, str] = {}
        self._begun: set[tuple[str, ...]] = set()
        self._on_site = asyncio.Lock()
        self.wants = False
        self.witness = Witness(desk, token, f"worker:{account}", self._event, self._snapshot)

    def available(self) -> bool:
        """Whether the worker waits for an offer right now."""
        return self.wants and not self._offers and "checked_in" not in self._working.values()

    def could_take(self, gig: dict[str, Any]) -> bool:
        """Whether this posting is surely one for this worker: free, of the trade, without wishes, and near."""
        me, site = self._labourer, gig["site"]
        return (
            gig["trade"] in me.trades
            and gig["min_crew"] == 1
            and self.available()
            and not (self._working or me.floor_wage_fen or me.crew is not None)
            and metres_between(self._position, Position(site["lat"], site["lng"])) < SURELY_NEAR_M[me.mode]
        )

    async def live(self) -> None:
        """From arrival on, until the demo ends."""
        await asyncio.sleep(self._labourer.arrives_s)
        profile = {
            "trades": self._labourer.trades,
            "mode": self._labourer.mode,
            "floor_wage_fen": self._labourer.floor_wage_fen,
        }
        await self.witness.call("PUT", "/workers/me", profile)
        self._desk.spawn(self.witness.run())
        await self._go_available()
        if self._labourer.crew is not None:
            await self._come_together(self._labourer.crew)
        while True:
            await asyncio.sleep(self._rng.uniform(12, 28))
            self._move()
            chance = self._rng.random()
            if chance < 0.04:
                self.witness.drop()
            elif chance < 0.07 and self.available() and not self._working:
                await self._pause()

    async def _come_together(self, crew: int) -> None:
        """Who leads reads the code out, and the other types it."""
        told = self._desk.crew_code(crew)
        if crew == self._labourer.number:
            done, answer = await self.witness.call("POST", "/workers/me/crew", {})
            if done:
                told.set_result(answer["crew"]["code"])
            return
        done, _ = await self.witness.call("POST", "/workers/me/crew/join", {"code": await told})
        self._desk.tally.counts["crews"] += done
        self._desk.tally.happened(self._labourer.name, "结伴 joined a crew")

    def _move(self) -> None:
        if not self._on_site.locked():
            self._position = jittered(self._rng, self._position, 40)
        self.witness.position(self._position.lat, self._position.lng)

    async def _pause(self) -> None:
        self.wants = False
        await self.witness.call("PUT", "/workers/me/presence", {"status": "offline"})
        self._desk.tally.happened(self._labourer.name, "下线 went offline")
        await asyncio.sleep(self._rng.uniform(6, 20))
        await self._go_available()

    async def _go_available(self) -> None:
        body = {"status": "available", "position": self._where()}
        await self.witness.call("PUT", "/workers/me/presence", body)
        self.wants = True

    def _where(self) -> dict[str, Any]:
        return {"lat": self._position.lat, "lng": self._position.lng, "datum": "wgs84"}

    def _event(self, kind: str, data: dict[str, Any]) -> None:
        if kind == "offer.created":
            self._desk.tally.offered(data["offer"]["gig"]["id"], time.monotonic())
            self._offered(data["offer"])
        elif kind == "offer.extended":
            self._offers[data["offer"]["id"]] = data["offer"]
        elif kind == "offer.closed":
            self._offers.pop(data["offer"]["id"], None)
            if data["offer"]["status"] in ("expired", "withdrawn"):
                self._desk.tally.counts[data["offer"]["status"]] += 1
        elif kind.startswith("assignment."):
            self._assigned(data["assignment"])

    def _snapshot(self, state: dict[str, Any]) -> None:
        self._offers = {}
        self._working = {}
        for offer in state["offers"]:
            self._offered(offer)
        for assignment in state["assignments"]:
            self._assigned(assignment)

    def _offered(self, offer: dict[str, Any]) -> None:
        self._offers[offer["id"]] = offer
        if self._first(offer["id"]):
            self._desk.spawn(self._consider(offer["id"]))

    def _assigned(self, assignment: dict[str, Any]) -> None:
        status = assignment["status"]
        self._offers.pop(assignment["offer_id"], None)
        if status in WORKING:
            self._working[assignment["id"]] = status
        else:
            self._working.pop(assignment["id"], None)
        if status == "confirmed" and self._first(assignment["id"], status):
            self._desk.spawn(self._journey(assignment))
        paid_fen = assignment["paid_fen"] if status == "completed" else None
        if paid_fen is not None and self._first(assignment["id"], str(paid_fen)):
            self._desk.spawn(self._paid(assignment))

    def _first(self, *what: str) -> bool:
        """Whether this is news: a replayed event or a snapshot may tell it again."""
        if what in self._begun:
            return False
        self._begun.add(what)
        return True

    async def _consider(self, offer_id: str) -> None:
        answer = self._rng.choices(list(ANSWERS), list(ANSWERS.values()))[0]
        together = self._offers.get(offer_id, {}).get("together")
        if together and not together["leads"] and answer != "decline":
            return
        await asyncio.sleep(self._rng.uniform(0.6, 4.5))
        if answer == "extend" and offer_id in self._offers:
            await self._ask("offer.extend", f"/offers/{offer_id}/extend", {"offer_id": offer_id})
            await asyncio.sleep(self._rng.uniform(2, 8))
        if offer_id not in self._offers:
            return
        if answer == "decline":
            await self._decline(offer_id)
        elif answer != "ignore":
            await self._accept(offer_id)

    async def _decline(self, offer_id: str) -> None:
        body = {"reason": self._rng.choice(REASONS)}
        done, _ = await self._ask("offer.decline", f"/offers/{offer_id}/decline", {"offer_id": offer_id}, body)
        self._desk.tally.counts["declines"] += done
        self._desk.tally.happened(self._labourer.name, "婉拒 declined")

    async def _accept(self, offer_id: str) -> None:
        offer = self._offers[offer_id]
        accept = Accept(offer_id, datetime.fromisoformat(offer["expires_at"]).timestamp(), time.time())
        self.witness.record.accepts.append(accept)
        done, answer = await self._ask("offer.accept", f"/offers/{offer_id}/accept", {"offer_id": offer_id})
        if done:
            accept.outcome, accept.assignment = "ok", answer["assignment"]["id"]
            self._desk.tally.counts["accepts"] += 1
            self._desk.tally.happened(self._labourer.name, "接单 accepted", offer["gig"]["title"])
        else:
            accept.outcome = answer

    async def _journey(self, assignment: dict[str, Any]) -> None:
        kind = self._rng.choices(list(JOURNEYS), list(JOURNEYS.values()))[0]
        together = assignment["together"]
        if together:
            # The leader comes with all of them.
            if not together["leads"]:
                return
            kind = "on_time"
        if kind == "no_show":
            self._desk.tally.counts["no_shows"] += 1
            return
        await asyncio.sleep(self._rng.uniform(25, 45) if kind == "late" else self._rng.uniform(3, 11))
        if kind == "cancel":
            await self._cancel(assignment["id"])
            return
        async with self._on_site:
            if self._working.get(assignment["id"]) == "confirmed":
                await self._work(assignment, kind == "late")

    async def _cancel(self, assignment_id: str) -> None:
        body = {"reason": "家里有事"}
        path = f"/assignments/{assignment_id}/cancel"
        done, _ = await self._ask("assignment.cancel", path, {"assignment_id": assignment_id}, body)
        self._desk.tally.counts["cancelled"] += done
        self._desk.tally.happened(self._labourer.name, "来不了 cancelled")

    async def _work(self, assignment: dict[str, Any], late: bool) -> None:
        item = {"assignment_id": assignment["id"]}
        path = f"/assignments/{assignment['id']}"
        site = assignment["gig"]["site"]
        self.witness.position(site["lat"], site["lng"])
        all_of_us = {"crew": True} if assignment["together"] else {}
        body = {"code": await self._code(assignment["gig_id"]), **all_of_us}
        done, _ = await self._ask("assignment.check_in", f"{path}/check-in", item, body)
        if not done:
            return
        self._desk.tally.counts["check_ins"] += 1
        self._desk.tally.counts["late"] += late
        self._desk.tally.happened(self._labourer.name, "迟到签到 came late" if late else "签到 checked in")
        await asyncio.sleep(self._rng.uniform(4, 14))
        await self._ask("assignment.check_out", f"{path}/check-out", item, all_of_us)

    async def _code(self, gig_id: str) -> str:
        for _ in range(20):
            if gig_id in self._desk.codes:
                return self._desk.codes[gig_id]
            await asyncio.sleep(0.1)
        return await asyncio.to_thread(self._desk.visitors_code, gig_id) or "none"

    async def _paid(self, assignment: dict[str, Any]) -> None:
        await asyncio.sleep(self._rng.uniform(1, 4))
        item = {"assignment_id": assignment["id"]}
        path = f"/assignments/{assignment['id']}"
        due_fen = assignment["due_fen"]
        if due_fen is not None and assignment["paid_fen"] < due_fen:
            await self._ask("assignment.dispute", f"{path}/dispute", item, {"reason": "少付了"})
            self._desk.tally.happened(self._labourer.name, "对工资有异议 disputed the wage")
            return
        done, _ = await self._ask("assignment.confirm", f"{path}/confirm", item)
        self._desk.tally.counts["settled"] += done
        self._desk.tally.happened(self._labourer.name, "收款 was paid", f"¥{assignment['paid_fen'] / 100:.0f}")

    async def _ask(
        self, op: str, path: str, item: dict[str, Any], body: dict[str, Any] | None = None
    ) -> Answer:
        """One operation over the socket or over HTTP."""
        if self._rng.random() > BY_SOCKET:
            return await self.witness.call("POST", path, body)
        return await self.witness.command(op, {**item, **(body or {})})
