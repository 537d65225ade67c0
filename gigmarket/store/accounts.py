"""Accounts and sessions in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound
from gigmarket.domain.grant import Grant, PassKind
from gigmarket.domain.ids import AccountId, AssignmentId, Role, StationId
from gigmarket.store.columns import among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ACCOUNT = TABLES["account"]
_SESSION = TABLES["session"]
_AUDIT = TABLES["audit"]
_PASS = TABLES["pass"]
_BY_IDS = Prepared(select(_ACCOUNT).where(among(_ACCOUNT.c.id, "ids")))
# Not against those who only refer to it: an accept of the account's would wait for it, and it for the accept.
_LOCK = Prepared(select(_ACCOUNT).where(_ACCOUNT.c.id == bindparam("id")).with_for_update(key_share=True))
_SUSPENDED_AT = Prepared(
    select(_ACCOUNT.c.suspended_at).where(_ACCOUNT.c.id == bindparam("id")).with_for_update(read=True)
)
_BY_PHONE = Prepared(
    select(_ACCOUNT).where(_ACCOUNT.c.role == bindparam("role"), _ACCOUNT.c.phone == bindparam("phone"))
)
_BY_TOKEN = Prepared(
    select(
        _SESSION,
        _ACCOUNT.c.role,
        _ACCOUNT.c.station_id.label("home_station"),
        _PASS.c.kind.label("pass_kind"),
        _PASS.c.assignment_id.label("pass_assignment"),
        _PASS.c.revoked_at.label("pass_revoked_at"),
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .outerjoin(_PASS, _PASS.c.id == _SESSION.c.pass_id)
    .where(
        among(_SESSION.c.token_hash, "token_hashes"),
        _SESSION.c.revoked_at.is_(None),
        _ACCOUNT.c.suspended_at.is_(None),
    )
)

_SUSPENDED_BY_TOKEN = Prepared(
    select(_SESSION.c.token_hash)
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .where(
        among(_SESSION.c.token_hash, "token_hashes"),
        _ACCOUNT.c.suspended_at.is_not(None),
    )
)

_ENDS = Prepared(
    select(_SESSION.c.id, _SESSION.c.expires_at).where(
        among(_SESSION.c.id, "ids"),
        _SESSION.c.revoked_at.is_(None),
        _SESSION.c.expires_at > bindparam("now"),
    )
)
_ENDED = Prepared(
    select(_SESSION.c.id, _SESSION.c.revoked_at, _ACCOUNT.c.suspended_at)
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .where(
        among(_SESSION.c.id, "ids"),
        _SESSION.c.revoked_at.is_not(None) | (_SESSION.c.expires_at <= bindparam("now")),
    )
)


class Over(Enum):
    """Why a session is over."""

    EXPIRED = auto()
    REVOKED = auto()
    SUSPENDED = auto()


@dataclass(frozen=True, slots=True)
class Account:
    """A person (or a kiosk) in one role."""

    id: AccountId
    role: Role
    phone: str
    name: str
    station: StationId | None
    created_at: datetime
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A live session and when it ends."""

    actor: Actor
    expires_at: datetime


