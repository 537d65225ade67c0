"""The market's rules as numbers, each with its unit. A city changes numbers, never code."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

_AT_LEAST_ONE = (
    "circle_s",
    "round_every_s",
    "circle_every_s",
    "hold_far_s",
    "considered_per_seat",
    "fairness_days",
    "demand_memory_s",
    "foresight_hold_s",
)
_MOST = 1_000_000_000
"""What a number may be: a thousand million is 30 years in seconds, or ten million yuan in fen."""
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Policy:
    """Every threshold of dispatch, offers and attendance. Times are seconds, money is fen.

    No policy text gives numbers for 即时快招 or the circle, so all of them are settings; the defaults
    are the product's own (circle: 人社部发〔2025〕21号 names "15 minutes" and nothing more).
    """

    circle_s: int = 900
    """Longest travel from the worker to the site by the worker's own mode."""

    phone_offer_s: int = 60
    """How long an offer on a phone reserves its seat."""
    kiosk_offer_s: int = 120
    """The same for a worker waiting in a station's hall."""
    extend_s: int = 60
    """One 再想想: how much longer the seat stays reserved."""

    late_start_s: int = 900
    """A seat may still be filled so that its worker arrives this long after the start."""
    refill_s: int = 3600
    """A seat that comes back is offered for this long, even after the start."""
    least_useful_s: int = 1800
    """No offer for a gig with less than this left to work."""

    check_in_opens_s: int = 7200
    """Check-in opens this long before the start."""
    no_show_opens_s: int = 600
    """The employer may report a no-show this long after the start."""
    auto_check_out_s: int = 7200
    """A worker still checked in this long after the end is checked out as of the end."""

    fresh_s: int = 90
    """A phone not heard of for this long leaves the index."""
    seen_every_s: int = 60
    """How often SQL learns that a connected worker is still there."""
    hall_fresh_s: int = 7200
    """A check-in at a kiosk keeps a worker in the hall's index for this long."""
    forget_s: int = 1800
    """An available worker not heard of for this long is set offline."""

    considered_per_seat: int = 16
    """Nearest workers of the trade looked at for a gig's first open seat of a round; half as many for each
    further one. More wherever somebody further out could fill a seat."""

    round_every_s: int = 30
    """A round at least this often while seats are open: what is held back is never late by more."""
    look_ahead_s: int = 1800
    """A worker who ends his work within this long is matched already, from where he will be."""
    early_weight: float = 0.04
    """Seconds of travel that one second of waiting at the site before the start is worth."""
    hours_weight: float = 0.015625
    """Seconds of travel that one second of work is worth: where workers are scarce, short gigs go first."""
    share_weight_s: int = 3000
    """Seconds of travel between a worker who had work all the time he was available, and one who had none;
    in between it grows with the square."""
    share_hours_weight: float = 0.06
    """Seconds of travel per second of work between those two workers: long gigs go to who had less."""
    hold_first_s: int = 300
    """How long a seat with a worker in mind is held back while the day has no figures of its own."""
    hold_far_s: int = 270
    """Travel at which a seat is held for the whole of the longest hold; nearer ones less, in proportion."""
    hold_most: float = 2.0
    """The most a seat is held, however far its worker, as a multiple of the longest hold."""
    far_s: int = 600
    """Travel beyond which nobody is sent, while seats may be held, who has a much nearer one."""
    far_times: float = 2.0
    """How many times as far a seat beyond `far_s` must be as his nearest for that."""
    hold_ratio: float = 1.15
    """Longest hold as a multiple of the wait (p90) that offering to the nearest at once would have caused."""
    hold_brake: float = 4.0
    """How much faster holds shrink than the market's own p90 wait exceeds that limit."""
    seat_worth_s: int = 900
    """Seconds of travel that a seat is worth which a match makes its worker miss, where nothing is held."""
    demand_memory_s: int = 4 * 3600
    """What was posted this long ago says 1/e as much about the seats to come as what is posted now."""
    foresight_hold_s: int = 300
    """Where seats are held this long, later rounds choose better than foresight, which counts nothing."""
    plenty: int = 20
    """With this many more workers to choose from after the round, a seat is not held at all."""
    least_gap_s: int = 600
    """Free time before a promised gig shorter than this is not offered for other work (in simulated days)."""

    hold_live_s: int = 0
    """The longest hold in the live market; 0 offers at once."""
    home_after_s: int = 4 * 3600
    """After a promised gig a worker comes to the next from its site, but from home when that begins later."""

    vacated_s: int = 3600
    """Seconds of travel that it is worth to fill a seat again whose worker cancelled or never came: more than
    any circle, so that it goes before other gigs."""
    alike_s: int = 10
    """Two matches whose costs fall into the same step of this many seconds are alike: the draw decides."""
    waiting_weight: float = 0.1
    """Seconds of travel one second of waiting for work is worth in the cost of a match."""
    waiting_cap_s: int = 600
    """The most that waiting can weigh, in seconds of travel: nobody is sent far to even things out."""
    idle_day_s: int = 60
    """Seconds of travel that each day without work is worth, of the days on which the worker was available."""
    idle_cap_s: int = 300
    """The most that days without work can weigh."""
    priority_s: int = 120
    """Seconds of travel that belonging to a priority group is worth; once, however many groups."""
    starving_after_s: int = 4 * 3600
    """Whoever waited this long goes before all who did not."""
    starving_s: int = 3600
    """By this much, in seconds of travel: more than any circle, so that only the longest wait decides."""
    fairness_days: int = 14
    """Work and available hours are shared out over this many days."""

    daily_work_s: int = 12 * 3600
    """Work promised and done on one day of the city's calendar stops offers here."""
    continuous_work_s: int = 8 * 3600
    """Work without a rest of `rest_s` stops offers here; one gig alone may be longer, if its day allows it."""
    rest_s: int = 1200
    """A break between two gigs shorter than this does not count as a rest."""

    circle_every_s: int = 600
    """A gig with free seats widens its circle once in this time since its posting."""
    circle_step_s: int = 300
    """By so much travel, and only for workers who said they would come from further."""
    circle_most_s: int = 1800
    """Never beyond this."""

    crew_most: int = 10
    """Workers of one crew."""
    crew_code_s: int = 3600
    """How long the code that lets others into a crew is good."""

    explained_days: int = 90
    """How long the reasons of decisions are kept."""
    considered_kept: int = 12
    """Workers whose reason is kept by name per gig and round, those closest to an offer; all are counted."""

    least_wage_fen_per_hour: int = 0
    """The place's minimum hourly wage (非全日制用工小时最低工资): wages by the hour or day must come to it.
    0 refuses none: the number is a local notice's and changes, so the city sets the one in force."""
    most_wage_fen: int = 1_000_000
    """More than this per hour, day or piece is a typing error (10,000 yuan)."""
    longest_gig_s: int = 24 * 3600
    furthest_start_s: int = 30 * 24 * 3600


DEFAULT = Policy()


def changed(base: Policy, given: Mapping[str, Any]) -> Policy:
    """The `base` policy with other numbers. Raises ValueError, in one line, for a number there is not and for a
    value that is none: of another kind, or outside of what this number may be.
    """
    known = {field.name: getattr(base, field.name) for field in fields(Policy)}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"there is no policy number {name!r}")
        if not usable(name, value):
            kind = "a whole number" if isinstance(known[name], int) else "a number"
            least, most = _range(name)
            raise ValueError(f"{name} must be {kind} from {least} to {most:,}, not {value!r}")
    return Policy(**{**known, **given})


def usable(name: str, value: object) -> bool:
    """Whether a value can stand for this number of the policy: its kind and its range."""
    kind = int if isinstance(getattr(DEFAULT, name), int) else int | float
    least, most = _range(name)
    return isinstance(value, kind) and not isinstance(value, bool) and least <= value <= most


def _range(name: str) -> tuple[int, int]:
    return int(name in _AT_LEAST_ONE), _MOST_DAYS if name.endswith("_days") else _MOST
