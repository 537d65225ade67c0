"""Kiosks in SQL: screens that wait for approval, devices by station, what tells people at them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from gigmarket.domain.ids import AccountId, Role, StationId, WorkerId
from gigmarket.store.tables import TABLES

_ACCOUNT = TABLES["account"]
_SESSION = TABLES["session"]
_WORKER = TABLES["worker"]
_ENROLMENT = TABLES["kiosk_enrolment"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A screen that shows `code`; `kiosk` is set once somebody approved it."""

    id: str
    code: str
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    kiosk: AccountId | None = None


class Kiosks:
    """Queries about kiosks inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_enrolment(self, made: Enrolment) -> None:
        """Insert an enrolment."""
        self._connection.execute(
            insert(_ENROLMENT),
            {
                "id": made.id,
                "code": made.code,
                "secret_hash": made.secret_hash,
                "created_at": made.created_at,
                "expires_at": made.expires_at,
                "kiosk_id": made.kiosk,
            },
        )

    def enrolment(self, enrolment_id: str) -> Enrolment | None:
        """One enrolment by its id, however old."""
        return self._one(_ENROLMENT.c.id == enrolment_id)

    def enrolment_by_code(self, code: str) -> Enrolment | None:
        """The enrolment whose screen shows this code, held until the transaction ends."""
        return self._one(_ENROLMENT.c.code == code)

    def approve(self, enrolment_id: str, kiosk: AccountId) -> None:
        """The screen is this kiosk from now on."""
        self._connection.execute(
            update(_ENROLMENT).where(_ENROLMENT.c.id == enrolment_id).values(kiosk_id=kiosk)
        )

    def waiting(self) -> int:
        """How many screens wait."""
        return int(self._connection.execute(select(func.count()).select_from(_ENROLMENT)).scalar_one())

    def forget(self, now: datetime) -> int:
        """Delete enrolments that ran out; returns how many."""
        return self._connection.execute(delete(_ENROLMENT).where(_ENROLMENT.c.expires_at <= now)).rowcount

    def ids(self, station: StationId | None, before: str | None, limit: int) -> Sequence[str]:
        """Kiosks' account ids, newest first, of one station or all, older than the cursor `before`."""
        statement = select(_ACCOUNT.c.id).where(_ACCOUNT.c.role == Role.KIOSK.value)
        if station is not None:
            statement = statement.where(_ACCOUNT.c.station_id == station)
        if before is not None:
            statement = statement.where(_ACCOUNT.c.id < before)
        return list(self._connection.execute(statement.order_by(_ACCOUNT.c.id.desc()).limit(limit)).scalars())

    def clerks_at(self, kiosk: AccountId, now: datetime) -> Sequence[AccountId]:
        """Clerks whose clerk mode runs at a kiosk."""
        statement = (
            select(_SESSION.c.account_id)
            .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
            .where(
                _SESSION.c.via_account_id == kiosk,
                _ACCOUNT.c.role == Role.CLERK.value,
                _SESSION.c.revoked_at.is_(None),
                _SESSION.c.expires_at > now,
            )
        )
        return [AccountId(found) for found in self._connection.execute(statement).scalars()]

    def was_here(self, worker: WorkerId, kiosk: AccountId, at: datetime) -> bool:
        """Whether a worker's session ran at a kiosk at that moment."""
        statement = select(_SESSION.c.id).where(
            _SESSION.c.account_id == worker,
            _SESSION.c.via_account_id == kiosk,
            _SESSION.c.created_at <= at,
            _SESSION.c.expires_at >= at,
        )
        return self._connection.execute(statement.limit(1)).first() is not None

    def clerk_pin(self, clerk: AccountId) -> str | None:
        """The stored hash of a clerk's PIN."""
        statement = select(_ACCOUNT.c.pin_hash).where(_ACCOUNT.c.id == clerk)
        return self._connection.execute(statement).scalar_one_or_none()

    def set_clerk_pin(self, clerk: AccountId, pin_hash: str) -> None:
        """A clerk's PIN, as its hash."""
        self._connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == clerk).values(pin_hash=pin_hash))

    def worker_of_card(self, id_hash: str) -> WorkerId | None:
        """Whose ID card has this keyed hash."""
        statement = select(_WORKER.c.account_id).where(_WORKER.c.id_hash == id_hash)
        found = self._connection.execute(statement).scalar_one_or_none()
        return WorkerId(found) if found else None

    def know_card(self, worker: WorkerId, id_hash: str) -> None:
        """Recognise a worker by an ID card from now on."""
        self._connection.execute(update(_WORKER).where(_WORKER.c.account_id == worker).values(id_hash=id_hash))

    def _one(self, condition: object) -> Enrolment | None:
        statement = select(_ENROLMENT).where(condition).with_for_update()  # type: ignore[arg-type]
        row = self._connection.execute(statement).mappings().first()
        if row is None:
            return None
        return Enrolment(
            id=row["id"],
            code=row["code"],
            secret_hash=row["secret_hash"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            kiosk=AccountId(row["kiosk_id"]) if row["kiosk_id"] else None,
        )
