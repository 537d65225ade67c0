"""What SQL keeps about one person, and nothing of it afterwards."""

from typing import Any

import pytest
from sqlalchemy import insert

from gigmarket.domain.ids import AccountId, Role, WorkerId
from gigmarket.store.personal import NOBODY, OF_PERSON
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import EMPLOYERS, WORKERS, gig

pytestmark = pytest.mark.contract

WORKER, EMPLOYER = AccountId(WORKERS[0]), AccountId(EMPLOYERS[0])


def test_rows_are_found_by_table_and_keys_are_not_told(tx: Transaction) -> None:
    tx.workers.set_pin_hash(WorkerId(WORKER), "scrypt of a pin")
    told = tx.personal.of(WORKER)
    assert told.keys() == OF_PERSON.keys()
    (account,), (worker,) = told["account"], told["worker"]
    assert (account["id"], account["name"], account["pin_hash"]) == (WORKER, f"name of {WORKER}", False)
    assert worker["pin_hash"] is True
    assert "scrypt" not in repr(told)
    assert not any(rows for name, rows in told.items() if name not in ("account", "worker"))


def test_a_forgotten_person_is_blank_and_his_phone_is_free(tx: Transaction) -> None:
    tx.gigs.add(gig(1))
    phone = tx.accounts.get(WORKER).phone
    days = {"day": NOW.date(), "available_s": 1, "worked_s": 1, "offers": 1}
    tx.connection.execute(insert(TABLES["worker_day"]), {"worker_id": WORKER, **days})
    for one in (WORKER, EMPLOYER):
        tx.personal.forget(one)
    assert tx.accounts.by_phone(Role.WORKER, phone) is None
    for one in (WORKER, EMPLOYER):
        assert tx.accounts.get(one).name == NOBODY
    rows: dict[str, list[dict[str, Any]]] = tx.personal.of(EMPLOYER)
    assert [(row["address"], row["note"]) for row in rows["gig"]] == [(NOBODY, "")]
    assert tx.personal.of(WORKER)["worker_day"] == []
    assert tx.personal.unfinished(WORKER) == []
    assert tx.personal.unfinished(EMPLOYER) == ["1 postings that are not over"]
