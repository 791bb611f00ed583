"""Publishing: a new version folder with the marts, verified, then made current in one step; and the way back.

<publish-dir>/versions/<run id>/marts.duckdb, <mart>.parquet (mart_files.py), manifest.json, run.json, quality.html
<publish-dir>/current -> versions/<run id>

While a version is made, these exist beside them; whatever a killed process left of them goes with the next publish:
versions/.new-<run id> is being written, versions/.old-<run id> is being deleted, and `.next` is the link that becomes
`current`. A version that `.next` names has never been current and is not listed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

from churn_warning.errors import ChecksFailed, WrongUse, storage_error
from churn_warning.lock import run_lock
from churn_warning.mart_files import MANIFEST_FILE, Mart, sha256_of, verify_marts, write_marts

RUN_FILE = "run.json"
_NEXT = ".next"
QUALITY_FILE = "quality.html"
_DEFAULT_KEEP = 5


@dataclass(frozen=True)
class Version:
    """A published version.

    Attributes:
        run_id: Name of the version and of its folder.
        path: Its folder.
        published_at: UTC; blank if the manifest cannot be read.
        as_of_date: The day it judges; blank if it has none.
        is_current: Whether readers see it.
        replaces: The version that was current when this one was published; None: there was none, or it is not known.
        problem: Why it cannot be used; blank: nothing known.
    """

    run_id: str
    path: Path
    published_at: str
    as_of_date: str
    is_current: bool
    replaces: str | None = None
    problem: str = ""


def mart_of(node: Any) -> Mart:
    """The mart of a dbt model: its grain is `meta.grain`, else its primary key; `meta.published_by` is its date column.

    With `meta.published_as: view` it is a view of marts.duckdb if it is one in the warehouse.
    """
    meta = node.config.meta or {}
    grain = meta.get("grain") or _primary_key(node)
    descriptions = {column.name: column.description for column in node.columns.values() if column.description}
    as_view = meta.get("published_as") == "view"
    return Mart(node.name, tuple(grain), node.description, descriptions, meta.get("published_by"), as_view)


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
        WrongUse: The folder cannot be published into.
        AlreadyRunning: Another run is publishing into the same folder.
        RunnerError: The disk is full or broken.
    """
    require_publish_dir(publish_dir)
    with run_lock(publish_dir / ".publish.lock"):
        try:
            _remove_left_overs(publish_dir)
            keep = _keep_versions(warehouse)
            folder = publish_dir / "versions" / f".new-{run_id}"
            folder.mkdir()
            replaced = _current(publish_dir)
            written = write_marts(warehouse, folder, marts, replaced)
            verify_marts(warehouse, folder, marts, written)
            rows = {name: sum(count for count, _ in parts.values()) for name, parts in written.parts.items()}
            for name, text in run_reports(rows).items():
                (folder / name).write_text(text, encoding="utf-8")
            origin = {"run_id": run_id, "replaces": replaced.name if replaced else None}
            _write_manifest(folder, {**origin, **facts, "rows": rows, "parts": written.parts, "tables": written.tables}, written.checksums)
            version = _make_new_current(publish_dir, folder, run_id)
        except BaseException as error:
            shutil.rmtree(publish_dir / "versions" / f".new-{run_id}", ignore_errors=True)
            if isinstance(error, (OSError, duckdb.Error)) and (explained := storage_error(error, publish_dir)):
                raise explained from None
            raise
        # From here on the new version is published: what goes wrong with the old ones is left to the next time.
        _drop_old(publish_dir, keep, replaced)
    return version


def require_publish_dir(publish_dir: Path) -> None:
    """Makes the folder of the published versions if it does not exist.

    Raises:
        WrongUse: It cannot be made or written.
    """
    problem = ""
    try:
        (publish_dir / "versions").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = error.strerror or str(error)
    else:
        for folder in (publish_dir, publish_dir / "versions"):
            if not os.access(folder, os.W_OK | os.X_OK):
                problem = f"{folder.name} cannot be written"
        if (publish_dir / "current").exists() and not (publish_dir / "current").is_symlink():
            problem = "current is not a link to a version, so it was not made by churn-warning"
    if problem:
        raise WrongUse(
            f"The publish folder cannot be used: {problem}.",
            where=str(publish_dir),
            next_step="Correct the folder, or name another one with --publish-dir.",
        )


def list_versions(publish_dir: Path) -> list[Version]:
    """All published versions, newest first; those whose manifest cannot be read come last."""
    current = _current(publish_dir)
    never_current = _target(publish_dir / _NEXT)
    found = []
    for manifest_path in (publish_dir / "versions").glob(f"[!.]*/{MANIFEST_FILE}"):
        folder = manifest_path.parent
        if folder.name == never_current:
            continue
        try:
            manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
            facts = (manifest["published_at"], manifest.get("as_of_date") or "", folder == current, manifest.get("replaces"))
            found.append(Version(folder.name, folder, *facts))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            found.append(Version(folder.name, folder, "", "", folder == current, problem=f"{MANIFEST_FILE} cannot be read"))
    return sorted(found, key=_age, reverse=True)


def current_version(publish_dir: Path) -> str | None:
    """The run id of the version that readers see; None: nothing is published."""
    return _target(publish_dir / "current")


