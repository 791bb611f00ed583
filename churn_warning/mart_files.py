"""The files of one published version: each mart as a table, or a view, of marts.duckdb and as Parquet.

A mart that grows by the date is published by the date: <mart>.parquet is a folder with one file per date, and of the version
before it is taken over what has not changed (files as hard links, the database as a copy in which the newest dates are
replaced). So what a week costs to publish does not grow with the weeks behind it. Whether rows have changed is told by
fingerprints of each date, which the manifest keeps.

A mart that repeats what a smaller table holds (`meta.published_as: view`) is a view in marts.duckdb, too: the table that it
reads lies beside it, in the schema that it has in the warehouse. Its Parquet files hold all of its rows.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from churn_warning.errors import ChecksFailed
from churn_warning.sql import identifier, limits, literal
from churn_warning.stop import interruptible

MARTS_FILE, MANIFEST_FILE = "marts.duckdb", "manifest.json"
# The oldest DuckDB that can read the file; a third less to write than for older ones.
STORAGE_VERSION = "v1.4.0"
# So many rows of a table are sorted at once: of a million lines the hits of a date.
ROWS_AT_ONCE = 3_000_000
# Value of the partition column -> rows and checksum of its rows; a mart without such a column has one part, called "".
Parts = dict[str, list[Any]]


@dataclass(frozen=True)
class Mart:
    """A table to publish.

    Attributes:
        name: Table or view in schema `marts` of the warehouse, and its published name.
        grain: Columns that identify a row; rows are written in the order of the first two, by which they are looked up.
        description: What the table holds.
        column_descriptions: What its columns hold.
        partition: The date column, the first of the grain, by which it is published; None: in one piece.
        as_view: Whether a view of the warehouse is a view in marts.duckdb.
    """

    name: str
    grain: tuple[str, ...]
    description: str
    column_descriptions: dict[str, str]
    partition: str | None = None
    as_view: bool = False


@dataclass(frozen=True)
class Table:
    """A table of marts.duckdb: a mart, or what a mart reads that is a view.

    Attributes:
        schema: Its schema there.
        name: Its name there.
        source: The table or view in the warehouse.
        partition: The date column by which it is replaced; None: in one piece.
        order: Columns in whose order rows are written; all where none is known, so that only equal rows can change places.
    """

    schema: str
    name: str
    source: str
    partition: str | None
    order: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def relation(self) -> str:
        """Its name as SQL."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"


@dataclass(frozen=True)
class Written:
    """What lies in the folder of a new version.

    Attributes:
        parts: Mart -> its parts.
        tables: Table of marts.duckdb -> its parts.
        kept: Mart -> those of its parts that marts.duckdb still holds from the version before.
        checksums: Parquet file that is that of the version before -> its checksum.
    """

    parts: dict[str, Parts]
    tables: dict[str, Parts]
    kept: dict[str, set[str]]
    checksums: dict[Path, str]


