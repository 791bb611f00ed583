"""The files of one published version: each mart as a table of marts.duckdb and as Parquet.

A mart that grows by the date is published by the date: <mart>.parquet is a folder with one file per date, and of the version
before it is taken over what has not changed (files as hard links, the database as a copy in which the newest dates are
replaced). So what a week costs to publish does not grow with the weeks behind it. Whether rows have changed is told by
fingerprints of each date, which the manifest keeps.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
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
# Value of the partition column -> rows and checksum of its rows; a mart without such a column has one part, called "".
Parts = dict[str, list[Any]]


@dataclass(frozen=True)
class Mart:
    """A table to publish.

    Attributes:
        name: Table in schema `marts` of the warehouse, and its published name.
        grain: Columns that identify a row; rows are written in their order, the rest of the columns after them.
        description: What the table holds.
        column_descriptions: What its columns hold.
        partition: The date column, the first of the grain, by which it is published; None: in one piece.
    """

    name: str
    grain: tuple[str, ...]
    description: str
    column_descriptions: dict[str, str]
    partition: str | None = None

    @property
    def order(self) -> str:
        """Without a known grain all columns are the order, so that only equal rows can change places."""
        return ", ".join(map(identifier, self.grain)) or "all"


@dataclass(frozen=True)
class Written:
    """What lies in the folder of a new version.

    Attributes:
        parts: Mart -> its parts.
        taken: Parquet files that are those of the version before.
    """

    parts: dict[str, Parts]
    taken: frozenset[Path]


class Earlier:
    """What can be taken over from the version before; nothing, if it cannot be read or is not what was published.

    Attributes:
        parts: Mart -> its parts.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, Parts] = {}
        if folder is not None:
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
                self._files, self.parts = manifest["files"], manifest["parts"]

    def take_database(self, folder: Path) -> None:
        """Copies its database into a folder; without a whole one nothing is taken over from it."""
        copy = folder / MARTS_FILE
        if self.parts:
            with suppress(OSError, KeyError, TypeError):
                shutil.copyfile(self._folder / MARTS_FILE, copy)
                if sha256_of(copy) == self._files[MARTS_FILE]["sha256"]:
                    return
        copy.unlink(missing_ok=True)
        self.parts = {}

    def take_file(self, name: str, folder: Path) -> bool:
        """Links one of its files into a folder; returns whether that went well."""
        try:
            if sha256_of(self._folder / name) != self._files[name]["sha256"]:
                return False
            os.link(self._folder / name, folder / name)
        except (OSError, KeyError, TypeError):
            return False
        return True


def write_marts(warehouse: Path, folder: Path, marts: list[Mart], earlier: Path | None) -> Written:
    """Writes the files of all marts.

    Args:
        warehouse: The DuckDB file with the built marts.
        folder: The empty folder of the new version.
        marts: What to write.
        earlier: Folder of the version before it; None: there is none.

    Returns:
        What was written.

    Raises:
        ChecksFailed: A mart has keys that are there twice.
    """
    before = Earlier(earlier)
    before.take_database(folder)
    config = {**limits(warehouse), "storage_compatibility_version": STORAGE_VERSION}
    with duckdb.connect(str(folder / MARTS_FILE), config=config) as connection, interruptible(connection):
        connection.execute(f"attach {literal(warehouse)} as warehouse (read_only)")
        parts = {mart.name: _parts(connection, _source(mart), mart) for mart in marts}
        kept = {mart.name: _kept(connection, mart, parts[mart.name], before) for mart in marts}
        for mart in marts:
            _make_room(connection, mart, kept[mart.name])
        _drop_others(connection, marts)
        # The room of what is gone is used again only after this.
        connection.execute("checkpoint")
        taken: set[Path] = set()
        for mart in marts:
            _fill(connection, mart, parts[mart.name], kept[mart.name])
            taken |= _write_parquet(connection, folder, mart, parts[mart.name], before)
            _describe(connection, mart)
        connection.execute("detach warehouse")
        # Closing would checkpoint too, but say nothing if the disk is full.
        connection.execute("checkpoint")
    return Written(parts, frozenset(taken))


