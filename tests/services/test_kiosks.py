"""Kiosks as devices: enrolled by a code, shut out at once; clerks in front of them."""

import re
from datetime import timedelta

import pytest

from gigmarket.domain.errors import Forbidden, Invalid, NotFound, RateLimited, Unauthenticated
from gigmarket.domain.ids import AccountId, Role, StationId
from gigmarket.services import accounts, kiosks
from gigmarket.services.credentials import hash_pin
from gigmarket.wire.kiosks import ApproveIn
from gigmarket.wire.people import IdentifyIn, RegisterIn
from tests.services.town import Town

HALL, OTHER = StationId("zs-city"), StationId("zs-linjiang")
ID_NUMBER, PIN = "11010519491231002X", "1234"


def test_a_screen_is_let_in_by_its_code_and_its_secret(town: Town) -> None:
    clerk = town.person(Role.CLERK, "李协管", HALL)
    screen = town.do(kiosks.begin, town.rules)
    assert town.do(kiosks.claim, town.rules, screen.id, screen.secret).status == "waiting"
    kiosk = town.do(kiosks.approve, town.rules, clerk, ApproveIn(code=screen.code))
    assert kiosk.station_id == HALL
    # Clerks read its name in lists and in questions.
    assert re.fullmatch(r"樟树市零工市场 终端 \w{4}", kiosk.name)
    for stranger in (town.do(kiosks.begin, town.rules).secret, screen.code):
        with pytest.raises(NotFound):
            town.do(kiosks.claim, town.rules, screen.id, stranger)
    session = town.do(kiosks.claim, town.rules, screen.id, screen.secret).session
    assert session is not None
    assert town.see(accounts.authenticate, session.token, town.now).account == kiosk.id
    # The code is used; nobody can approve it into another station.
    with pytest.raises(NotFound):
        town.do(kiosks.approve, town.rules, clerk, ApproveIn(code=screen.code))


def test_a_code_runs_out(town: Town) -> None:
    clerk = town.person(Role.CLERK, "李协管", HALL)
    screen = town.do(kiosks.begin, town.rules)
    town.wait(minutes=10)
    with pytest.raises(NotFound):
        town.do(kiosks.approve, town.rules, clerk, ApproveIn(code=screen.code))
    with pytest.raises(NotFound):
        town.do(kiosks.claim, town.rules, screen.id, screen.secret)


def test_who_may_approve_where(town: Town) -> None:
    clerk, staff = town.person(Role.CLERK, "李协管", HALL), town.person(Role.STAFF)
    code = town.do(kiosks.begin, town.rules).code
    with pytest.raises(Forbidden):
        town.do(kiosks.approve, town.rules, clerk, ApproveIn(code=code, station_id=OTHER))
    with pytest.raises(NotFound):
        town.do(kiosks.approve, town.rules, staff, ApproveIn(code=code))
    kiosk = town.do(kiosks.approve, town.rules, staff, ApproveIn(code=code, station_id=OTHER))
    assert [each.id for each in town.see(kiosks.all_of, staff, None, 50).items] == [kiosk.id]
    assert town.see(kiosks.all_of, clerk, None, 50).items == []
    with pytest.raises(NotFound):
        town.do(kiosks.revoke, clerk, AccountId(kiosk.id))


def test_a_flood_of_screens_is_stopped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kiosks, "MOST_WAITING", 2)
    for _ in range(2):
        town.do(kiosks.begin, town.rules)
    with pytest.raises(RateLimited):
        town.do(kiosks.begin, town.rules)
    town.wait(minutes=10)
    town.do(kiosks.begin, town.rules)


