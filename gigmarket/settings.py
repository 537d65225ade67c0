"""Settings, each from an environment variable `GIGMARKET_<NAME>`."""

import ipaddress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gigmarket.domain.policy import DEFAULT, Policy, changed
from gigmarket.store.engine import is_sqlite, sqlite_url


class Settings(BaseSettings):
    """One city's server. What is not given is embedded: SQLite and Valkey in the data folder."""

    model_config = SettingsConfigDict(env_prefix="GIGMARKET_", extra="ignore", frozen=True)

    data: Path = Path("gigmarket-data")
    city: str = "zhangshu"
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
    origins: list[str] = Field(default_factory=list)
    """Origins besides the server's own that may open a WebSocket."""
    proxies: list[str] = Field(default_factory=list)
    """Addresses of proxies, besides this machine's, whose X-Forwarded-For is believed."""
    sockets_per_process: int = 20_000
    sockets_per_address: int = 500
    """Per process; many phones of one carrier share an address."""
    rate_limits: Literal["on", "off"] = "on"
    demo: bool = False
    record: bool = False
    """Record rounds under the data folder for `gigmarket replay`: pseudonymous, at most 14 files of 64 MB."""
    clock_skew_s: float = 0.0
    """For fault tests: how far this process's own clock is wrong. The database's clock stays right."""
    policy: dict[str, Any] = Field(default_factory=dict)
    """Policy numbers to change, as a JSON object: GIGMARKET_POLICY='{"circle_s": 1200}'."""

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


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
