"""Publishing: a new version folder with the marts, verified, then made current in one step; and the way back.

<publish-dir>/versions/<run id>/marts.duckdb, <mart>.parquet, manifest.json, run.json, quality.html
<publish-dir>/current -> versions/<run id>
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

from churn_warning.errors import ChecksFailed, WrongUse
from churn_warning.lock import run_lock

MARTS_FILE, MANIFEST_FILE, RUN_FILE = "marts.duckdb", "manifest.json", "run.json"
QUALITY_FILE = "quality.html"
_DEFAULT_KEEP = 5


@dataclass(frozen=True)
class Mart:
    """A table to publish.

    Attributes:
        name: Table in schema `marts` of the warehouse, and its published name.
        grain: Columns that identify a row; rows are written in their order, the rest of the columns after them.
        description: What the table holds.
        column_descriptions: What its columns hold.
    """

    name: str
    grain: tuple[str, ...]
    description: str
    column_descriptions: dict[str, str]


@dataclass(frozen=True)
class Version:
    """A published version."""

    run_id: str
    path: Path
    published_at: str
    as_of_date: str
    is_current: bool


def mart_of(node: Any) -> Mart:
    """The mart of a dbt model: its grain is `meta.grain`, else its primary key."""
    grain = (node.config.meta or {}).get("grain") or _primary_key(node)
    descriptions = {column.name: column.description for column in node.columns.values() if column.description}
    return Mart(node.name, tuple(grain), node.description, descriptions)


def publish(
    warehouse: Path,
    publish_dir: Path,
    marts: list[Mart],
    run_id: str,
    facts: dict[str, Any],
    run_reports: Callable[[dict[str, int]], dict[str, str]],
) -> Path:
    """Writes, verifies and makes current a new version; what is published stays as it is until the last step.

    Args:
        warehouse: The DuckDB file with the built marts; nobody may have it open for writing.
        publish_dir: Folder of the published versions; made if it does not exist.
        marts: What to publish.
        run_id: Name of the version.
        facts: Further content of manifest.json.
        run_reports: Given the rows per mart, the texts of further files (run.json, quality.html) by name.

    Returns:
        The folder of the new version.

    Raises:
        ChecksFailed: What was written is not what is in the warehouse.
        AlreadyRunning: Another run is publishing into the same folder.
    """
    versions_dir = publish_dir / "versions"
    versions_dir.mkdir(parents=True, exist_ok=True)
    with run_lock(publish_dir / ".publish.lock"):
        for left_over in versions_dir.glob(".new-*"):
            shutil.rmtree(left_over)
        folder = versions_dir / f".new-{run_id}"
        folder.mkdir()
        rows = _write_marts(warehouse, folder, marts)
        _verify_marts(warehouse, folder, marts)
        for name, text in run_reports(rows).items():
            (folder / name).write_text(text, encoding="utf-8")
        files = {path.name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for path in sorted(folder.iterdir())}
        manifest = {"run_id": run_id, "published_at": _now(), **facts, "rows": rows, "files": files}
        _write_json(folder / MANIFEST_FILE, manifest)
        for path in folder.iterdir():
            _flush(path)
        version = versions_dir / run_id
        folder.rename(version)
        verify_files(version)
        _make_current(publish_dir, version)
        _drop_old(publish_dir, _keep_versions(warehouse))
    return version


def list_versions(publish_dir: Path) -> list[Version]:
    """All published versions, newest first."""
    current = _current(publish_dir)
    found = []
    for manifest_path in (publish_dir / "versions").glob(f"[!.]*/{MANIFEST_FILE}"):
        manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
        folder = manifest_path.parent
        found.append(Version(folder.name, folder, manifest["published_at"], manifest.get("as_of_date") or "", folder == current))
    return sorted(found, key=lambda version: (version.published_at, version.run_id), reverse=True)


def rollback(publish_dir: Path, run_id: str | None = None) -> Version:
    """Makes an earlier version current again.

    Args:
        publish_dir: Folder of the published versions.
        run_id: The version; None: the one published before the current one.

    Raises:
        WrongUse: There is no such version.
        ChecksFailed: The version's files are damaged.
    """
    versions = list_versions(publish_dir)
    if run_id is None:
        position = next((i for i, version in enumerate(versions) if version.is_current), -1)
        chosen = versions[position + 1 : position + 2]
    else:
        chosen = [version for version in versions if version.run_id == run_id]
    if not chosen:
        raise WrongUse(
            f"There is no version {run_id}." if run_id else "There is no earlier version to go back to.",
            where=str(publish_dir / "versions"),
            next_step="See what there is: churn-warning publish list",
        )
    with run_lock(publish_dir / ".publish.lock"):
        verify_files(chosen[0].path)
        _make_current(publish_dir, chosen[0].path)
    return chosen[0]


def verify_files(version: Path) -> None:
    """Raises ChecksFailed unless every file of a version has the checksum that its manifest names."""
    manifest = json.loads((version / MANIFEST_FILE).read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        path = version / name
        if not path.is_file() or sha256_of(path) != expected["sha256"]:
            raise ChecksFailed(
                f"{name} is missing or is not what was published.",
                where=str(version),
                next_step="Delete this version's folder, or publish again: churn-warning run",
            )


def sha256_of(path: Path) -> str:
    """Checksum of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _write_marts(warehouse: Path, folder: Path, marts: list[Mart]) -> dict[str, int]:
    rows = {}
    with duckdb.connect(str(folder / MARTS_FILE)) as connection:
        connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        for mart in marts:
            # Without a known grain all columns are the order, so that only equal rows can change places.
            order = ", ".join(map(_name, mart.grain)) or "all"
            connection.execute(
                f"create table {_name(mart.name)} as select * from warehouse.marts.{_name(mart.name)} order by {order}"
            )
            connection.execute(
                f"copy {_name(mart.name)} to {_text(folder / f'{mart.name}.parquet')} (format parquet, compression zstd)"
            )
            rows[mart.name] = connection.execute(f"select count(*) from {_name(mart.name)}").fetchone()[0]
            _describe(connection, mart)
        connection.execute("detach warehouse")
    return rows


