"""What churn-warning finds on this machine and in this project, and what to do about what is missing."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from churn_warning import demo, hash_key, lock, publish, raw_files
from churn_warning.errors import RunnerError
from churn_warning.profile import size_text
from churn_warning.settings import Settings

OK, NOTE, PROBLEM = "ok", "note", "problem"
_PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "duckdb-sqlalchemy")
_LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer.

    Attributes:
        status: `ok`, `note` (a run works all the same) or `problem` (it would stop a run).
        topic: What was looked at.
        found: What was found.
        advice: What to do; empty if nothing.
    """

    status: str
    topic: str
    found: str
    advice: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Looks at everything that a run needs; changes nothing."""
    return [
        *_versions(),
        Finding(OK, "project", str(settings.project_dir)),
        *_raw_tables(settings),
        *_seeds(settings.project_dir),
        _warehouse(settings.warehouse),
        _lock(settings.lock_file),
        _published(settings.publish_dir),
        _hash_key(settings.raw_dir),
        _disk(settings.project_dir),
    ]


def _versions() -> list[Finding]:
    python = platform.python_version()
    findings = [
        Finding(OK, "python", f"{python} ({sys.executable})")
        if sys.version_info >= (3, 10)
        else Finding(PROBLEM, "python", python, "Install Python 3.10 or newer.")
    ]
    for package in _PACKAGES:
        try:
            findings.append(Finding(OK, package, version(package)))
        except PackageNotFoundError:
            findings.append(Finding(PROBLEM, package, "not installed", "Run make setup, and use .venv/bin/churn-warning."))
    return findings


def _raw_tables(settings: Settings) -> list[Finding]:
    raw_dir = settings.raw_dir
    if not raw_dir.is_dir():
        advice = "Name it with --raw-dir, or make demo data: churn-warning generate-demo"
        return [Finding(PROBLEM, "raw folder", f"{raw_dir} does not exist", advice)]
    findings = [Finding(OK, "raw folder", f"{raw_dir}{' (demo data)' if demo.is_demo(raw_dir) else ''}")]
    absent = _declared_absent(settings.project_dir)
    for table in _contract_tables(settings.project_dir):
        findings.append(_raw_table(raw_dir, table, table["name"] in absent))
    return findings


def _raw_table(raw_dir: Path, table: dict[str, Any], is_absent: bool) -> Finding:
    topic = f"raw {table['name']}"
    if is_absent:
        return Finding(OK, topic, "declared absent in seed feed_expectations")
    name = table["name"]
    layouts = [
        f"{name}.{kind}" if (raw_dir / f"{name}.{kind}").is_file() else f"{name}/**/*.{kind}"
        for kind in ("parquet", "csv")
        if (raw_dir / f"{name}.{kind}").is_file() or next((raw_dir / name).rglob(f"*.{kind}"), None)
    ]
    if not layouts:
        return Finding(PROBLEM, topic, "missing", "Deliver it, or set is_provided to false in seed feed_expectations.")
    if len(layouts) > 1:
        return Finding(PROBLEM, topic, "found as Parquet and as CSV", "Leave only one of them.")
    form = layouts[0]
    columns = ",".join(column["name"] for column in table["columns"])
    if problems := json.loads(raw_files.problems_of_files(str(raw_dir), form, json.dumps([form]), columns)):
        return Finding(PROBLEM, topic, problems[0], "Deliver the file again.")
    count = f"select count(*) from {raw_files.READERS[Path(form).suffix]}"
    answer = json.loads(raw_files.query_files(count, str(raw_dir), json.dumps([form])))
    if "problem" in answer:
        return Finding(PROBLEM, topic, answer["problem"], "Deliver the file again.")
    rows = answer["rows"][0][0]
    if not rows:
        return Finding(
            PROBLEM, topic, f"{form}: no rows", "Deliver it, or set is_provided to false in seed feed_expectations."
        )
    return Finding(OK, topic, f"{form}: {rows:,} rows")


def _seeds(project_dir: Path) -> list[Finding]:
    from churn_warning.seed_lint import lint_seeds

    problems = [str(problem) for problem in lint_seeds(project_dir / "seeds", None)]
    if not problems:
        return [Finding(OK, "seeds", "no errors")]
    return [Finding(PROBLEM, "seeds", problem, "Correct this line.") for problem in problems]


def _warehouse(path: Path) -> Finding:
    if not path.is_file():
        return Finding(OK, "warehouse", f"{path} (the first run makes it)")
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            return Finding(PROBLEM, "warehouse", f"{path} is open in another program", "Close that program.")
        return Finding(NOTE, "warehouse", f"{path} cannot be read", "The next run moves it aside and builds a new one.")
    return Finding(OK, "warehouse", f"{path} ({size_text(path.stat().st_size)})")


def _lock(path: Path) -> Finding:
    holder = lock.holder(path)
    if holder:
        return Finding(PROBLEM, "lock", f"a run is at work (process {holder})", "Wait until it is done.")
    return Finding(OK, "lock", "free")


def _published(publish_dir: Path) -> Finding:
    versions = publish.list_versions(publish_dir)
    current = next((version for version in versions if version.is_current), None)
    if current is None:
        return Finding(NOTE, "published", f"nothing yet in {publish_dir}", "Run: churn-warning run")
    try:
        publish.verify_files(current.path)
    except RunnerError as error:
        return Finding(NOTE, "published", error.message, error.next_step)
    return Finding(OK, "published", f"{current.run_id}, as of {current.as_of_date}; {len(versions)} versions in {publish_dir}")


def _hash_key(raw_dir: Path) -> Finding:
    """Whether personal data of this folder is hashed with a key that is secret."""
    if not raw_dir.is_dir():
        return Finding(NOTE, "hash key", "not needed yet: there is no raw folder")
    if problem := hash_key.problem_with_key(raw_dir):
        return Finding(PROBLEM, "hash key", problem, hash_key.ADVICE)
    return Finding(OK, "hash key", "set" if os.environ.get(hash_key.VARIABLE) else "the demo key, which will do for demo data")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        return Finding(NOTE, "disk", f"{size_text(free)} free", "Make room: a run may fill this.")
    return Finding(OK, "disk", f"{size_text(free)} free")


def _contract_tables(project_dir: Path) -> list[dict[str, Any]]:
    """The tables of the raw contract, read from where it is declared."""
    try:
        declared = yaml.safe_load((project_dir / "models/staging/_sources.yml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return []
    return [table for source in declared["sources"] if source["name"] == "raw" for table in source["tables"]]


def _declared_absent(project_dir: Path) -> set[str]:
    path = project_dir / "seeds/reference/feed_expectations.csv"
    if not path.is_file():
        return set()
    with duckdb.connect() as connection:
        rows = connection.execute("select table_name, lower(trim(is_provided)) from read_csv(?, all_varchar = true)", [str(path)])
        return {table for table, is_provided in rows.fetchall() if is_provided in ("false", "f", "0", "no")}