def verify_marts(warehouse: Path, folder: Path, marts: list[Mart], written: Written) -> None:
    """Compares columns, types, rows and content of what was written with the warehouse.

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
            columns, parts = _columns(connection, _source(mart)), written.parts[mart.name]
            copies = {f"published.{identifier(mart.name)}": parts}
            if new := [path for path in _parquet_files(folder, mart, parts) if path not in written.taken]:
                files = f"read_parquet([{', '.join(map(literal, new))}], hive_partitioning = false)"
                copies[files] = {part: parts[part] for part in (_part_of(path, mart) for path in new)} if parts else parts
            for relation, expected in copies.items():
                if _columns(connection, relation) != columns or _parts(connection, relation, mart) != expected:
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


def _parts(connection: duckdb.DuckDBPyConnection, relation: str, mart: Mart) -> Parts:
    part = f"cast({identifier(mart.partition)} as varchar)" if mart.partition else "''"
    rows = connection.execute(
        f"select {part} as part, count(*), cast(sum(hash(t)) as varchar) from {relation} as t group by all order by all"
    ).fetchall()
    return {part: [count, checksum] for part, count, checksum in rows} or ({} if mart.partition else {"": [0, None]})


def _kept(connection: duckdb.DuckDBPyConnection, mart: Mart, parts: Parts, before: Earlier) -> set[str]:
    """The parts of a mart that the copied database holds as they should be: up to the first that differs, so that dates stay in order."""
    earlier = before.parts.get(mart.name)
    if earlier is None or _columns(connection, identifier(mart.name)) != _columns(connection, _source(mart)):
        return set()
    changed = [part for part in {*parts, *earlier} if parts.get(part) != earlier.get(part)]
    return {part for part in parts if not changed or part < min(changed)}


def _make_room(connection: duckdb.DuckDBPyConnection, mart: Mart, kept: set[str]) -> None:
    table = identifier(mart.name)
    if not kept:
        connection.execute(f"drop table if exists {table}")
    elif mart.partition:
        connection.execute(f"delete from {table} where {identifier(mart.partition)} > {literal(max(kept))}::date")


def _drop_others(connection: duckdb.DuckDBPyConnection, marts: list[Mart]) -> None:
    names = {mart.name for mart in marts}
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database()"
    ).fetchall():
        if name not in names:
            connection.execute(f"drop table {identifier(name)}")


def _fill(connection: duckdb.DuckDBPyConnection, mart: Mart, parts: Parts, kept: set[str]) -> None:
    if kept and kept == set(parts):
        return
    newer = f" where {identifier(mart.partition)} > {literal(max(kept))}::date" if kept else ""
    rows = f"{_source(mart)}{newer}"
    keys = ", ".join(map(identifier, mart.grain))
    # Hashes of keys are counted in a quarter of the time that the keys take; only if two are the same, the keys are looked at.
    if mart.grain and connection.execute(f"select count(distinct hash({keys})) < count(*) from {rows}").fetchone()[0]:
        repeated = connection.execute(
            f"select count(*) from (select 1 from {rows} group by {keys} having count(*) > 1)"
        ).fetchone()[0]
        if repeated:
            raise ChecksFailed(f"Mart {mart.name} has {repeated} keys ({keys}) with more than one row.")
    into = f"insert into {identifier(mart.name)}" if kept else f"create table {identifier(mart.name)} as"
    connection.execute(f"{into} select * from {rows} order by {mart.order}")


def _parquet_files(folder: Path, mart: Mart, parts: Parts) -> list[Path]:
    """One per part, except that a mart in one piece, or without rows, is one file."""
    place = folder / f"{mart.name}.parquet"
    return [place / f"{part}.parquet" for part in parts] if mart.partition and parts else [place]


def _part_of(path: Path, mart: Mart) -> str:
    return path.stem if path.stem != mart.name else ""


def _write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path, mart: Mart, parts: Parts, before: Earlier) -> set[Path]:
    """Writes the Parquet files of a mart; returns those that were taken over."""
    taken, earlier = set(), before.parts.get(mart.name, {})
    for path in _parquet_files(folder, mart, parts):
        path.parent.mkdir(exist_ok=True)
        part = _part_of(path, mart)
        if part and earlier.get(part) == parts[part] and before.take_file(str(path.relative_to(folder)), folder):
            taken.add(path)
            continue
        rows = (
            f"{identifier(mart.name)} where {identifier(mart.partition)} = {literal(part)}::date"
            if part
            else identifier(mart.name)
        )
        connection.execute(f"copy (select * from {rows}) to {literal(path)} (format parquet, compression zstd)")
    return taken


def _describe(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Descriptions travel with the file, so that a BI tool shows them."""
    table = identifier(mart.name)
    existing = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    comments = [f"comment on table {table} is {literal(mart.description)}"] if mart.description else []
    comments += [
        f"comment on column {table}.{identifier(column)} is {literal(description)}"
        for column, description in mart.column_descriptions.items()
        if column in existing
    ]
    # In one transaction: each of its own would be brought to the disk.
    connection.execute("; ".join(["begin", *comments, "commit"]))