def _describe(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    """Descriptions travel with the file, so that a BI tool shows them."""
    existing = {row[0] for row in connection.execute(f"describe {_name(mart.name)}").fetchall()}
    if mart.description:
        connection.execute(f"comment on table {_name(mart.name)} is {_text(mart.description)}")
    for column, description in mart.column_descriptions.items():
        if column in existing:
            connection.execute(f"comment on column {_name(mart.name)}.{_name(column)} is {_text(description)}")


def _verify_marts(warehouse: Path, folder: Path, marts: list[Mart]) -> None:
    """Compares columns, types, rows and content of what was written with the warehouse."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        connection.execute(f"attach {_text(folder / MARTS_FILE)} as published (read_only)")
        for mart in marts:
            source = f"warehouse.marts.{_name(mart.name)}"
            expected = _fingerprint(connection, source)
            if mart.grain:
                keys = ", ".join(map(_name, mart.grain))
                repeated = connection.execute(
                    f"select count(*) from (select 1 from {source} group by {keys} having count(*) > 1)"
                ).fetchone()[0]
                if repeated:
                    raise ChecksFailed(f"Mart {mart.name} has {repeated} keys ({keys}) with more than one row.")
            for copy in (f"published.{_name(mart.name)}", f"read_parquet({_text(folder / f'{mart.name}.parquet')})"):
                if _fingerprint(connection, copy) != expected:
                    raise ChecksFailed(
                        f"Mart {mart.name} was not written as it is in the warehouse.",
                        where=str(folder),
                        next_step="Check the disk, then run again; nothing was published.",
                    )


def _fingerprint(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[Any, ...]:
    columns = [row[:2] for row in connection.execute(f"describe select * from {relation}").fetchall()]
    content = connection.execute(f"select count(*), sum(hash(t)) from {relation} as t").fetchone()
    return (columns, *content)


def _make_current(publish_dir: Path, version: Path) -> None:
    """Replacing a link is one atomic step: a reader sees the old version or the new one, never neither."""
    link = publish_dir / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version.name)
    os.replace(link, publish_dir / "current")
    _flush(publish_dir)


def _drop_old(publish_dir: Path, keep: int) -> None:
    for version in list_versions(publish_dir)[keep:]:
        if not version.is_current:
            shutil.rmtree(version.path)


def _keep_versions(warehouse: Path) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select try_cast(value as integer) from seeds.parameters where parameter_code = 'keep_versions'"
        ).fetchone()
    return max(row[0], 1) if row and row[0] else _DEFAULT_KEEP


def _current(publish_dir: Path) -> Path | None:
    link = publish_dir / "current"
    return publish_dir / "versions" / Path(os.readlink(link)).name if link.is_symlink() else None


def _primary_key(node: Any) -> list[str]:
    for constraint in node.constraints:
        if constraint.type == "primary_key":
            return list(constraint.columns)
    return [
        column.name
        for column in node.columns.values()
        if any(constraint.type == "primary_key" for constraint in column.constraints)
    ]


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _flush(path: Path) -> None:
    """Makes sure that it is on the disk and not only in memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
