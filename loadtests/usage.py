"""What a server process has used so far, as the system counts it."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """User and system seconds of all threads, and resident memory in KiB."""

    user_s: float
    system_s: float
    rss_kib: float

    @property
    def cpu_s(self) -> float:
        """Both together."""
        return self.user_s + self.system_s


def usage(pid: int) -> Usage:
    """Of one process at this moment (CPU to a hundredth of a second)."""
    process = psutil.Process(pid)
    with process.oneshot():
        times = process.cpu_times()
        return Usage(times.user, times.system, process.memory_info().rss / 1024)


def server_below(supervisor: int) -> int:
    """The process id of the one server process that a supervisor has started. Raises LookupError."""
    for child in psutil.Process(supervisor).children():
        if "gigmarket.edge.server" in child.cmdline():
            return int(child.pid)
    raise LookupError("there is no server process")
