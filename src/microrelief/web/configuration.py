"""The environment becomes a Configuration, read once; nothing else in the site reads the environment.

Each setting is an environment variable MICRORELIEF_<NAME>, or a file of that lower-case name in the folder
that CREDENTIALS_DIRECTORY names (systemd's LoadCredential): a password need not stand in a process list.
"""

import os
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from microrelief.errors import SettingsRefused


class Configuration(BaseSettings):
    """What one installation may set. The defaults are those of one clinic on one computer."""

    model_config = SettingsConfigDict(env_prefix="MICRORELIEF_", extra="ignore", frozen=True)

    data: Path | None = None
    """The data folder: database, photographs, and the keys unless `keys` names another place."""
    keys: Path | None = None
    """The folder of the clinic's key. On another disk than the data it protects against a stolen disk."""
    key_passphrase: SecretStr | None = None
    """Opens the key file where one was set; then the data folder alone opens nothing."""
    database_url: SecretStr | None = None
    """postgresql://user:password@host/name; without it, an encrypted SQLite file in the data folder."""
    host: str = "localhost"
    """The address this process listens on."""
    port: int = Field(default=8000, ge=1, le=65535)
    """The port this process listens on."""
    address: str | None = None
    """What staff type into the browser, when a proxy with TLS stands in front: https://records.example."""
    trusted_proxy: str | None = None
    """The IP address of that proxy; only its X-Forwarded headers are believed."""
    debug: bool = False
    """Never for a clinic: error pages would show patients' data."""
    demo: bool = False
    """Serve the demonstration clinic: marked on every page, its accounts without a second factor."""
    idle_minutes: int = Field(default=15, ge=1, le=60)
    """A session without a click for this long is signed out (HIPAA 164.312(a)(2)(iii))."""
    session_hours: int = Field(default=12, ge=1, le=24)
    """A session ends after this long, used or not."""
    upload_megabytes: int = Field(default=40, ge=1, le=200)
    """The largest file that is taken."""
    threads: int = Field(default=8, ge=1, le=64)
    """Requests that are answered at the same time."""

    @property
    def keys_folder(self) -> Path:
        """Where the clinic's key lies."""
        return self.keys or self.data_folder / "keys"

    @property
    def data_folder(self) -> Path:
        """The data folder, which every command but a check of types must have."""
        if self.data is None:
            raise SettingsRefused("no data folder was named: give --data DIR, or set MICRORELIEF_DATA")
        return self.data

    @property
    def site_address(self) -> str:
        """What staff type into the browser."""
        return (self.address or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def encrypted_transport(self) -> bool:
        """Whether the browser speaks TLS."""
        return self.site_address.startswith("https://")


@cache
def configuration() -> Configuration:
    """The configuration of this process."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        return Configuration(_secrets_dir=credentials)  # type: ignore[call-arg]
    except ValidationError as error:
        wrong = error.errors()[0]
        name = f"MICRORELIEF_{'_'.join(str(part) for part in wrong['loc'])}".upper()
        raise SettingsRefused(f"{name} cannot be used: {wrong['msg']}; set another value") from None
