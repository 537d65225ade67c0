"""Two transactions on PostgreSQL, of which the second comes as far as what the first holds."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction


async def behind(
    store: Store, first: Callable[[Transaction], Any], second: Callable[..., Any], *args: Any
) -> Any:
    """What `second(tx, *args)` returns that begins while `first` has done its work and is not committed yet,
    comes as far as a row that `first` holds, if there is one, and goes on after its commit.
    """
    held, release = threading.Event(), threading.Event()

    def step(tx: Transaction) -> None:
        first(tx)
        held.set()
        # Who says nothing for long is ended by the server.
        while not release.wait(0.5):
            tx.connection.exec_driver_sql("SELECT 1")

    holding = asyncio.create_task(store.transact(step))
    await asyncio.to_thread(held.wait)
    waits = asyncio.create_task(store.transact(second, *args))
    try:
        while not waits.done() and not await store.read(_somebody_waits):
            pass
    finally:
        release.set()
        await holding
    return (await waits).value


def _somebody_waits(tx: Transaction) -> bool:
    return bool(tx.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())
