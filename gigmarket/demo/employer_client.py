"""A simulated employer: posts gigs, watches them fill, tells workers the site code, pays."""

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Any

from gigmarket.demo.city import City, Firm
from gigmarket.demo.desk import Desk
from gigmarket.demo.enrolment import Ticket
from gigmarket.demo.witness import Witness

NO_SHOW_AFTER_S = 630
"""The server takes a no-show report from ten minutes after the start."""


class EmployerClient:
    """One firm with one stream."""

    def __init__(self, desk: Desk, city: City, firm: Firm, ticket: Ticket) -> None:
        account, token = ticket
        self._desk = desk
        self._city = city
        self._firm = firm
        self._rng = random.Random(firm.seed)
        self._expected: dict[str, tuple[str, float]] = {}
        self._begun: set[tuple[str, str]] = set()
        self._starts: dict[str, float] = {}
        self.witness = Witness(desk, token, f"employer:{account}", self._event, self._snapshot)

    async def live(self) -> None:
        """Open the stream, and now and then look who never came."""
        self._desk.spawn(self.witness.run())
        await self.witness.call("PUT", "/employers/me", {"name": self._firm.name})
        while True:
            await asyncio.sleep(self._rng.uniform(15, 25))
            if self._rng.random() < 0.05:
                self.witness.drop()
            for assignment_id, (_, starts) in list(self._expected.items()):
                if time.time() > starts + NO_SHOW_AFTER_S:
                    del self._expected[assignment_id]
                    await self.witness.call("POST", f"/assignments/{assignment_id}/no-show")

    async def post(self) -> None:
        """Post one gig; a few are called off again."""
        body = self._city.gig(self._rng, datetime.now(UTC))
        supplied = self._desk.supplied(body)
        before = time.monotonic()
        posted, gig = await self.witness.call("POST", "/gigs", body)
        if not posted:
            return
        self._desk.tally.posted(gig["id"], gig["headcount"], before, supplied)
        self._desk.tally.happened(self._firm.name, f"发布 posted {gig['headcount']}×", gig["title"])
        self._know(gig)
        if self._rng.random() < 0.02:
            await asyncio.sleep(self._rng.uniform(4, 15))
            await self.witness.call("POST", f"/gigs/{gig['id']}/cancel")
            self._desk.tally.happened(self._firm.name, "取消 called off", gig["title"])

    def _know(self, gig: dict[str, Any]) -> None:
        self._desk.codes[gig["id"]] = gig["site_code"]
        self._starts[gig["id"]] = datetime.fromisoformat(gig["starts_at"]).timestamp()

    def _event(self, kind: str, data: dict[str, Any]) -> None:
        if kind.startswith("gig."):
            self._know(data["gig"])
            self._desk.tally.filled[data["gig"]["id"]] = data["gig"]["filled"]
        elif kind.startswith("assignment."):
            self._assigned(data["assignment"])

    def _snapshot(self, state: dict[str, Any]) -> None:
        for gig in state["gigs"]:
            self._know(gig)
            self._desk.tally.filled[gig["id"]] = gig["filled"]
        for assignment in state["assignments"]:
            self._assigned(assignment)

    def _assigned(self, assignment: dict[str, Any]) -> None:
        status, item = assignment["status"], assignment["id"]
        if status == "confirmed":
            starts = self._starts.get(assignment["gig_id"], time.time())
            self._expected[item] = (assignment["gig_id"], starts)
            return
        self._expected.pop(item, None)
        owed = status == "disputed" or (status == "completed" and assignment["paid_fen"] is None)
        if owed and (item, status) not in self._begun:
            self._begun.add((item, status))
            self._desk.spawn(self._settle(assignment, status == "disputed"))

    async def _settle(self, assignment: dict[str, Any], again: bool) -> None:
        await asyncio.sleep(self._rng.uniform(1, 5))
        due_fen = assignment["due_fen"]
        if due_fen is None:
            body: dict[str, Any] = {"amount_fen": 10 * self._rng.randrange(800, 2_400)}
        elif not again and self._rng.random() < 0.02:
            body = {"amount_fen": due_fen * 8 // 10, "reason": "提前离开"}
        else:
            body = {"amount_fen": due_fen}
        await self.witness.call("POST", f"/assignments/{assignment['id']}/settle", body)
