"""A round's table: gigs as openings, roster rows as slots of free time, and the pairs between them as edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

import numpy as np

from gigmarket.domain import rest
from gigmarket.domain.circle import circles_s
from gigmarket.domain.draw import tickets
from gigmarket.domain.geo import MODES, Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.domain.matching import Edges, Flags, Floats, Ints, Openings, Slots
from gigmarket.domain.policy import Policy
from gigmarket.domain.trade import TRADES
from gigmarket.live.claimants import claim_s
from gigmarket.live.roster_columns import Columns, Entry, Promise, metres_of, point
from gigmarket.travel.pairs import pair_seconds
from gigmarket.travel.router import Router

BETWEEN_S = 3600.0
"""Two sites further apart than this are never worked one after the other on one day."""
NEVER_S = 86_400.0
_After = tuple[int, Promise, Promise | None]
"""A slot after a promise: the worker's place among the rows, that promise, and the next one."""
TRADE_ROW = {trade.code: row for row, trade in enumerate(TRADES)}


@dataclass(frozen=True, slots=True)
class Table:
    """A round laid out. `row[s]` is the roster row of slot s; `estimated[e]` tells straight-line travel."""

    gigs: Sequence[Gig]
    openings: Openings
    slots: Slots
    edges: Edges
    row: Ints
    estimated: Flags


@dataclass(frozen=True, slots=True)
class Known:
    """What a round goes by: who had his chance at which gig, the roads, the policy, the time, and its draw."""

    refused: Mapping[WorkerId, frozenset[GigId]]
    router: Router
    policy: Policy
    now: datetime
    seed: bytes


@dataclass(frozen=True, slots=True)
class Postings:
    """Gigs as columns: what `plan` asks of them, and their sites, in degrees and on the unit sphere, too."""

    openings: Openings
    sites: Sequence[Position]
    lat: Floats
    lng: Floats
    point: Floats


def postings_of(gigs: Sequence[Gig], policy: Policy, now: datetime) -> Postings:
    """Gigs with free seats as columns; the circle of each has grown since its posting."""
    # Gig by gig and not column by column: each is out of the processor's cache once instead of ten times.
    numbers = np.fromiter(chain.from_iterable(map(_numbers, gigs)), np.float64, count=11 * len(gigs))
    posted, starts, ends, latest, pay, trade, seats, lat, lng, crew, vacated = np.ascontiguousarray(
        numbers.reshape(-1, 11).T
    )
    openings = Openings(
        posted=posted,
        starts=starts,
        ends=ends,
        latest=latest,
        pay=pay,
        trade=trade.astype(np.int64),
        seats=seats.astype(np.int64),
        circle=circles_s(now.timestamp() - posted, policy),
        crew=crew.astype(np.int64),
        vacated=vacated > 0,
    )
    return Postings(openings, [gig.draft.site.position for gig in gigs], lat, lng, point(lat, lng))


def _numbers(gig: Gig) -> tuple[float, ...]:
    draft, due = gig.draft, gig.due_fen()
    position = draft.site.position
    return (
        gig.posted_at.timestamp(),
        draft.starts_at.timestamp(),
        draft.ends_at.timestamp(),
        gig.recruit_until.timestamp(),
        np.inf if due is None else due,
        TRADE_ROW[draft.trade],
        gig.free_seats(),
        position.lat,
        position.lng,
        gig.least_party(),
        gig.vacated,
    )


