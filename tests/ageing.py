"""What waited longer than a test does: moments in a running server's database, set back."""

from datetime import timedelta

from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.serving import Person, Serving


def has_waited(market: Serving, *people: Person, hours: float = 1) -> None:
    """These workers have waited so much longer."""
    for person in people:
        market.store.transact_now(_set_back, "worker", "account_id", person.id, "since", timedelta(hours=hours))


def is_old(market: Serving, offer: str, seconds: float = 30) -> None:
    """This offer was made so much earlier."""
    market.store.transact_now(_set_back, "offer", "id", offer, "created_at", timedelta(seconds=seconds))


def _set_back(tx: Transaction, name: str, key: str, row: str, column: str, span: timedelta) -> None:
    table = TABLES[name]
    it = table.c[key] == row
    moment = tx.connection.execute(table.select().where(it)).mappings().one()[column]
    tx.connection.execute(table.update().where(it).values({column: moment - span}))
