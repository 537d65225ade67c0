"""A seeded city: who lives where, written straight into SQL, and what is posted next to whom."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, radians
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from sqlalchemy import Connection, insert

from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import WorkerId, worker_principal
from gigmarket.domain.trade import TRADES
from gigmarket.services.credentials import token_hash
from gigmarket.store.tables import TABLES
from gigmarket.travel.places import CITY_CENTRE, TOWNS

SIDE_KM = 60.0
TOWN_SPREAD_KM = 1.5
IN_TOWNS = 0.7
STREETS = 5
"""The first towns are the streets of the city itself: half of those who live in towns live there."""
KM_PER_DEGREE = 111.195
ALONE_M = 10.0
"""Nobody else of the trade is this near a chosen worker, so that a gig at the door is theirs."""
SESSION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Resident:
    """A worker of the city with a session, if they have one."""

    id: str
    position: Position
    trades: tuple[str, ...]
    mode: Mode
    token: str


def residents(count: int, seed: int) -> list[Resident]:
    """`count` workers over 60 × 60 km, denser in the towns, each with one to three trades."""
    rng = random.Random(seed)
    codes = [trade.code for trade in TRADES]
    return [
        Resident(
            id=f"w{number:08d}",
            position=_home(rng),
            trades=tuple(rng.sample(codes, rng.randint(1, 3))),
            mode=rng.choice(list(Mode)),
            token=f"gm_load_{seed}_{number:08d}_{rng.getrandbits(128):032x}",
        )
        for number in range(count)
    ]


def _home(rng: random.Random) -> Position:
    if rng.random() < IN_TOWNS:
        town = rng.choice(TOWNS[:STREETS] if rng.random() < 0.5 else TOWNS)
        return _offset(town.position, rng.gauss(0, TOWN_SPREAD_KM), rng.gauss(0, TOWN_SPREAD_KM))
    half = SIDE_KM / 2
    return _offset(CITY_CENTRE, rng.uniform(-half, half), rng.uniform(-half, half))


def _offset(start: Position, north_km: float, east_km: float) -> Position:
    per_degree = KM_PER_DEGREE * cos(radians(start.lat))
    return Position(start.lat + north_km / KM_PER_DEGREE, start.lng + east_km / per_degree)


def standing_alone(everyone: Sequence[Resident], count: int, seed: int) -> list[Resident]:
    """`count` workers of whose first trade nobody else is within ten metres. Raises ValueError for too few."""
    by_trade: dict[str, list[int]] = {}
    for index, resident in enumerate(everyone):
        for trade in resident.trades:
            by_trade.setdefault(trade, []).append(index)
    scale = KM_PER_DEGREE * 1000
    flat = np.array(
        [(r.position.lat * scale, r.position.lng * scale * cos(radians(CITY_CENTRE.lat))) for r in everyone]
    )
    alone = set()
    for trade, indexes in by_trade.items():
        distances = np.asarray(cKDTree(flat[indexes]).query(flat[indexes], k=2)[0])
        alone |= {
            index
            for index, (_, nearest) in zip(indexes, distances, strict=True)
            if nearest > ALONE_M and everyone[index].trades[0] == trade
        }
    if len(alone) < count:
        raise ValueError(f"only {len(alone)} workers stand alone, not {count}")
    return [everyone[index] for index in random.Random(seed).sample(sorted(alone), count)]


def enter(connection: Connection, everyone: Sequence[Resident], with_session: Sequence[Resident]) -> None:
    """Write workers who want work now, and sessions for some of them, in bulk."""
    now = datetime.now(UTC)
    connection.execute(insert(TABLES["account"]), [_account(r.id, "worker", now) for r in everyone])
    connection.execute(insert(TABLES["worker"]), [_worker(resident, now) for resident in everyone])
    if with_session:
        connection.execute(insert(TABLES["session"]), [_session(r.id, r.token, now) for r in with_session])


def follow(connection: Connection, residents: Sequence[Resident]) -> None:
    """Begin their streams, as the first ticket of each would."""
    rows = [{"principal": str(worker_principal(WorkerId(resident.id))), "head": 0} for resident in residents]
    connection.execute(insert(TABLES["stream"]), rows)


def enter_employer(connection: Connection, employer: str, token: str) -> None:
    """Write an employer with a session."""
    now = datetime.now(UTC)
    connection.execute(insert(TABLES["account"]), _account(employer, "employer", now))
    connection.execute(insert(TABLES["session"]), _session(employer, token, now))


def gig_body(resident: Resident, headcount: int = 1) -> dict[str, Any]:
    """A gig at this worker's door, as an employer posts it."""
    starts_at = datetime.now(UTC) + timedelta(hours=1)
    site = {"lat": resident.position.lat, "lng": resident.position.lng, "datum": "wgs84"}
    return {
        "title": "搬运药材",
        "trade": resident.trades[0],
        "headcount": headcount,
        "site": {**site, "address": "药都大道 1 号"},
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=4)).isoformat(),
        "wage": {"amount_fen": 18_000, "per": "day"},
        "settlement": "daily",
    }


def _account(account: str, role: str, now: datetime) -> dict[str, Any]:
    return {
        "id": account,
        "role": role,
        "phone": f"load-{account}",
        "name": f"测试{account[-4:]}",
        "station_id": None,
        "created_at": now,
    }


def _worker(resident: Resident, now: datetime) -> dict[str, Any]:
    return {
        "account_id": resident.id,
        "trades": ",".join(sorted(resident.trades)),
        "mode": resident.mode.value,
        "floor_wage_fen": 0,
        "pin_hash": None,
        "wanted": True,
        "since": now,
        "until": None,
        "lat": resident.position.lat,
        "lng": resident.position.lng,
        "station_id": None,
        "seen_at": now,
    }


def _session(account: str, token: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"session-{account}",
        "account_id": account,
        "token_hash": token_hash(token),
        "station_id": None,
        "via_account_id": None,
        "created_at": now,
        "expires_at": now + SESSION,
        "revoked_at": None,
    }
