"""`python -m gigmarket.demo.server`: `gigmarket serve` for the demo, with its ready-made people entered."""

import ctypes
import os
import signal
import sys

from gigmarket.bootstrap import prepare_database
from gigmarket.demo.enrolment import enter_showcase
from gigmarket.process import start_logging
from gigmarket.services.rules import Rules
from gigmarket.settings import Settings
from gigmarket.store.database import Store
from gigmarket.store.schema import SchemaOutdated
from workers.supervisor import StartFailed, Supervisor

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Prepare the data folder, then serve until SIGTERM. Returns the exit code."""
    start_logging("supervisor")
    os.umask(0o077)
    _stop_with_parent()
    settings = Settings(demo=True, record=True)
    try:
        prepare_database(settings)
        store = Store(settings.the_database_url())
        store.transact_now(enter_showcase, Rules(settings.city, settings.the_policy()))
        store.close()
        Supervisor(settings).run()
    except (StartFailed, SchemaOutdated, ValueError) as error:
        sys.stderr.write(f"gigmarket: {error}\n")
        return 1
    return 0


def _stop_with_parent() -> None:
    """Stop cleanly when the show is killed (Linux), so that nothing of the demo remains."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(main())
