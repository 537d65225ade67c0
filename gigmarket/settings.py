"""Settings, each from an environment variable `GIGMARKET_<NAME>`."""

import difflib
import ipaddress
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gigmarket.domain.policy import DEFAULT, Policy, changed
from gigmarket.store.engine import is_sqlite, sqlite_url

PREFIX = "GIGMARKET_"
_NO_SETTINGS = frozenset(
    {"ADDRESS", "LISTEN_FDS", "READY_FD", "SUPERVISOR"}  # what a supervisor tells its processes
    | {"SCREENS", "SEED", "TRANSCRIPT", "WALK", "WALK_SEED"}  # what a run of the tests is told
)
_JSON = {
    "policy": '{"circle_s": 1200}',
    "origins": '["https://gigs.example.gov.cn"]',
    "proxies": '["10.0.0.7"]',
}
"""The settings that are JSON, each with an example."""


class Settings(BaseSettings):
    """One city's server. What is not given is embedded: SQLite and Valkey in the data folder."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data: Path = Path("gigmarket-data")
    city: str = Field(default="zhangshu", pattern=r"^[a-z0-9_-]{1,64}$")
    """In the live store's keys and in fencing: one market, one name. People never see it."""
    city_name: str = "樟树市"
    city_name_en: str = "Zhangshu"
    host: str = "127.0.0.1"
    port: int = 8000
    servers: int = Field(default=1, ge=1, le=64)
    """Server processes that share the port."""
    database_url: str | None = None
    redis_url: str | None = None
    redis_cluster: bool = False
    roads: Path | None = None
    stations: Path | None = None
    residents: Path | None = None
    """A CSV lat,lng,people (WGS-84) for the coverage report."""
    telephone: str | None = Field(default=None, pattern=r"^\+?[0-9-]{5,20}$")
    """The market's own number, shown to whom the pages send to the desk; None: they name the desk alone."""
    geocoder: str | None = None
    """The address of a Nominatim-compatible server that may be asked for addresses; None: nobody is asked."""
    sms_gateway: str | None = None
    """The address that text messages are posted to (docs/gateways.md); None: they go to the console."""
    call_gateway: str | None = None
    """The address that gives numbers which connect two phones; None: an employer's own is shown."""
    gateway_token: SecretStr | None = None
    """A bearer token for both."""
    origins: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Origins besides the server's own that may open a WebSocket."""
    proxies: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Addresses of proxies, besides this machine's, whose X-Forwarded-For and -Proto are believed."""
    sockets_per_process: int = 20_000
    sockets_per_address: int = 500
    """Per process; many phones of one carrier share an address."""
    rate_limits: Literal["on", "off"] = "on"
    demo: bool = False
    record: bool = False
    """Record rounds under the data folder for `gigmarket replay`: pseudonymous, at most 14 files of 64 MB."""
    clock_skew_s: float = 0.0
    """For fault tests: how far this process's own clock is wrong. The database's clock stays right."""
    policy: Annotated[dict[str, Any], NoDecode] = Field(default_factory=dict)
    """Policy numbers to change, as a JSON object: GIGMARKET_POLICY='{"circle_s": 1200}'."""

    @field_validator(*_JSON, mode="before")
    @classmethod
    def _from_json(cls, value: Any, field: ValidationInfo) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError:
            found = None
        example = _JSON[str(field.field_name)]
        if not isinstance(found, type(json.loads(example))):
            # As an error of pydantic's own, for whose text no "Value error" is put before it.
            raise PydanticCustomError("not_json", "must be JSON, such as {example}", {"example": example})
        return found

    @field_validator("sms_gateway", "call_gateway", "geocoder")
    @classmethod
    def _for_http(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc):
            raise PydanticCustomError("no_address", "must be an http or https address: https://…")
        return url

    @field_validator("redis_url")
    @classmethod
    def _for_redis(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("database_url")
    @classmethod
    def _for_sql(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme not in ("sqlite", "postgresql"):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return url

    def the_policy(self) -> Policy:
        """The default policy with this city's numbers. Raises ValueError naming one that cannot be."""
        try:
            return changed(DEFAULT, self.policy)
        except ValueError as error:
            raise ValueError(f"GIGMARKET_POLICY: {error}") from None

    def the_database_url(self) -> str:
        """The database to use: the given one, or SQLite in the data folder."""
        return self.database_url or sqlite_url(self.data / "gigmarket.db")

    def embeds_sqlite(self) -> bool:
        """Whether the schema is migrated at start."""
        return is_sqlite(self.the_database_url())

    def limited(self) -> bool:
        """Whether rate limits apply: switching them off counts only on a loopback address."""
        return self.rate_limits == "on" or not is_loopback(self.host)


def unknown(environment: Iterable[str]) -> str | None:
    """What to tell an operator of names that begin like settings and are none, with the setting each may be
    meant for; None when there are no such names. Values are not told: they may be secret.
    """
    known = {name.upper() for name in Settings.model_fields}
    names = {name.upper().removeprefix(PREFIX) for name in environment if name.upper().startswith(PREFIX)}
    strange = sorted(names - known - _NO_SETTINGS)
    if not strange:
        return None
    meant = {name: difflib.get_close_matches(name, known, 1) for name in strange}
    told = (PREFIX + n + (f" (is it {PREFIX}{near[0]}?)" if near else "") for n, near in meant.items())
    return f"no such settings, so they change nothing: {', '.join(told)}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