class Earlier:
    """What can be taken over from the version before; nothing, if it cannot be read or is not what was published.

    Attributes:
        parts: Mart -> its parts.
        tables: Table of its marts.duckdb -> its parts.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, Parts] = {}
        self.tables: dict[str, Parts] = {}
        if folder is not None:
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
                self._files, self.parts, self.tables = manifest["files"], manifest["parts"], manifest["tables"]

    def take_database(self, folder: Path) -> None:
        """Copies its database into a folder; without a whole one nothing is taken over from it."""
        copy = folder / MARTS_FILE
        if self.parts:
            with suppress(OSError, KeyError, TypeError):
                shutil.copyfile(self._folder / MARTS_FILE, copy)
                if sha256_of(copy) == self._files[MARTS_FILE]["sha256"]:
                    return
        copy.unlink(missing_ok=True)
        self.parts, self.tables = {}, {}

    def take_file(self, name: str, folder: Path) -> str | None:
        """Links one of its files into a folder; returns its checksum, None if that did not go well."""
        try:
            checksum = sha256_of(self._folder / name)
            if checksum != self._files[name]["sha256"]:
                return None
            os.link(self._folder / name, folder / name)
        except (OSError, KeyError, TypeError):
            return None
        return checksum


def write_marts(warehouse: Path, folder: Path, marts: list[Mart], earlier: Path | None) -> Written:
    """Writes the files of all marts.

    Args:
        warehouse: The DuckDB file with the built marts.
        folder: The empty folder of the new version.
        marts: What to write.
        earlier: Folder of the version before it; None: there is none.

    Returns:
        What was written.
    """
    before = Earlier(earlier)
    before.take_database(folder)
    config = {**limits(warehouse), "storage_compatibility_version": STORAGE_VERSION}
    with duckdb.connect(str(folder / MARTS_FILE), config=config) as connection, interruptible(connection):
        connection.execute(f"attach {literal(warehouse)} as warehouse (read_only)")
        parts = {mart.name: _parts(connection, _source(mart), mart.partition) for mart in marts}
        views = {mart.name: _view(connection, mart) for mart in marts}
        read = {mart.name: _tables(connection, mart, views[mart.name]) for mart in marts}
        of_tables, tables = {}, {}
        for mart in marts:
            for table in read[mart.name]:
                own = parts[mart.name] if table.schema == "main" else _parts(connection, table.source, table.partition)
                of_tables[str(table)], tables[table] = own, _kept(connection, table, own, before)
        kept = {
            mart.name: set(parts[mart.name]).intersection(
                *(tables[table] for table in read[mart.name] if table.partition == mart.partition)
            )
            for mart in marts
        }
        _drop_others(connection, tables)
        for table, dates in tables.items():
            _make_room(connection, table, dates)
        # The room of what is gone is used again only after this.
        connection.execute("checkpoint")
        for table, dates in tables.items():
            _fill(connection, table, {part: rows for part, (rows, _) in of_tables[str(table)].items() if part not in dates})
        checksums: dict[Path, str] = {}
        for mart in marts:
            if view := views[mart.name]:
                connection.execute(f"create view {view}")
            checksums |= _write_parquet(connection, folder, mart, parts[mart.name], before)
            _describe(connection, mart, "view" if view else "table")
        connection.execute("detach warehouse")
        # Closing would checkpoint too, but say nothing if the disk is full.
        connection.execute("checkpoint")
    return Written(parts, of_tables, kept, checksums)


def verify_marts(warehouse: Path, folder: Path, marts: list[Mart], written: Written) -> None:
    """Compares columns, types, rows and content of what was written with the warehouse.

    Of dates that marts.duckdb still holds from the version before only the rows are counted: their content was compared when they
    were written, and the file's checksum when it was copied.

    Args:
        warehouse: The DuckDB file with the built marts.
        folder: The folder that was written.
        marts: What was written.
        written: What write_marts said of it. Files that were taken over have had their checksums compared.

    Raises:
        ChecksFailed: They differ.
    """
    with duckdb.connect(config=limits(warehouse)) as connection, interruptible(connection):
        connection.execute(f"attach {literal(warehouse)} as warehouse (read_only)")
        connection.execute(f"attach {literal(folder / MARTS_FILE)} as published (read_only)")
        for mart in marts:
            parts, kept = written.parts[mart.name], written.kept[mart.name]
            table, new = f"published.{identifier(mart.name)}", {part: parts[part] for part in parts if part not in kept}
            expected = [_columns(connection, _source(mart)), {part: count for part, (count, _) in parts.items()}, new]
            found = [_columns(connection, table), _counts(connection, table, mart.partition), _parts(connection, table, mart.partition, kept)]
            if paths := [path for path in _parquet_files(folder, mart, parts) if path not in written.checksums]:
                files = f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = false)"
                expected += [expected[0], {part: parts[part] for part in (_part_of(path, mart) for path in paths)} if parts else {}]
                found += [_columns(connection, files), _parts(connection, files, mart.partition)]
            if found != expected:
                raise ChecksFailed(
                    f"Mart {mart.name} was not written as it is in the warehouse.",
                    where=str(folder),
                    next_step="Check the disk, then run again; nothing was published.",
                )


def sha256_of(path: Path) -> str:
    """Checksum of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _source(mart: Mart) -> str:
    return f"warehouse.marts.{identifier(mart.name)}"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple]:
    return [row[:2] for row in connection.execute(f"describe select * from {relation}").fetchall()]


