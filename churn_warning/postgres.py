"""The published marts in PostgreSQL: all of them replaced in one transaction, so that readers see one version or the next.

Rows are deleted and copied into the same tables. That blocks no reader, keeps a transaction that is open on its version, and leaves
views, indexes and rights of others in place. Only a mart whose columns have changed becomes a new table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from churn_warning import publish
from churn_warning.errors import AlreadyRunning, ChecksFailed, RunnerError, WrongUse
from churn_warning.mart_files import MARTS_FILE

# DuckDB -> PostgreSQL, as format_type() of PostgreSQL writes it.
_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
}
_BATCH_ROWS = 10_000
_LONGEST_WAIT_FOR_A_LOCK = "30s"
_VERSION_TABLE, _MARTS_TABLE = "published_version", "published_marts"


@dataclass(frozen=True)
class Loaded:
    """What was loaded.

    Attributes:
        run_id: The version.
        as_of_date: The day it judges.
        rows: Rows per mart.
        where: Schema, database and server, for the user.
    """

    run_id: str
    as_of_date: str
    rows: dict[str, int]
    where: str


@dataclass(frozen=True)
class _Table:
    name: str
    description: str | None
    # name, type in PostgreSQL, description
    columns: tuple[tuple[str, str, str | None], ...]

    @property
    def shape(self) -> list[tuple[str, str]]:
        return [column[:2] for column in self.columns]


_OWN_TABLES = (
    _Table(
        _VERSION_TABLE,
        "The version of the marts in this schema; one row.",
        (
            ("run_id", "text", "The run that made it."),
            ("as_of_date", "date", "The day it judges."),
            ("published_at", "timestamp with time zone", "When it was published as files."),
            ("loaded_at", "timestamp with time zone", "When it was loaded here."),
        ),
    ),
    _Table(
        _MARTS_TABLE,
        "The marts that were loaded into this schema.",
        (("mart", "text", "Table in this schema."), ("row_count", "bigint", "Its rows.")),
    ),
)


def load(publish_dir: Path, dsn: str, schema: str, reader_role: str | None = None) -> Loaded:
    """Loads the current published version, in place of the one that was loaded before.

    Args:
        publish_dir: Folder of the published versions.
        dsn: Connection string; its password is never shown.
        schema: Schema that gets the marts; made if it does not exist.
        reader_role: Role that may read them; made, without login, if it does not exist. None: rights stay as they are.

    Raises:
        WrongUse: Nothing is published, the connection string cannot be read, or the driver is not installed.
        ChecksFailed: The published version is damaged, or not all its rows arrived.
        AlreadyRunning: Another process is loading into the same schema.
        RunnerError: The server cannot be reached or refuses. Nothing has changed there.
    """
    psycopg = _driver()
    place = _Place.of(psycopg, dsn, schema)
    run_id = publish.current_version(publish_dir)
    if run_id is None:
        raise WrongUse("Nothing is published yet.", where=str(publish_dir), next_step="Run first: churn-warning run")
    # Looked up once: all that follows is of this version, even if another is published meanwhile.
    folder = publish_dir / "versions" / run_id
    manifest = publish.verify_files(folder)
    with duckdb.connect(str(folder / MARTS_FILE), read_only=True) as marts, place.connect(dsn) as connection:
        try:
            with connection.transaction():
                rows = _Load(psycopg, connection, schema).replace_all(marts, manifest, reader_role)
        except psycopg.Error as error:
            raise place.refused(error) from None
    return Loaded(run_id, manifest.get("as_of_date") or "", rows, str(place))


def _driver() -> Any:
    """The module psycopg, which only this command needs."""
    try:
        import psycopg
    except ImportError:
        raise WrongUse(
            "The driver for PostgreSQL (psycopg 3) is not installed.",
            next_step='Install it beside churn-warning: .venv/bin/python -m pip install "psycopg[binary]>=3.2,<4"',
        ) from None
    return psycopg


@dataclass(frozen=True)
class _Place:
    """Where the marts go, without the password."""

    psycopg: Any
    schema: str
    database: str
    server: str
    password: str

    def __str__(self) -> str:
        return f"schema {self.schema} of database {self.database} on {self.server}"

    @staticmethod
    def of(psycopg: Any, dsn: str, schema: str) -> _Place:
        try:
            parts = psycopg.conninfo.conninfo_to_dict(dsn)
        except psycopg.Error:
            parts = None
        # A password with an unescaped @ or / would be taken for a part of these, and would then be shown.
        if parts is None or "@" in f"{parts.get('host')}{parts.get('dbname')}" or re.search(r"[^0-9,]", parts.get("port") or ""):
            raise WrongUse(
                "This is not a connection string for PostgreSQL. (It is not shown here: it may hold a password.)",
                where="--to-postgres",
                next_step="Write postgresql://USER:PASSWORD@HOST:5432/DATABASE with special characters of the password as %40 and the like,"
                " or leave the password to the variable PGPASSWORD or the file ~/.pgpass.",
            )
        server = parts.get("host") or "this machine"
        return _Place(
            psycopg,
            schema,
            parts.get("dbname") or parts.get("user") or "by default",
            f"{server}:{parts['port']}" if parts.get("port") else server,
            parts.get("password") or "",
        )

    def connect(self, dsn: str) -> Any:
        given = self.psycopg.conninfo.conninfo_to_dict(dsn)
        options = {"connect_timeout": 10, "fallback_application_name": "churn-warning", "client_encoding": "utf8"}
        try:
            return self.psycopg.connect(dsn, autocommit=True, **{name: value for name, value in options.items() if name not in given})
        except self.psycopg.Error as error:
            raise RunnerError(
                f"The PostgreSQL server cannot be used: {self._without_password(error)}",
                where=str(self),
                next_step="Check host, port, database, user and password, then load again. Nothing was changed there.",
            ) from None

    def refused(self, error: Any) -> RunnerError:
        advice = "Nothing was changed there."
        if isinstance(error, self.psycopg.errors.InsufficientPrivilege):
            advice += " The user of the connection has to own the schema and its tables (or may make the schema), and to make a role."
        elif isinstance(error, self.psycopg.errors.DependentObjectsStillExist):
            advice += " A mart has other columns now: drop what depends on it, load again, then make it again."
        elif isinstance(error, self.psycopg.errors.LockNotAvailable):
            advice += " Somebody keeps a table locked: load again when that is over."
        return RunnerError(f"PostgreSQL refused the marts: {self._without_password(error)}", where=str(self), next_step=advice)

    def _without_password(self, error: Any) -> str:
        diagnosis = error.diag
        text = " ".join(filter(None, (diagnosis.message_primary, diagnosis.message_detail))) or str(error)
        text = " ".join(text.split())
        return text.replace(self.password, "***") if self.password else text


class _Load:
    """One load inside the transaction that the caller has opened."""

    def __init__(self, psycopg: Any, connection: Any, schema: str) -> None:
        self._sql = psycopg.sql
        self._cursor = connection.cursor()
        self._schema = schema

    def replace_all(
        self, marts: duckdb.DuckDBPyConnection, manifest: dict[str, Any], reader_role: str | None
    ) -> dict[str, int]:
        self._begin()
        tables = _tables(marts)
        loaded_before = self._loaded_before()
        rows, remade = {}, []
        for table in tables:
            rows[table.name], is_remade = self._fill(table, _batches(marts, table.name))
            if rows[table.name] != manifest["rows"][table.name]:
                raise ChecksFailed(
                    f"Of mart {table.name}, {rows[table.name]} rows arrived and not {manifest['rows'][table.name]}.",
                    next_step="Look for triggers or rules on that table, then load again. Nothing was changed there.",
                )
            remade += [table.name] if is_remade else []
        about = [manifest["run_id"], manifest.get("as_of_date"), manifest["published_at"], None]
        for table, content in zip(_OWN_TABLES, ([[about]], [list(rows.items())]), strict=True):
            remade += [table.name] if self._fill(table, content)[1] else []
        self._run("update {} set loaded_at = now()", self._name(_VERSION_TABLE))
        # Last, since readers have to wait from here to the end of the transaction.
        for name in loaded_before - rows.keys():
            self._run("drop table if exists {}", self._name(name))
        for name in remade:
            self._run("drop table {}", self._name(name))
            self._run("alter table {} rename to {}", self._name(_new(name)), self._sql.Identifier(name))
        if reader_role:
            self._let_read(reader_role, [*rows, *(table.name for table in _OWN_TABLES)])
        return rows

    def _begin(self) -> None:
        """One load at a time; the schema exists."""
        self._run("set local lock_timeout = {}", self._sql.Literal(_LONGEST_WAIT_FOR_A_LOCK))
        if not self._ask("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", f"churn-warning {self._schema}")[0][0]:
            raise AlreadyRunning(
                "Another load is at work.",
                where=f"schema {self._schema}",
                next_step="Wait until it is done, then load again.",
            )
        # Not `if not exists`: that asks for the right to make one even if it exists.
        if not self._ask("select 1 from pg_namespace where nspname = %s", self._schema):
            self._run("create schema {}", self._sql.Identifier(self._schema))

    def _loaded_before(self) -> set[str]:
        if not self._shape(_MARTS_TABLE):
            return set()
        self._run("select mart from {}", self._name(_MARTS_TABLE))
        return {mart for (mart,) in self._cursor.fetchall()}

    def _fill(self, table: _Table, batches: Iterable[list[Any]]) -> tuple[int, bool]:
        """Replaces the rows of a table. If it has other columns than before, a new one waits beside it to take its place.

        Returns:
            The rows that arrived, and whether a new table waits.
        """
        shape = self._shape(table.name)
        is_remade = bool(shape) and shape != table.shape
        name = _new(table.name) if is_remade else table.name
        if shape and not is_remade:
            self._run("delete from {}", self._name(name))
        else:
            columns = [
                self._sql.SQL("{} {}").format(self._sql.Identifier(column), self._sql.SQL(kind)) for column, kind in table.shape
            ]
            self._run("create table {} ({})", self._name(name), self._sql.SQL(", ").join(columns))
        self._run("comment on table {} is {}", self._name(name), self._sql.Literal(table.description))
        for column, _, description in table.columns:
            self._run(
                "comment on column {}.{} is {}", self._name(name), self._sql.Identifier(column), self._sql.Literal(description)
            )
        with self._cursor.copy(self._sql.SQL("copy {} from stdin").format(self._name(name))) as copy:
            for batch in batches:
                for row in batch:
                    copy.write_row(row)
        return self._cursor.rowcount, is_remade

    def _let_read(self, role: str, tables: list[str]) -> None:
        schema, reader = self._sql.Identifier(self._schema), self._sql.Identifier(role)
        if not self._ask("select 1 from pg_roles where rolname = %s", role):
            self._run("create role {} nologin", reader)
        self._run("grant usage on schema {} to {}", schema, reader)
        for table in tables:
            self._run("grant select on {} to {}", self._name(table), reader)
        # For marts that come later.
        self._run("alter default privileges in schema {} grant select on tables to {}", schema, reader)

    def _shape(self, table: str) -> list[tuple[str, str]]:
        """Name and type of its columns, in order; empty if there is no such table."""
        return self._ask(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " join pg_class on pg_class.oid = attrelid join pg_namespace on pg_namespace.oid = relnamespace"
            " where nspname = %s and relname = %s and attnum > 0 and not attisdropped order by attnum",
            self._schema,
            table,
        )

    def _name(self, table: str) -> Any:
        return self._sql.Identifier(self._schema, table)

    def _run(self, statement: str, *parts: Any) -> None:
        self._cursor.execute(self._sql.SQL(statement).format(*parts))

    def _ask(self, query: str, *values: str) -> list[tuple]:
        return self._cursor.execute(query, values).fetchall()


def _tables(marts: duckdb.DuckDBPyConnection) -> list[_Table]:
    tables = []
    found = """
        select table_name, table_comment from information_schema.tables
        where table_catalog = current_database() and table_schema = 'main' order by table_name
    """
    for name, description in marts.execute(found).fetchall():
        columns = marts.execute(
            "select column_name, data_type, comment from duckdb_columns() where table_name = ? order by column_index", [name]
        ).fetchall()
        tables.append(_Table(name, description, tuple((column, _type(name, column, kind), text) for column, kind, text in columns)))
    return tables


def _type(table: str, column: str, kind: str) -> str:
    if re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return kind.lower().replace("decimal", "numeric")
    if kind not in _TYPES:
        raise ChecksFailed(f"Column {table}.{column} has type {kind}, which has no counterpart in PostgreSQL here.")
    return _TYPES[kind]


def _batches(marts: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[Any]]:
    rows = marts.execute(f'select * from "{table}"')
    while batch := rows.fetchmany(_BATCH_ROWS):
        yield batch


def _new(table: str) -> str:
    return f"{table}__new"
