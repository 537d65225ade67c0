"""What every process of a server shares: its log lines, its bond to the supervisor, how it holds memory."""

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT = 64 << 20
YOUNG = (10_000, 2, 300)
"""After how many new objects the collector looks at them, and after how many such looks at older ones."""
_TRIM_EVERY_S = 60.0


def start_logging(name: str) -> None:
    """Lines on stderr: time, process, level, message."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format=f"%(asctime)s {name} %(levelname)s %(message)s",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)


def die_with_parent() -> None:
    """End at once when the supervisor is killed, so that a restart finds no old writer (Linux)."""
    parent = os.environ.get("GIGMARKET_SUPERVISOR")
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        raise SystemExit("the supervisor is gone")


def collect_the_young() -> None:
    """Once started: what is there now lives as long as the process, so no collection need walk it again.

    Then look at every 10,000 new objects, which takes a millisecond or two. At 50,000 a server held up to
    100,000 dead ones (SQLAlchemy's statements are cycles) and paused five times as long to be rid of them.

    What outlived a collection is looked at once more after two batches, not after ten: of a crowd that has just
    connected nearly everything did, and to look through all of it took 45 to 107 ms beside a busy program.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*YOUNG)


def share_the_interpreter() -> None:
    """Let a thread that writes wait for the interpreter half a millisecond beside a busy loop instead of five.

    It gives it away at each statement, and holds SQLite's write lock meanwhile. At 500 postings a second p50
    from a posting to its offer went from 85 and 237 to 66 and 105 ms.
    """
    sys.setswitchinterval(0.0005)


def give_back_freed_memory(every_s: float = _TRIM_EVERY_S) -> None:
    """Return the freed pages inside glibc's heaps to the system once a minute, from now on (only there).

    What lives long lies between what does not, so a server of some hours otherwise keeps the most it ever held,
    in each of its threads' heaps. The call leaves the interpreter to others while it runs.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        threading.Thread(target=_keep_trimming, args=(trim, every_s), name="trim", daemon=True).start()


def _keep_trimming(trim: Callable[[int], int], every_s: float) -> None:
    while True:
        time.sleep(every_s)
        trim(0)


def keep_freed_memory() -> None:
    """Let this process keep up to 64 MB that its arrays gave back (glibc; elsewhere nothing happens).

    Otherwise each round returns its columns to the system and gets them anew, page by page.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _KEPT // 2)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