def rollback(publish_dir: Path, run_id: str | None = None) -> Version:
    """Makes an earlier version current again.

    Args:
        publish_dir: Folder of the published versions.
        run_id: The version; None: the one that the current one replaced, else the newest one that is older.

    Raises:
        WrongUse: There is no such version.
        ChecksFailed: The version's files are damaged.
        AlreadyRunning: A run is publishing into the same folder at this moment.
    """
    nothing = WrongUse(
        f"There is no version {run_id}." if run_id else "There is no earlier version to go back to.",
        where=str(publish_dir / "versions"),
        next_step="See what there is: churn-warning publish list",
    )
    if not publish_dir.is_dir():
        raise nothing
    with run_lock(publish_dir / ".publish.lock"):
        versions = list_versions(publish_dir)
        chosen = [version for version in versions if version.run_id == run_id] if run_id else _before_current(versions)
        if not chosen:
            raise nothing
        verify_files(chosen[0].path)
        link = publish_dir / ".back"
        _point(link, chosen[0].path)
        _switch(publish_dir, link)
    return chosen[0]


def verify_files(version: Path) -> dict[str, Any]:
    """Compares every file of a version with its checksum in the manifest.

    Returns:
        The manifest.

    Raises:
        ChecksFailed: A file is missing or was changed, or the manifest cannot be read.
    """
    damaged = MANIFEST_FILE
    try:
        manifest = json.loads((version / MANIFEST_FILE).read_text(encoding="utf-8"))
        for damaged, expected in manifest["files"].items():
            if sha256_of(version / damaged) != expected["sha256"]:
                break
        else:
            return manifest
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise ChecksFailed(
        f"{damaged} is missing or is not what was published.",
        where=str(version),
        next_step="Go back to a version that is whole: churn-warning publish rollback VERSION (publish list names them);"
        " or publish again: churn-warning run",
    )


def _write_manifest(folder: Path, content: dict[str, Any], known: dict[Path, str]) -> None:
    """Names every file of the folder with its checksum, which may be known, and brings all of it to the disk."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {
        str(path.relative_to(folder)): {"sha256": known.get(path) or sha256_of(path), "bytes": path.stat().st_size}
        for path in paths
    }
    _write_json(folder / MANIFEST_FILE, {**content, "published_at": _now(), "files": files})
    for path in (*folder.rglob("*"), folder):
        _flush(path)


def _make_new_current(publish_dir: Path, folder: Path, run_id: str) -> Path:
    """Gives a finished folder its name and switches to it.

    The link exists before the name and goes in the same step in which the version becomes current: so a version that
    never was current, because the process was killed in between, is known by it.
    """
    version = folder.with_name(run_id)
    link = publish_dir / _NEXT
    _point(link, version)
    folder.rename(version)
    _flush(version.parent)
    _switch(publish_dir, link)
    return version


def _point(link: Path, version: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version.name)
    _flush(link.parent)


def _switch(publish_dir: Path, link: Path) -> None:
    """Replacing a link is one atomic step: a reader sees the old version or the new one, never neither."""
    os.replace(link, publish_dir / "current")
    _flush(publish_dir)


def _remove_left_overs(publish_dir: Path) -> None:
    """Removes what a killed process left."""
    versions_dir = publish_dir / "versions"
    left_over = [*versions_dir.glob(".new-*"), *versions_dir.glob(".old-*")]
    never_current = _target(publish_dir / _NEXT)
    if never_current and (versions_dir / never_current).is_dir():
        left_over.append(versions_dir / never_current)
    for folder in left_over:
        shutil.rmtree(folder)
    (publish_dir / _NEXT).unlink(missing_ok=True)


def _drop_old(publish_dir: Path, keep: int, replaced: Path | None) -> None:
    """Keeps the newest versions, the current one, and the one it replaced, which somebody may be reading."""
    for version in list_versions(publish_dir)[keep:]:
        if not version.is_current and version.path != replaced:
            # Under this name it is no version any more, so nobody can go back to a half of it.
            doomed = version.path.with_name(f".old-{version.run_id}")
            with suppress(OSError):
                version.path.rename(doomed)
                shutil.rmtree(doomed)


def _keep_versions(warehouse: Path) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select try_cast(value as integer) from seeds.parameters where parameter_code = 'keep_versions'"
        ).fetchone()
    return row[0] if row and row[0] else _DEFAULT_KEEP


def _before_current(versions: list[Version]) -> list[Version]:
    """The version to go back to, in a list of one or none; not simply the next older one, which may have been rolled back."""
    current = next((version for version in versions if version.is_current), None)
    others = [version for version in versions if not version.is_current and not version.problem]
    if current is None or current.problem:
        return others[:1]
    replaced = [version for version in others if version.run_id == current.replaces]
    older = [version for version in others if _age(version) < _age(current)]
    return (replaced or older)[:1]


def _age(version: Version) -> tuple[str, str]:
    return version.published_at, version.run_id


def _current(publish_dir: Path) -> Path | None:
    name = current_version(publish_dir)
    return publish_dir / "versions" / name if name else None


def _target(link: Path) -> str | None:
    return Path(os.readlink(link)).name if link.is_symlink() else None


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