def _counts(connection: duckdb.DuckDBPyConnection, relation: str, partition: str | None) -> dict[str, int]:
    return {part: count for part, (count, _) in _aggregated(connection, "null", relation, partition, set()).items()}


def _parts(connection: duckdb.DuckDBPyConnection, relation: str, partition: str | None, kept: set[str] = frozenset()) -> Parts:
    return _aggregated(connection, "sum(hash(t))", relation, partition, kept)


def _aggregated(connection: duckdb.DuckDBPyConnection, checksum: str, relation: str, partition: str | None, kept: set[str]) -> Parts:
    """Part -> rows and checksum, without those that are kept."""
    if not partition and kept:
        return {}
    rows = connection.execute(f"""
        select coalesce(cast(part as varchar), ''), rows, cast(checksum as varchar)
        from (
            select {identifier(partition) if partition else "null"} as part, count(*) as rows, {checksum} as checksum
            from {relation} as t {_newer(partition, kept)}
            group by 1
        )
        order by part
    """).fetchall()
    return {part: [count, checksum] for part, count, checksum in rows} or ({} if partition else {"": [0, None]})


def _newer(partition: str | None, kept: set[str]) -> str:
    """The condition for dates that are not kept: all of these come after those that are."""
    return f"where {identifier(partition)} > date {literal(max(kept))}" if partition and kept else ""


def _view(connection: duckdb.DuckDBPyConnection, mart: Mart) -> str:
    """The mart's name and query as `create view` takes them; blank: it is no view, or not published as one."""
    if not mart.as_view:
        return ""
    found = connection.execute(
        "select sql from duckdb_views() where database_name = 'warehouse' and schema_name = 'marts' and view_name = ?", [mart.name]
    ).fetchone()
    return found[0].removeprefix("CREATE VIEW marts.").rstrip(";\n") if found else ""


def _tables(connection: duckdb.DuckDBPyConnection, mart: Mart, view: str) -> list[Table]:
    """What marts.duckdb has to hold of a mart."""
    if not view:
        return [Table("main", mart.name, _source(mart), mart.partition, mart.grain[:2])]
    tables = []
    for name in sorted(connection.get_table_names(view.partition(" AS ")[2], qualified=True)):
        schema, table = name.split(".")
        source = f"warehouse.{identifier(schema)}.{identifier(table)}"
        columns = [column for column, _ in _columns(connection, source)]
        order = tuple(column for column in mart.grain if column in columns)[:2]
        tables.append(Table(schema, table, source, mart.partition if mart.partition in columns else None, order))
    return tables


def _kept(connection: duckdb.DuckDBPyConnection, table: Table, parts: Parts, before: Earlier) -> set[str]:
    """The parts of a table that the copied database holds as they should be: up to the first that differs, so that dates stay in order."""
    earlier = before.tables.get(str(table))
    if earlier is None or not _is_there(connection, table):
        return set()
    changed = [part for part in parts if parts[part] != earlier.get(part)]
    return {part for part in parts if not changed or part < min(changed)}


