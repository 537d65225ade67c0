"""When something is to happen by itself: named moments, each set anew or cancelled."""


class Deadlines:
    """Moments in seconds of one clock, at most one per name."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._at

    def set(self, name: str, at: float) -> None:
        """`name` is due at this moment, and no longer at an earlier one."""
        self._at[name] = at

    def cancel(self, name: str) -> None:
        """`name` is not due any more."""
        self._at.pop(name, None)

    def clear(self) -> None:
        """Nothing is due."""
        self._at.clear()

    def next(self) -> float | None:
        """The earliest moment."""
        return min(self._at.values(), default=None)

    def pop(self, now: float) -> str | None:
        """The name that was due first of those due by now; it is forgotten."""
        if not self._at:
            return None
        name = min(self._at, key=self._at.__getitem__)
        if self._at[name] > now:
            return None
        del self._at[name]
        return name
