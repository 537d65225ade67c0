"""Lines from a child's stdout as they come, without waiting longer than asked."""

import os
import select
import subprocess


class Lines:
    """Reads a process's stdout, which must be a pipe."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout is None:
            raise ValueError("stdout is not a pipe")
        self._descriptor = process.stdout.fileno()
        self._rest = b""
        self._ended = False

    def take(self, wait_s: float) -> list[bytes]:
        """The lines that are there, after waiting up to `wait_s` seconds for any; [] at the end too."""
        readable, _, _ = select.select([] if self._ended else [self._descriptor], [], [], wait_s)
        if not readable:
            return []
        read = os.read(self._descriptor, 1 << 16)
        self._ended = not read
        *lines, self._rest = (self._rest + read).split(b"\n")
        return lines