def _is_there(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether the copied database has a table with the columns that it should have."""
    with suppress(duckdb.CatalogException):
        return _columns(connection, table.relation) == _columns(connection, table.source)
    return False


def _make_room(connection: duckdb.DuckDBPyConnection, table: Table, kept: set[str]) -> None:
    """Drops what is not kept, the table itself where nothing is."""
    if table.partition and kept:
        dates = ", ".join(f"date {literal(day)}" for day in kept)
        connection.execute(f"delete from {table.relation} where {identifier(table.partition)} not in ({dates})")
    elif not kept:
        connection.execute(f"drop table if exists {table.relation}")


def _drop_others(connection: duckdb.DuckDBPyConnection, tables: dict[Table, set[str]]) -> None:
    """Drops what the copied database has beside the tables; views of the marts are made anew."""
    wanted = {(table.schema, table.name) for table in tables}
    found = connection.execute("""
        select table_type, table_schema, table_name from information_schema.tables where table_catalog = current_database()
    """)
    for kind, schema, name in found.fetchall():
        if kind == "VIEW" or (schema, name) not in wanted:
            connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {identifier(schema)}.{identifier(name)}")


def _fill(connection: duckdb.DuckDBPyConnection, table: Table, new: dict[str, int]) -> None:
    """Writes new parts, of which the rows are given; some dates at a time, since to sort takes memory."""
    order = ", ".join(map(identifier, table.order)) or "all"
    if not _is_there(connection, table):
        connection.execute(f"create schema if not exists {identifier(table.schema)}")
        connection.execute(f"create table {table.relation} as from {table.source} limit 0")
    for parts in _batches(new):
        of_parts = f"where {identifier(table.partition)} in ({', '.join(f'date {literal(part)}' for part in parts)})" if table.partition else ""
        connection.execute(f"insert into {table.relation} from {table.source} {of_parts} order by {order}")


def _batches(parts: dict[str, int]) -> Iterator[list[str]]:
    """Neighbouring parts that together have no more than ROWS_AT_ONCE rows, or one that has more."""
    batch: list[str] = []
    rows = 0
    for part, count in parts.items():
        if batch and rows + count > ROWS_AT_ONCE:
            yield batch
            batch, rows = [], 0
        batch.append(part)
        rows += count
    if batch:
        yield batch


def _parquet_files(folder: Path, mart: Mart, parts: Parts) -> list[Path]:
    """One per part, except that a mart in one piece, or without rows, is one file."""
    place = folder / f"{mart.name}.parquet"
    return [place / f"{part}.parquet" for part in parts] if mart.partition and parts else [place]


def _part_of(path: Path, mart: Mart) -> str:
    return path.stem if path.stem != mart.name else ""


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, mart: Mart, parts: Parts, before: Earlier
) -> dict[Path, str]:
    """Writes the Parquet files of a mart; returns those that were taken over, with their checksums."""
    taken, earlier = {}, before.parts.get(mart.name, {})
    for path in _parquet_files(folder, mart, parts):
        path.parent.mkdir(exist_ok=True)
        part = _part_of(path, mart)
        is_same = part and earlier.get(part) == parts[part]
        if is_same and (checksum := before.take_file(str(path.relative_to(folder)), folder)):
            taken[path] = checksum
            continue
        rows = (
            f"{identifier(mart.name)} where {identifier(mart.partition)} = {literal(part)}::date"
            if part
            else identifier(mart.name)
        )
        connection.execute(f"copy (select * from {rows}) to {literal(path)} (format parquet, compression zstd)")
    return taken


def _describe(connection: duckdb.DuckDBPyConnection, mart: Mart, kind: str) -> None:
    """Descriptions travel with the file, so that a BI tool shows them."""
    table = identifier(mart.name)
    existing = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    comments = [f"comment on {kind} {table} is {literal(mart.description)}"] if mart.description else []
    comments += [
        f"comment on column {table}.{identifier(column)} is {literal(description)}"
        for column, description in mart.column_descriptions.items()
        if column in existing
    ]
    # In one transaction: each of its own would be brought to the disk.
    connection.execute("; ".join(["begin", *comments, "commit"]))
