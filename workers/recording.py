"""Records what the dispatcher sees and decides, for `gigmarket replay`; pseudonymous and bounded."""

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import numpy as np

from gigmarket import __version__
from gigmarket.domain.assignment import VACANT, AssignmentStatus
from gigmarket.domain.calendar import CHINA
from gigmarket.domain.geo import MODES
from gigmarket.domain.gig import GigStatus
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.live.roster import Roster
from gigmarket.outage import Outage
from gigmarket.recording.lines import Answer, Answered, Closed, Gig, Gone, Line, Offered, Round, Work, Worker
from gigmarket.recording.recorder import Recorder
from gigmarket.services.boards import Planned
from gigmarket.services.market import Market
from gigmarket.services.reasons import Turn
from gigmarket.services.rounds import RoundReport
from gigmarket.wire.bus import unpack
from gigmarket.wire.codec import decode
from gigmarket.wire.framing import payload_of

log = logging.getLogger("gigmarket.recording")

FLUSH_S = 5.0


class Recording:
    """One dispatcher's recorder: rounds as they are made, and from the bus what people answered."""

    def __init__(self, market: Market) -> None:
        if market.recordings is None:
            raise ValueError("this market is not recorded")
        self._market = market
        self._stamps: dict[WorkerId, tuple[float, int, CrewId | None]] = {}
        self._turns = 0
        self._outage = Outage(log, "the recording is written again")
        self._recorder = Recorder(
            market.recordings,
            market.rules.policy,
            estimated=market.router.estimated,
            software=__version__,
            zone=CHINA,
        )

    async def run(self) -> None:
        """Listen and write until cancelled; what is left is written then."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._market.bus.listen(self._market.keys.bus, self._heard, _nothing))
                tasks.create_task(self._flush())
        finally:
            self._write(self._recorder.close)

    def round(self, report: RoundReport, roster: Roster, turn: Turn, now: datetime) -> None:
        """A round that is over: its gigs, the workers it weighed, its offers."""
        planned = report.planned
        if planned is None:
            return
        at = now.timestamp()
        self._turns += 1
        self._recorder.add(_gigs(planned, at))
        self._recorder.add(self._workers(planned, roster, at))
        offers = tuple(Offered(o.gig, o.worker, float(o.travel_s), o.cost_s) for o in report.proposed)
        gigs = tuple(gig.id for gig in planned.table.gigs)
        made = Round(at, self._turns, gigs, offers, len(planned.plan.held), turn.seed.hex())
        self._recorder.add([made])

    def gone(self, workers: Iterable[WorkerId]) -> None:
        """These want no work any more, or were not heard of for too long."""
        at = self._market.clock().timestamp()
        self._recorder.add([Gone(at, worker) for worker in workers if self._stamps.pop(worker, None)])

    def _workers(self, planned: Planned, roster: Roster, at: float) -> list[Line]:
        lines: list[Line] = []
        columns = roster.columns
        for row in np.unique(planned.table.row).tolist():
            entry = columns.entries[row]
            if entry is None:
                continue
            stamp = (entry.since, int(columns.at.stamp[row]), entry.crew)
            if self._recorder.knows(entry.worker) and self._stamps.get(entry.worker) == stamp:
                continue
            self._stamps[entry.worker] = stamp
            lines.append(
                Worker(
                    at,
                    entry.worker,
                    entry.since,
                    float(columns.at.lat[row]),
                    float(columns.at.lng[row]),
                    MODES[int(columns.at.mode[row])],
                    tuple(sorted(entry.trades)),
                    floor=int(entry.floor),
                    until=None if math.isinf(entry.until) else entry.until,
                    share=entry.share,
                    credit_s=entry.credit,
                    busy=tuple((promise.busy_from, promise.ends) for promise in entry.promises),
                    crew=entry.crew,
                )
            )
        return lines

    async def _heard(self, message: bytes) -> None:
        at = self._market.clock().timestamp()
        for principal, _, told in unpack(message):
            kind, _, owner = principal.partition(":")
            if kind not in ("worker", "employer"):
                continue
            frame = decode(payload_of(told))
            line = _answer(frame, WorkerId(owner), at) if kind == "worker" else _closed(frame, at)
            if line is not None:
                self._recorder.add([line])

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await asyncio.to_thread(self._write, self._recorder.flush)

    def _write(self, step: Callable[[], None]) -> None:
        """A disk that takes no recording costs the recording, never the dispatcher."""
        try:
            step()
        except OSError as error:
            self._outage.failed(f"the recording is not written: {error}")
        else:
            self._outage.worked()


async def _nothing() -> None:
    """A gap in a recording is a gap."""


def _gigs(planned: Planned, at: float) -> list[Line]:
    openings = planned.table.openings
    return [
        Gig(
            at,
            gig.id,
            gig.posted_at.timestamp(),
            gig.draft.starts_at.timestamp(),
            gig.draft.ends_at.timestamp(),
            gig.draft.site.position.lat,
            gig.draft.site.position.lng,
            gig.draft.trade,
            gig.draft.headcount,
            int(openings.seats[i]),
            gig.due_fen(),
        )
        for i, gig in enumerate(planned.table.gigs)
    ]


def _answer(frame: dict[str, Any], worker: WorkerId, at: float) -> Line | None:
    data = frame["data"]
    if frame["kind"] == "offer.closed":
        offer = data["offer"]
        return Answered(at, GigId(offer["gig"]["id"]), worker, Answer(offer["status"]))
    if frame["kind"] == "assignment.created":
        return Answered(at, GigId(data["assignment"]["gig_id"]), worker, Answer.ACCEPTED)
    if frame["kind"] == "assignment.updated":
        assignment = data["assignment"]
        gig, status = GigId(assignment["gig_id"]), AssignmentStatus(assignment["status"])
        if status in VACANT:
            return Answered(at, gig, worker, Answer.CANCELLED)
        if status is AssignmentStatus.COMPLETED and assignment["checked_in_at"]:
            begun, done = (datetime.fromisoformat(assignment[f"checked_{way}_at"]) for way in ("in", "out"))
            return Work(at, gig, worker, max(0.0, (done - begun).total_seconds()))
    return None


def _closed(frame: dict[str, Any], at: float) -> Line | None:
    if frame["kind"] == "gig.updated" and frame["data"]["gig"]["status"] == GigStatus.CANCELLED.value:
        return Closed(at, frame["data"]["gig"]["id"])
    return None
