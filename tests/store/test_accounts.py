"""Accounts, sessions, stations and the audit trail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound
from gigmarket.domain.ids import AccountId, Role, StationId
from gigmarket.store.accounts import Over
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW
from tests.store.people import HALL, account, actor, station

pytestmark = pytest.mark.contract

HOUR = timedelta(hours=1)


def test_an_account_comes_back_as_it_was(tx: Transaction) -> None:
    clerk = replace(account("c1", Role.CLERK), station=HALL)

    tx.accounts.add(clerk)

    assert tx.accounts.get(clerk.id) == clerk
    assert tx.accounts.by_phone(Role.CLERK, clerk.phone) == clerk


def test_nobody_is_found_under_another_id_phone_or_role(tx: Transaction) -> None:
    with pytest.raises(NotFound):
        tx.accounts.get(AccountId("nobody"))
    assert tx.accounts.by_phone(Role.WORKER, "13") is None
    assert tx.accounts.by_phone(Role.EMPLOYER, account("w1", Role.WORKER).phone) is None


def test_many_accounts_are_found_at_once(tx: Transaction) -> None:
    assert tx.accounts.get_many([]) == {}
    assert tx.accounts.get_many(["w2", "nobody", "w1", "w2"]).keys() == {"w1", "w2"}


def test_a_phone_has_one_account_per_role(tx: Transaction) -> None:
    first = account("w1", Role.WORKER)
    tx.accounts.add(replace(account("x1", Role.EMPLOYER), phone=first.phone))

    with pytest.raises(IntegrityError), tx.connection.begin_nested():
        tx.accounts.add(replace(account("x2", Role.WORKER), phone=first.phone))


def test_a_name_changes(tx: Transaction) -> None:
    tx.accounts.rename(AccountId("w1"), "张建国")

    assert tx.accounts.get(AccountId("w1")).name == "张建国"
    assert tx.accounts.get(AccountId("w2")).name == "name of w2"


def test_an_account_moves_and_has_the_city_again(tx: Transaction) -> None:
    tx.accounts.add(account("c9", Role.CLERK))

    tx.accounts.move(AccountId("c9"), HALL)
    assert tx.accounts.get(AccountId("c9")).station == HALL

    tx.accounts.move(AccountId("c9"), None)
    assert tx.accounts.get(AccountId("c9")).station is None


def test_a_session_is_found_by_its_tokens_hash(tx: Transaction) -> None:
    at_kiosk = Actor(AccountId("w1"), Role.WORKER, "session-1", HALL, AccountId("w2"))
    tx.accounts.open_session(at_kiosk, "hash-1", NOW, NOW + HOUR)

    found = tx.accounts.session_by_token("hash-1", NOW)

    assert found is not None
    assert (found.actor, found.expires_at) == (at_kiosk, NOW + HOUR)
    assert tx.accounts.session_by_token("hash-2", NOW) is None


def test_a_session_ends_at_its_hour(tx: Transaction) -> None:
    tx.accounts.open_session(actor("w1"), "hash-1", NOW, NOW + HOUR)

    assert tx.accounts.session_by_token("hash-1", NOW + HOUR - timedelta(microseconds=1)) is not None
    assert tx.accounts.session_by_token("hash-1", NOW + HOUR) is None


def test_a_revoked_session_has_ended(tx: Transaction) -> None:
    tx.accounts.open_session(actor("w1"), "hash-1", NOW, NOW + HOUR)
    tx.accounts.open_session(actor("w2"), "hash-2", NOW, NOW + HOUR)

    tx.accounts.revoke_session(actor("w1").session, NOW)

    assert tx.accounts.session_by_token("hash-1", NOW) is None
    assert tx.accounts.session_by_token("hash-2", NOW) is not None


def test_a_session_without_a_station_takes_the_accounts_own(tx: Transaction) -> None:
    tx.accounts.add(replace(account("c1", Role.CLERK), station=HALL))
    tx.accounts.open_session(actor("c1", Role.CLERK), "hash-1", NOW, NOW + HOUR)

    found = tx.accounts.session_by_token("hash-1", NOW)

    assert found is not None
    assert found.actor.at_station() == HALL


def test_two_sessions_never_share_a_token(tx: Transaction) -> None:
    tx.accounts.open_session(actor("w1"), "hash-1", NOW, NOW + HOUR)

    with pytest.raises(IntegrityError), tx.connection.begin_nested():
        tx.accounts.open_session(actor("w2"), "hash-1", NOW, NOW + HOUR)


def test_sessions_that_ended_long_ago_are_forgotten(tx: Transaction) -> None:
    tx.accounts.open_session(actor("w1"), "hash-1", NOW, NOW + HOUR)
    tx.accounts.open_session(actor("w2"), "hash-2", NOW, NOW + 2 * HOUR)

    assert tx.accounts.delete_sessions(NOW + 2 * HOUR) == 1

    assert tx.accounts.session_by_token("hash-2", NOW) is not None


def test_the_audit_names_who_did_what_through_whose_desk(tx: Transaction) -> None:
    by = Actor(AccountId("w1"), Role.WORKER, "session-1", HALL, AccountId("w2"))

    tx.accounts.audit(by, "offer.accept", "o1", NOW)

    kept = tx.connection.execute(select(TABLES["audit"])).one()
    assert (kept.at, kept.actor_id, kept.via_id) == (NOW, "w1", "w2")
    assert (kept.action, kept.subject_id) == ("offer.accept", "o1")


def test_stations_are_entered_and_brought_up_to_date(tx: Transaction) -> None:
    moved = replace(station(), address="药都大道 2 号")
    new = station(StationId("s0"))

    tx.stations.put_all([moved, new])

    assert tx.stations.all() == [new, moved]
    assert tx.stations.get(HALL) == moved
    with pytest.raises(NotFound):
        tx.stations.get(StationId("s9"))


def test_sessions_that_are_over_are_told_apart(tx: Transaction) -> None:
    tx.accounts.suspend(AccountId("w2"), NOW)
    for name in ("live", "revoked", "expired"):
        ends = NOW + (HOUR if name != "expired" else timedelta(0))
        tx.accounts.open_session(replace(actor("w1"), session=name), f"hash of {name}", NOW, ends)
    tx.accounts.open_session(replace(actor("w2"), session="suspended"), "hash of suspended", NOW, NOW + HOUR)
    tx.accounts.revoke_session("revoked", NOW)
    tx.accounts.revoke_session("suspended", NOW)

    over = tx.accounts.ended_sessions(["live", "revoked", "expired", "suspended", "unknown"], NOW)

    assert over == {"revoked": Over.REVOKED, "expired": Over.EXPIRED, "suspended": Over.SUSPENDED}
    assert tx.accounts.ended_sessions([], NOW) == {}