def lay_out(
    gigs: Sequence[Gig],
    postings: Postings,
    pairs: tuple[Ints, Ints],
    columns: Columns,
    known: Known,
) -> Table:
    """The table of these pairs (gig rows, roster rows), with the worker's travel by their own mode.

    A worker with promised hours has a slot before, between and after them; later ones begin at the site of the
    promise before, or at home when the gig starts more than `home_after_s` later.
    """
    router, policy = known.router, known.policy
    openings, sites = postings.openings, postings.sites
    gig, row = pairs
    rows, base = _distinct(row, len(columns.entries))
    slots, after = _slots(rows, columns, known)
    slot_row = slots.worker
    edge_gig, edge_slot = _edges(gig, base, len(rows), after)
    away = _away(edge_gig, edge_slot, len(rows), openings, slots, policy)
    edge_row = slot_row.take(edge_slot)
    sites_away = [after[nth][1].site for nth in (edge_slot[away] - len(rows)).tolist()]
    start = _Start(columns, edge_row, away, sites_away)
    mode = columns.at.mode.take(edge_row)
    metres = metres_of(postings.point.take(edge_gig, axis=0), start.points())
    travel, estimated = pair_seconds(router, sites, openings.circle, edge_gig, mode, metres, start.degrees)
    coming = {len(rows) + i: following for i, (_, _, following) in enumerate(after) if following}
    coming |= {i: entry.promises[0] for i, entry in _entries(rows, columns) if entry.promises}
    edges = Edges(
        gig=edge_gig,
        slot=edge_slot,
        travel=travel,
        onward=_onward(router, sites, edge_gig, edge_slot, mode, coming),
        declined=_declined(gigs, edge_gig, edge_row, columns, known.refused),
        resting=_resting(gigs, edge_gig, edge_row, columns, policy),
    )
    return Table(gigs, openings, slots, edges, slot_row, estimated)


