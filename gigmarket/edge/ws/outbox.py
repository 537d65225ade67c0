"""What waits while a socket cannot take more: frames in order, states by their latest value, within bounds."""

from collections import deque

MAX_FRAMES = 256
MAX_BYTES = 256 * 1024


class Outbox:
    """Frames that must arrive go before states. Used only while the transport's own buffer is full."""

    __slots__ = ("_bytes", "_counted", "_frames", "_states")

    def __init__(self) -> None:
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._states: dict[str, bytes] = {}
        self._counted = 0
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._frames or self._states)

    def put(self, frame: bytes, counted: bool) -> bool:
        """Keep a frame; False when that is more than a client may be behind (256 frames or 256 KiB).

        What a stream begins with (snapshot, replay) is not counted: it has bounds of its own, and a client
        closed for it would come back for the same again.
        """
        self._frames.append((frame, counted))
        self._counted += counted
        self._bytes += len(frame) * counted
        return self._counted <= MAX_FRAMES and self._bytes <= MAX_BYTES

    def put_state(self, key: str, frame: bytes) -> None:
        """Keep the latest value of a state."""
        self._states[key] = frame

    def take(self) -> bytes:
        """The next frame to send. Raises StopIteration when there is none."""
        if self._frames:
            frame, counted = self._frames.popleft()
            self._counted -= counted
            self._bytes -= len(frame) * counted
            return frame
        return self._states.pop(next(iter(self._states)))

    def clear(self) -> None:
        """Drop everything: the client will resume from what it holds."""
        self._frames.clear()
        self._states.clear()
        self._counted = self._bytes = 0