class Accounts:
    """Queries about accounts and their sessions inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account) -> None:
        """Insert a new account."""
        self._connection.execute(
            insert(_ACCOUNT),
            {
                "id": account.id,
                "role": account.role.value,
                "phone": account.phone,
                "name": account.name,
                "station_id": account.station,
                "created_at": account.created_at,
            },
        )

    def get(self, account_id: AccountId) -> Account:
        """One account. Raises NotFound."""
        found = self.get_many([account_id])
        if account_id not in found:
            raise NotFound("no such account")
        return found[account_id]

    def lock(self, account_id: AccountId) -> Account:
        """One account, held until the transaction ends. Raises NotFound."""
        row = _LOCK.rows(self._connection, {"id": account_id}).mappings().first()
        if row is None:
            raise NotFound("no such account")
        return _account(row)

    def get_many(self, ids: Sequence[str]) -> dict[str, Account]:
        """The accounts among these ids that exist."""
        if not ids:
            return {}
        rows = _BY_IDS.rows(self._connection, {"ids": sorted(set(ids))})
        return {row["id"]: _account(row) for row in rows.mappings()}

    def by_phone(self, role: Role, phone: str) -> Account | None:
        """The account of a phone number in one role."""
        row = _BY_PHONE.rows(self._connection, {"role": role.value, "phone": phone}).mappings().first()
        return _account(row) if row is not None else None

    def rename(self, account_id: AccountId, name: str) -> None:
        """Change the name others see."""
        self._connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(name=name))

    def move(self, account_id: AccountId, station: StationId | None) -> None:
        """Give a clerk or staff another station; None is the whole city. Their sessions keep the old one."""
        self._connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(station_id=station))

    def suspend(self, account_id: AccountId, since: datetime | None) -> None:
        """Keep an account out from `since` on; None lets it in again."""
        self._connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(suspended_at=since))

    def suspended_at(self, account_id: AccountId) -> datetime | None:
        """Since when an account is kept out, if it is; that does not change until the transaction ends."""
        return _SUSPENDED_AT.rows(self._connection, {"id": account_id}).scalar_one_or_none()

    def open_session(self, actor: Actor, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """Store a new session by its token's hash."""
        self._connection.execute(
            insert(_SESSION),
            {
                "id": actor.session,
                "account_id": actor.account,
                "token_hash": token_hash,
                "station_id": actor.station,
                "via_account_id": actor.via,
                "created_at": now,
                "expires_at": expires_at,
                "revoked_at": None,
                "pass_id": actor.grant.id if actor.grant else None,
            },
        )

    def session_by_token(self, token_hash: str, now: datetime) -> Session | None:
        """The session behind a token's hash, unless it was revoked or has expired."""
        return self.sessions_by_token([token_hash], now).get(token_hash)

    def sessions_by_token(self, token_hashes: Sequence[str], now: datetime) -> dict[str, Session]:
        """The same for many, by hash; those without a session are left out."""
        if not token_hashes:
            return {}
        rows = _BY_TOKEN.rows(self._connection, {"token_hashes": sorted(set(token_hashes))}).mappings()
        return {
            row["token_hash"]: _session(row)
            for row in rows
            if now < row["expires_at"] and row["pass_revoked_at"] is None
        }

    def suspended_by_token(self, token_hashes: Sequence[str]) -> set[str]:
        """Those of these hashes whose session, over or not, is of an account that is suspended."""
        if not token_hashes:
            return set()
        found = _SUSPENDED_BY_TOKEN.rows(self._connection, {"token_hashes": sorted(set(token_hashes))})
        return set(found.scalars())

    def session_end(self, session_id: str, now: datetime) -> datetime | None:
        """When a session ends; None when it is over already."""
        return self.session_ends([session_id], now).get(session_id)

    def session_ends(self, ids: Sequence[str], now: datetime) -> dict[str, datetime]:
        """When those of these sessions end that are not over."""
        if not ids:
            return {}
        rows = _ENDS.rows(self._connection, {"ids": sorted(set(ids)), "now": now})
        return {row.id: row.expires_at for row in rows}

    def ended_sessions(self, ids: Sequence[str], now: datetime) -> dict[str, Over]:
        """Those of these sessions that are over, and why."""
        if not ids:
            return {}
        rows = _ENDED.rows(self._connection, {"ids": sorted(set(ids)), "now": now})
        return {row.id: _over(row) for row in rows}

    def revoke_session(self, session_id: str, now: datetime) -> None:
        """End a session."""
        self._connection.execute(update(_SESSION).where(_SESSION.c.id == session_id).values(revoked_at=now))

    def revoke_sessions_of(self, account_id: AccountId, now: datetime) -> None:
        """End all sessions of an account, and those that it opened for others as a kiosk."""
        mine = (_SESSION.c.account_id == account_id) | (_SESSION.c.via_account_id == account_id)
        self._connection.execute(
            update(_SESSION).where(mine, _SESSION.c.revoked_at.is_(None)).values(revoked_at=now)
        )

    def sessions_via(self, kiosk: AccountId, now: datetime) -> list[str]:
        """Sessions that a kiosk opened for workers and that are still running."""
        statement = select(_SESSION.c.id).where(
            _SESSION.c.via_account_id == kiosk, _SESSION.c.revoked_at.is_(None), _SESSION.c.expires_at > now
        )
        return list(self._connection.execute(statement).scalars())

    def delete_sessions(self, expired_before: datetime) -> int:
        """Forget sessions that ended long ago; returns how many."""
        return self._connection.execute(delete(_SESSION).where(_SESSION.c.expires_at < expired_before)).rowcount

    def audit(self, actor: Actor, action: str, subject: str, now: datetime) -> None:
        """Record who did what, through whose desk, to whom."""
        self._connection.execute(
            insert(_AUDIT),
            {
                "at": now,
                "actor_id": actor.account,
                "via_id": actor.via,
                "action": action,
                "subject_id": subject,
            },
        )


def _grant(row: RowMapping) -> Grant | None:
    if row["pass_id"] is None:
        return None
    assignment = AssignmentId(row["pass_assignment"]) if row["pass_assignment"] else None
    return Grant(row["pass_id"], PassKind(row["pass_kind"]), assignment)


def _session(row: RowMapping) -> Session:
    station = row["station_id"] or row["home_station"]
    actor = Actor(
        account=AccountId(row["account_id"]),
        role=Role(row["role"]),
        session=row["id"],
        station=StationId(station) if station else None,
        via=AccountId(row["via_account_id"]) if row["via_account_id"] else None,
        grant=_grant(row),
    )
    return Session(actor, row["expires_at"])


def _account(row: RowMapping) -> Account:
    return Account(
        id=AccountId(row["id"]),
        role=Role(row["role"]),
        phone=row["phone"],
        name=row["name"],
        station=StationId(row["station_id"]) if row["station_id"] else None,
        created_at=row["created_at"],
        suspended_at=row["suspended_at"],
    )


def _over(row: Any) -> Over:
    if row.suspended_at is not None:
        return Over.SUSPENDED
    return Over.EXPIRED if row.revoked_at is None else Over.REVOKED