def test_a_revoked_kiosk_takes_everybody_with_it(town: Town) -> None:
    clerk, worker = town.person(Role.CLERK, "李协管", HALL), town.worker()
    mine = town.do(accounts.open_kiosk, town.rules, clerk, None)
    beside = town.do(accounts.open_kiosk, town.rules, clerk, None)
    kiosk = town.see(accounts.authenticate, mine.token, town.now)
    account = town.see(lambda tx: tx.accounts.get(AccountId(worker.account)))
    desk = town.see(lambda tx: tx.accounts.get(clerk.account))
    guest = town.do(accounts.identify, town.rules, kiosk, account)
    mode = town.do(kiosks.clerk_mode, town.rules, kiosk, desk)
    helper = town.see(accounts.authenticate, mode.token, town.now)
    helped = town.do(kiosks.act_for, town.rules, helper, account.phone)
    shown, sessions, clerks = town.do(kiosks.revoke, clerk, kiosk.account)
    assert (shown.revoked_at, len(sessions), clerks) == (town.now, 3, [clerk.account])
    for session in (mine, guest, mode, helped):
        with pytest.raises(Unauthenticated):
            town.see(accounts.authenticate, session.token, town.now)
    # The device next to it and the clerk's own session go on.
    town.see(accounts.authenticate, beside.token, town.now)
    with pytest.raises(Forbidden):
        town.do(accounts.open_session, town.rules, town.see(lambda tx: tx.accounts.get(kiosk.account)))


def test_an_approved_screen_that_was_revoked_gets_no_session(town: Town) -> None:
    clerk = town.person(Role.CLERK, "李协管", HALL)
    screen = town.do(kiosks.begin, town.rules)
    kiosk = town.do(kiosks.approve, town.rules, clerk, ApproveIn(code=screen.code))
    town.do(kiosks.revoke, clerk, AccountId(kiosk.id))
    with pytest.raises(Forbidden):
        town.do(kiosks.claim, town.rules, screen.id, screen.secret)


def test_clerk_mode_is_short_and_knows_the_kiosk(town: Town) -> None:
    clerk, kiosk = town.person(Role.CLERK, "李协管", HALL), town.person(Role.KIOSK, "一体机", HALL)
    phone = town.see(lambda tx: tx.accounts.get(clerk.account).phone)
    with pytest.raises(NotFound):
        town.see(kiosks.clerk_pin, phone)
    town.do(kiosks.set_clerk_pin, clerk, hash_pin(PIN))
    account, _ = town.see(kiosks.clerk_pin, phone)
    session = town.do(kiosks.clerk_mode, town.rules, kiosk, account)
    actor = town.see(accounts.authenticate, session.token, town.now)
    assert (actor.account, actor.role, actor.via, actor.station) == (
        clerk.account,
        Role.CLERK,
        kiosk.account,
        HALL,
    )
    with pytest.raises(Unauthenticated):
        town.see(accounts.authenticate, session.token, town.now + timedelta(minutes=15))
    with pytest.raises(NotFound):
        town.do(kiosks.act_for, town.rules, actor, "13999999999")


def test_an_id_card_that_a_clerk_entered_is_recognised_and_not_readable(town: Town) -> None:
    clerk = town.person(Role.CLERK, "李协管", HALL)
    entered = RegisterIn(name="赵六", phone="13700000000", pin=PIN, trades=["porter"], id_number=ID_NUMBER)
    view = town.do(accounts.register, town.rules, clerk, entered, hash_pin(PIN))
    account, _ = town.see(accounts.worker_at_kiosk, IdentifyIn(id_number=ID_NUMBER, pin=PIN))
    assert account.id == view.id
    rows = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT * FROM worker").fetchall())
    assert ID_NUMBER not in str(rows)
    with pytest.raises(NotFound):
        town.see(accounts.worker_at_kiosk, IdentifyIn(id_number="110105194912310038", pin=PIN))
    other = entered.model_copy(update={"phone": "13700000001"})
    with pytest.raises(Invalid):
        town.do(accounts.register, town.rules, clerk, other, hash_pin(PIN))


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002x", "1101051949123100", "phone"])
def test_a_misread_id_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="id_number"):
        IdentifyIn(id_number=number, pin=PIN)
