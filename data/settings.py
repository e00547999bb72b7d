"""What a deployment may set: the environment first (`ANLAN_*`, `DATABASE_URL`), then `anlan.toml`."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import stat
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from data.settings_provider import ProviderSettings

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "anlan"
SOCKET_PATH_MAX = 107
"""Bytes of `sun_path` on Linux without its closing NUL (unix(7))."""
SOCKET_NAME = ".s.PGSQL.5432"

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class SettingsError(Exception):
    """A setting has a value that cannot work; the message names it and never shows a password."""


class Settings(ProviderSettings):
    """Every setting of a deployment; each name is `ANLAN_<NAME>` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="ANLAN_", extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="A PostGIS server of your own; absent: the embedded server. A URL without a user signs "
        "in as each login by name (passwords from PGPASSFILE); one with a user takes its role by SET ROLE.",
    )
    state: Path = Field(
        default_factory=lambda: default_state(ROOT),
        description="Folder of everything made at run time: embedded database, browser assets, logs, photos.",
    )
    postgres_bin: Path | None = Field(
        default=None, description="Folder of `initdb` and `postgres`; absent: the newest one with PostGIS."
    )
    durable: bool = Field(
        default=True, description="Embedded server only: wait for the disk at each commit (off in tests)."
    )
    host: str = Field(default="127.0.0.1", description="Address that the program listens on.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port that the program listens on.")
    secure_cookies: bool = Field(
        default=False, description="Send the session cookie over HTTPS only; turn on behind a TLS proxy."
    )
    area_code: str = Field(
        default="4305", pattern=r"^[0-9A-Z]{2,12}$", description="Code of the area of this deployment."
    )
    area_name: str = Field(
        default="邵阳市", min_length=1, description="Its name, as pages and reports print it."
    )
    metric_crs: str = Field(
        default="EPSG:4546",
        pattern=r"^EPSG:\d{4,6}$",
        description="Projected CRS in metres in which lengths are measured.",
    )
    time_zone: str = Field(
        default="Asia/Shanghai", description="Where the offices are: whose midnight ends a day of checks."
    )
    season_start: MonthDay = Field(default="04-01", description="First day of the flood season (MM-DD).")
    season_end: MonthDay = Field(default="09-30", description="Last day of the flood season (MM-DD).")
    demo: bool = Field(
        default=True,
        description="Load the sample prefecture and demo sign-ins into an empty database "
        "(default: only with the embedded server).",
    )
    sample_scale: Literal["county", "prefecture", "province"] = Field(
        default="county", description="Size of the sample prefecture: county, prefecture or province."
    )
    session_idle_minutes: int = Field(
        default=30, ge=1, description="A session ends after this long without use."
    )
    session_absolute_minutes: int = Field(
        default=720, ge=1, description="A session ends after this long in any case."
    )
    upload_max_mb: int = Field(default=20, ge=1, description="Largest uploaded file (MB).")
    upload_unpacked_max_mb: int = Field(
        default=60, ge=1, description="Largest uploaded archive once unpacked (MB)."
    )
    upload_members_max: int = Field(default=200, ge=1, description="Most members of an uploaded archive.")
    parse_memory_mb: int = Field(
        default=1024, ge=256, description="Memory that reading one uploaded file may take (MB)."
    )
    parse_seconds: int = Field(
        default=30, ge=5, description="Time that reading one uploaded file may take (seconds)."
    )
    base_map_url: str | None = Field(
        default=None,
        description="XYZ address of a base map (`{z}/{x}/{y}`); absent: own boundaries and waters.",
    )
    base_map_datum: Literal["cgcs2000", "wgs84", "gcj02", "bd09"] = Field(
        default="cgcs2000", description="Datum of that base map: cgcs2000, wgs84, gcj02 or bd09."
    )
    key_file: Path | None = Field(
        default=None,
        description="File with the keys of sealed fields; absent: `keys` in the state folder, made at first "
        "use. Keep a copy apart from the backups of the database: without it nothing sealed can be read. "
        "`anlan keys` tells of them and changes them.",
    )
    identity_cipher: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        default="aes-256-gcm",
        description="By which cipher fields are sealed from now on: aes-256-gcm or sm4-gcm; what the other "
        "sealed still opens, and `anlan keys rotate` seals it anew.",
    )
    demo_second_factor: bool = Field(
        default=False,
        description="Ask the demo sign-ins that see children for a second factor as well; real accounts are "
        "always asked.",
    )
    child_retention_months: int = Field(
        default=6,
        ge=0,
        le=120,
        description="Months for which a child is kept after it left the register or turned 18; then "
        "`anlan purge` removes it. 建议值, no regulation: PIPL art. 19 and 47 give no number.",
    )
    map_approval: str = Field(default="", description="审图号 printed on maps that leave the office.")

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent_and_own_servers_get_no_demo_unasked(cls, values: Any) -> Any:  # noqa: ANN401 - what the sources gathered
        if not isinstance(values, dict):
            return values
        given = {name: value for name, value in values.items() if value != ""}
        if "demo" not in given and ("DATABASE_URL" in given or given.get("database_url") is not None):
            given["demo"] = False
        if "state" in given:
            given["state"] = Path(given["state"]).absolute()
        return given

    @model_validator(mode="after")
    def _time_zone_is_known(self) -> Settings:
        if self.time_zone not in available_timezones():
            raise ValueError(f"ANLAN_TIME_ZONE 无法识别：{self.time_zone[:40]}，应形如 Asia/Shanghai")
        return self

    @model_validator(mode="after")
    def _database_url_is_postgresql(self) -> Settings:
        if self.database_url is not None:
            try:
                backend = make_url(self.database_url.get_secret_value()).get_backend_name()
            except ArgumentError:
                raise ValueError("DATABASE_URL 无法识别：应形如 postgresql://主机:5432/库名") from None
            if backend not in {"postgresql", "postgres"}:
                raise ValueError("DATABASE_URL 须指向 PostgreSQL（PostGIS）：postgresql://主机:5432/库名")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, settings file."""
        del dotenv_settings, file_secret_settings
        path = Path(os.environ.get("ANLAN_SETTINGS", "anlan.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path)

    @property
    def embedded(self) -> bool:
        """Whether the program owns its database server."""
        return self.database_url is None

    @property
    def assume_role(self) -> bool:
        """Whether connections sign in as one user and must issue SET ROLE to become a login."""
        return self.database_url is not None and bool(make_url(self.database_url.get_secret_value()).username)

    @property
    def cluster(self) -> Path:
        """Data directory of the embedded server."""
        return self.state / "postgres"

    @property
    def assets(self) -> Path:
        """Browser files and code lists fetched at set-up."""
        return self.state / "assets"

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return self.state / "log"

    @property
    def photos(self) -> Path:
        """Re-encoded photos, outside anything a web server serves by path."""
        return self.state / "photos"

    @property
    def key_path(self) -> Path:
        """File (0600) of the keys outside the database."""
        return self.key_file or self.state / "keys"

    @property
    def demo_password_file(self) -> Path:
        """File (0600) with the password of the demo sign-ins."""
        return self.state / "demo-password"

    @property
    def socket_dir(self) -> Path:
        """Folder of the embedded server's socket: in the state folder, or a short one if that is too long."""
        beside = self.state / "socket"
        if len(os.fsencode(beside / SOCKET_NAME)) <= SOCKET_PATH_MAX:
            return beside
        base = Path("/run") if os.geteuid() == 0 else Path("/tmp")  # noqa: S108 - owner and mode are checked before use
        return base / f"anlan-{os.geteuid()}-{_digest(self.state)}"

    def today(self) -> dt.date:
        """Return the day in the deployment's time zone: the server may stand elsewhere or count in UTC."""
        return dt.datetime.now(ZoneInfo(self.time_zone)).date()

    def url(self, login: str) -> str:
        """SQLAlchemy URL by which `login` reaches the database."""
        if self.database_url is None:
            return URL.create(
                "postgresql+psycopg", username=login, database=DATABASE, query={"host": str(self.socket_dir)}
            ).render_as_string(hide_password=False)
        given = make_url(self.database_url.get_secret_value()).set(drivername="postgresql+psycopg")
        return given.set(
            username=given.username or login, database=given.database or DATABASE
        ).render_as_string(hide_password=False)


def load_settings() -> Settings:
    """Read the settings now; `SettingsError` names every setting at fault."""
    named = os.environ.get("ANLAN_SETTINGS")
    if named and not Path(named).is_file():
        raise SettingsError(f"找不到设置文件 {named}：请改正 ANLAN_SETTINGS，或取消它以使用默认设置。")
    try:
        return Settings()
    except ValidationError as fault:
        faults = "；".join(
            f"{'.'.join(map(str, item['loc'])) or '设置'}：{item['msg']}" for item in fault.errors()
        )
        raise SettingsError(f"设置有误，请改正后重试。{faults}") from None
    except (ValueError, OSError) as fault:
        raise SettingsError(f"设置文件 {named or 'anlan.toml'} 无法读取：{fault}") from None


def default_state(root: Path) -> Path:
    """`var` in the checkout; for root, a folder of /var/lib if the server's own user could not reach it."""
    if os.geteuid() != 0 or all(_passable(folder) for folder in [root, *root.parents]):
        return root / "var"
    return Path("/var/lib/anlan") / _digest(root)


def _passable(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
