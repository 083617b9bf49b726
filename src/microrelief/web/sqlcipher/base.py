"""Django's SQLite backend over sqlcipher3: the key first, then the pragmas, each asked back.

Django finds a backend by a module of this name. An earlier backend of this kind lost its pragmas silently;
WAL with synchronous=NORMAL loses acknowledged rows at a power cut. So every connection is asked what it does.
"""

import datetime
import decimal
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.sqlite3 import base as sqlite
from django.db.backends.sqlite3._functions import (  # type: ignore[import-untyped]
    register as register_functions,
)
from django.utils.asyncio import async_unsafe
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from sqlcipher3 import dbapi2 as Database  # noqa: N812  Django looks for this name

# what the live connection must answer; synchronous 2 is FULL, temp_store 2 is memory: no plain rows in files
REQUIRED_PRAGMAS = {
    "foreign_keys": 1,
    "journal_mode": "wal",
    "synchronous": 2,
    "temp_store": 2,
    "secure_delete": 1,
    "cipher_version": None,  # any answer at all: without SQLCipher the pragma is unknown and answers nothing
}

Database.register_converter("bool", b"1".__eq__)
Database.register_converter("date", lambda raw: parse_date(raw.decode()))
Database.register_converter("time", lambda raw: parse_time(raw.decode()))
Database.register_converter("datetime", lambda raw: parse_datetime(raw.decode()))
Database.register_converter("timestamp", lambda raw: parse_datetime(raw.decode()))
Database.register_adapter(decimal.Decimal, str)
Database.register_adapter(datetime.date, datetime.date.isoformat)
Database.register_adapter(datetime.datetime, lambda moment: moment.isoformat(" "))


class DatabaseWrapper(sqlite.DatabaseWrapper):
    """One connection to the encrypted file."""

    Database = Database

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own, with the key taken out of the options."""
        parameters: dict[str, Any] = super().get_connection_params()
        self._key: bytes = parameters.pop("key")
        return parameters

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open, unlock, set and assert."""
        connection = Database.connect(**conn_params)
        # a raw key: no passphrase, so no stretching, and opening costs nothing
        connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except Database.DatabaseError as error:
            connection.close()
            if "not a database" in str(error):
                raise ImproperlyConfigured(
                    "the database does not open with this key: another clinic's, or the file is damaged"
                ) from error
            raise
        register_functions(connection)
        for pragma in (
            "foreign_keys = ON",
            "legacy_alter_table = OFF",
            "journal_mode = WAL",
            "synchronous = FULL",
            "temp_store = MEMORY",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        required = REQUIRED_PRAGMAS
        if self.is_in_memory_db():  # when types are checked or pages generated, without a data folder
            required = required | {"journal_mode": "memory"}
        for name, wanted in required.items():
            row = connection.execute(f"PRAGMA {name}").fetchone()
            if row is None or (wanted is not None and row[0] != wanted):
                answered = "nothing" if row is None else row[0]
                connection.close()
                raise ImproperlyConfigured(f"the database answers {answered} to PRAGMA {name}, not {wanted}")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that takes Django's %s."""
        return self.connection.cursor(factory=Cursor)


class Cursor(Database.Cursor):  # type: ignore[misc]
    """Django's cursor wrapper, over this module's Cursor: %s becomes ?."""

    def execute(self, query: str, params: Any = None) -> Any:
        """One statement."""
        if params is None:
            return super().execute(query)
        param_names = list(params) if isinstance(params, dict) else None
        return super().execute(self._convert(query, param_names=param_names), params)

    def executemany(self, query: str, param_list: Any) -> Any:
        """One statement, many rows."""
        return super().executemany(self._convert(query), list(param_list))

    _convert = sqlite.SQLiteCursorWrapper.convert_query
