"""What the pages ask first."""

from typing import Literal

from gigmarket.wire.values import PositionView, View


class MetaView(View):
    """The city, whether this is a demo, its minimum wage, and whether travel times are estimated."""

    city: str
    city_en: str
    demo: bool
    circle_s: int
    least_wage_fen_per_hour: int
    estimated: bool
    center: PositionView
    protocol: Literal["gig.v1"] = "gig.v1"