def _distinct(row: Ints, size: int) -> tuple[Ints, Ints]:
    """The roster rows among these, ascending, and the place of each there; quicker than sorting."""
    there = np.zeros(size, dtype=np.bool_)
    there[row] = True
    rows = np.flatnonzero(there)
    place = np.empty(size, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return rows, place[row]


def _entries(rows: Ints, columns: Columns) -> list[tuple[int, Entry]]:
    """The workers among these rows who have promised or worked hours, by their place in `rows`."""
    busy = np.flatnonzero(columns.at.busy[rows]).tolist()
    return [(i, entry) for i in busy if (entry := columns.entries[int(rows[i])]) is not None]


def _slots(rows: Ints, columns: Columns, known: Known) -> tuple[Slots, list[_After]]:
    """One slot per row until the first promise, then one after each."""
    at, policy, now = columns.at, known.policy, known.now.timestamp()
    working = at.working.take(rows)
    free = np.where(working > now, working, -np.inf)
    before = np.full(len(rows), np.inf)
    after: list[_After] = []
    for i, entry in _entries(rows, columns):
        promises = entry.promises
        before[i] = promises[0].busy_from if promises else np.inf
        after.extend(
            (i, held, following) for held, following in zip(promises, (*promises, None)[1:], strict=True)
        )
    firsts = np.array([first for first, _, _ in after], dtype=np.int64)
    row = np.concatenate((rows, rows[firsts]))
    ends = np.array([max(held.ends, free[i]) for i, held, _ in after])
    until_next = np.array([next_.busy_from if next_ else np.inf for _, _, next_ in after])
    slots = Slots(
        worker=row,
        trades=at.trades.take(row),
        floor=at.floor.take(row),
        free=np.concatenate((free, ends)),
        before=np.concatenate((before, until_next)),
        until=at.until.take(row),
        reach=at.reach.take(row),
        share=at.share.take(row),
        demand=np.zeros(len(row)),
        credit=claim_s(columns, row, now, policy),
        ticket=tickets(known.seed, at.key.take(row)),
        offered=at.offered.take(row),
        engaged=np.concatenate((working, working[firsts])) > now + policy.look_ahead_s,
        punctual=np.concatenate((working > now, np.ones(len(after), dtype=np.bool_))),
        crew=_crews(row, columns),
        party=at.party.take(row),
    )
    return slots, after


def _crews(row: Ints, columns: Columns) -> Ints:
    """A number for each row's crew, from 0; -1 for those alone."""
    crew = np.full(len(row), -1)
    numbers: dict[CrewId, int] = {}
    for i in np.flatnonzero(columns.at.party.take(row) > 1).tolist():
        name = columns.crew(int(row[i]))
        if name is not None:
            crew[i] = numbers.setdefault(name, len(numbers))
    return crew


def _edges(gig: Ints, base: Ints, people: int, after: Sequence[_After]) -> tuple[Ints, Ints]:
    """Gig and slot of each edge: a pair of a gig and a worker has one to all of his slots."""
    more_gig, more_slot = [gig], [base]
    for i, (first, _, _) in enumerate(after):
        mine = gig[base == first]
        more_gig.append(mine)
        more_slot.append(np.full(len(mine), people + i, dtype=np.int64))
    return np.concatenate(more_gig), np.concatenate(more_slot)


def _away(gig: Ints, slot: Ints, people: int, openings: Openings, slots: Slots, policy: Policy) -> Ints:
    """The edges whose worker sets out from the promised site before the slot, ascending."""
    later = np.flatnonzero(slot >= people)
    soon = openings.starts[gig[later]] - slots.free[slot[later]] <= policy.home_after_s
    return later[soon]


@dataclass(frozen=True, slots=True)
class _Start:
    """Where the worker of each edge sets out from: where he is, or for the edges `away` from one of `sites`."""

    columns: Columns
    row: Ints
    away: Ints
    sites: Sequence[Position]

    def points(self) -> Floats:
        """On the unit sphere, n × 3."""
        points = self.columns.at.point.take(self.row, axis=0)
        if self.away.size:
            points[self.away] = point(*self._degrees_away())
        return points

    def degrees(self) -> tuple[Floats, Floats]:
        """Latitudes and longitudes."""
        lat, lng = self.columns.at.lat[self.row], self.columns.at.lng[self.row]
        if self.away.size:
            lat[self.away], lng[self.away] = self._degrees_away()
        return lat, lng

    def _degrees_away(self) -> tuple[Floats, Floats]:
        return np.array([site.lat for site in self.sites]), np.array([site.lng for site in self.sites])


def _onward(
    router: Router, sites: Sequence[Position], gig: Ints, slot: Ints, mode: Ints, coming: Mapping[int, Promise]
) -> Floats:
    """Seconds to the promise after the slot, beyond those its own way from home takes already."""
    onward = np.zeros(len(gig))
    if coming:
        for edge in np.flatnonzero(np.isin(slot, np.fromiter(coming, dtype=np.int64))).tolist():
            held = coming[int(slot[edge])]
            way = router.reach(held.site, MODES[int(mode[edge])], BETWEEN_S).seconds(sites[int(gig[edge])])
            onward[edge] = max(0.0, (NEVER_S if way is None else way) - (held.starts - held.busy_from))
    return onward


def _declined(
    gigs: Sequence[Gig],
    gig: Ints,
    row: Ints,
    columns: Columns,
    refused: Mapping[WorkerId, frozenset[GigId]],
) -> Flags:
    declined = np.zeros(len(gig), dtype=np.bool_)
    number = {each.id: i for i, each in enumerate(gigs)} if refused else {}
    for worker, ids in refused.items():
        here = columns.row_of.get(worker)
        if here is not None:
            mine = np.array([number[each] for each in ids if each in number], dtype=np.int64)
            declined |= (row == here) & np.isin(gig, mine)
    return declined


def _resting(gigs: Sequence[Gig], gig: Ints, row: Ints, columns: Columns, policy: Policy) -> Flags:
    """Where rest rules forbid the gig; only who has promised or worked hours lately can be in need of rest."""
    resting = np.zeros(len(gig), dtype=np.bool_)
    known: dict[tuple[int, int], bool] = {}
    for edge in np.flatnonzero(columns.at.busy[row]).tolist():
        key = (int(gig[edge]), int(row[edge]))
        if key not in known:
            entry = columns.entries[key[1]]
            draft = gigs[key[0]].draft
            work = [] if entry is None else [(_utc(a), _utc(b)) for a, b in entry.worked]
            known[key] = not rest.allows(work, draft.starts_at, draft.ends_at, policy)
        resting[edge] = known[key]
    return resting


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
