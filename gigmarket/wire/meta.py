"""What the pages ask first."""

from typing import Literal

from gigmarket.wire.values import PositionView, View


class MetaView(View):
    """The city, whether this is a demo, its minimum wage, how long a gig may be, whether travel times are
    estimated, whether the two sides of a gig call each other by a number that hides their own, and the market's
    telephone, if it has one.
    """

    city: str
    city_en: str
    demo: bool
    circle_s: int
    least_wage_fen_per_hour: int
    longest_gig_s: int
    estimated: bool
    calls_hide_phones: bool
    center: PositionView
    telephone: str | None = None
    protocol: Literal["gig.v1"] = "gig.v1"
