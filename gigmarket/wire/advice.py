"""Advice about a position: nothing is refused, but somebody should look."""

from typing import Literal

from gigmarket.domain.geo import Datum
from gigmarket.wire.values import View


class AdviceView(View):
    """One calm line in both languages. `datum` is the one that the position's numbers seem to be in."""

    code: Literal["off_road", "datum_suspect"]
    zh: str
    en: str
    datum: Datum | None = None
