"""A round as a service without a roster makes it: GEOSEARCH for every gig, then greedily the nearest."""

from collections.abc import Sequence
from typing import Any

from redis import Redis

from gigmarket.travel.straight_line import SPEEDS
from loadtests.city import Resident


class GeosearchGreedy:
    """One connection to a Valkey with a geo set per trade. It looks at no rule but the circle."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, protocol=3)
        self._metres_per_s: dict[bytes, float] = {}

    def enter(self, everyone: Sequence[Resident]) -> None:
        """Put everybody into the sets of their trades."""
        speeds = {mode.value: speed.metres_per_second for mode, speed in SPEEDS.items()}
        self._metres_per_s = {resident.id.encode(): speeds[resident.mode] for resident in everyone}
        for first in range(0, len(everyone), 1000):
            pipe = self._redis.pipeline(transaction=False)
            for resident in everyone[first : first + 1000]:
                for trade in resident.trades:
                    place = (resident.position.lng, resident.position.lat, resident.id)
                    pipe.geoadd(f"floor:workers:{trade}", place)
            pipe.execute()

    def round(
        self, gigs: Sequence[Resident], seats: Sequence[int], counts: Sequence[int], limit_s: float
    ) -> int:
        """Seats filled: gig after gig takes the nearest whom nobody has yet and who gets there within `limit_s`
        seconds by his own mode. One pipeline for all searches, of so many nearest as `counts` says.
        """
        pipe: Any = self._redis.pipeline(transaction=False)
        radius_m = max(self._metres_per_s.values()) * limit_s
        for gig, count in zip(gigs, counts, strict=True):
            place = (gig.position.lng, gig.position.lat)
            pipe.execute_command(
                "GEOSEARCH", f"floor:workers:{gig.trades[0]}", "FROMLONLAT", *place,
                "BYRADIUS", radius_m, "m", "ASC", "COUNT", count, "WITHDIST",
            )  # fmt: skip
        taken: set[bytes] = set()
        for found, wanted in zip(pipe.execute(), seats, strict=True):
            inside = [
                worker
                for worker, metres in found
                if worker not in taken and float(metres) <= limit_s * self._metres_per_s[worker]
            ]
            taken.update(inside[:wanted])
        return len(taken)

    def close(self) -> None:
        """Close the connection."""
        self._redis.close()
