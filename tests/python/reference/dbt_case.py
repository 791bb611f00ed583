"""Builds one case with dbt in a copy of the project and compares the marts with the reference.

``python -m reference.dbt_case --project DIR --seeds 0 20`` (with ``tests/python`` on the path) tries twenty random cases.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import islice
from pathlib import Path

import duckdb

from .compare import compare
from .random_raw import write_deliveries, write_random_raw, write_random_seeds
from .rules import build_expected

_COPIED = (
    "models",
    "macros",
    "seeds",
    "tests",
    "analyses",
    "snapshots",
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "packages.yml",
    "dbt_packages",
    "churn_warning",
)


def copy_project(project_dir: str | Path, target_dir: str | Path) -> Path:
    """Copies what dbt needs of a project (not its data or results); returns the copy's folder."""
    project_dir, target_dir = Path(project_dir), Path(target_dir)
    target_dir.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        source, target = project_dir / name, target_dir / name
        if target.is_dir():
            shutil.rmtree(target)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "python"))
        elif source.is_file():
            shutil.copy(source, target)
    return target_dir


def build_with_dbt(
    project_dir: Path, raw_dir: Path, as_of: date, weeks: int | None, warehouse: Path, extra: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Runs ``dbt build`` without unit tests in a project folder; the result holds the output and the exit code."""
    environment = {
        **os.environ,
        "CHURN_WARNING_RAW_DIR": str(raw_dir),
        "CHURN_WARNING_AS_OF": as_of.isoformat(),
        "CHURN_WARNING_WEEKS": str(weeks) if weeks else "",
        "CHURN_WARNING_WAREHOUSE": str(warehouse),
        "CHURN_WARNING_PROJECT_DIR": str(project_dir),
        "CHURN_WARNING_HASH_KEY": "a key that only the tests know",
        "PYTHONPATH": str(project_dir),  # the copy's own package, which its profile may name
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "--no-use-colors", "build", "--exclude-resource-types", "unit_test", *extra]
    # Random bands may well be such that no value falls into them.
    command += ["--exclude", "bands_can_be_met"]
    return subprocess.run(command, cwd=project_dir, env=environment, capture_output=True, text=True, check=False)


def run_case(
    project_dir: str | Path,
    work_dir: str | Path,
    seed: int,
    subscribers: int = 60,
    weeks: int = 16,
    vary_seeds: bool = True,
    column_named_folders: bool = False,
    keep_warehouse: bool = False,
) -> list[str]:
    """Writes random case ``seed``, builds it in a copy of the project below ``work_dir`` and returns the differences.

    ``keep_warehouse`` builds on what the case before left: other data, but the same result as from nothing. A failed build is
    one difference with the end of dbt's output. The raw folder, the copy and the warehouse file stay in ``work_dir`` for a look.
    """
    work_dir = Path(work_dir)
    copy = copy_project(project_dir, work_dir / "project")
    case = write_random_raw(work_dir, seed, subscribers, weeks, column_named_folders=column_named_folders)
    if vary_seeds:
        write_random_seeds(Path(project_dir) / "seeds", copy / "seeds", seed, case.feed_expectations)
    else:
        shutil.copy(case.feed_expectations, next((copy / "seeds").rglob("feed_expectations.csv")))
    expected = build_expected(case.raw_dir, copy / "seeds", case.as_of, case.weeks)
    warehouse = work_dir / "warehouse.duckdb"
    if not keep_warehouse:
        warehouse.unlink(missing_ok=True)
    built = build_with_dbt(copy, case.raw_dir, case.as_of, case.weeks, warehouse)
    head = f"case {seed}: as_of {case.as_of}, weeks {case.weeks}, absent {sorted(case.absent)}"
    if built.returncode:
        return [f"{head}: dbt build failed\n{built.stdout[-1500:]}\n{built.stderr[-500:]}"]
    return [f"{head}: {line}" for line in compare(expected, warehouse)]


def run_deliveries(
    project_dir: str | Path, work_dir: str | Path, seed: int, subscribers: int = 60, weeks: int = 16, deliveries: int = 3
) -> list[str]:
    """Builds the first deliveries of random case ``seed`` one on top of the other and returns the differences after each of them.

    The reference knows nothing of earlier deliveries: it makes everything anew from what lies in the raw folder.
    """
    project_dir, work_dir = Path(project_dir), Path(work_dir)
    copy = copy_project(project_dir, work_dir / "project")
    warehouse = work_dir / "warehouse.duckdb"
    warehouse.unlink(missing_ok=True)
    differences = []
    for number, case in enumerate(islice(write_deliveries(work_dir, seed, subscribers, weeks), deliveries)):
        shutil.copy(case.feed_expectations, next((copy / "seeds").rglob("feed_expectations.csv")))
        built = build_with_dbt(
            copy, case.raw_dir, case.as_of, case.weeks, warehouse, ("test",)
        )
        head = f"case {seed}, delivery {number}: as_of {case.as_of}, weeks {case.weeks}, absent {sorted(case.absent)}"
        if built.returncode:
            return [*differences, f"{head}: dbt build failed\n{built.stdout[-1500:]}\n{built.stderr[-500:]}"]
        expected = build_expected(case.raw_dir, copy / "seeds", case.as_of, case.weeks)
        differences += [f"{head}: {line}" for line in compare(expected, warehouse)]
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            is_everything = connection.execute("select bool_or(is_everything) from staging.cdr_days_to_build").fetchone()[0]
        if number and is_everything:
            differences.append(f"{head}: all days were built anew, so nothing was tried")
    return differences


def main() -> int:
    """Runs a range of random cases and prints the differences; exit code 1 if there are any."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--project", default=".", help="the dbt project")
    parser.add_argument("--work", default=None, help="working folder (default: a new temporary one)")
    parser.add_argument("--seeds", nargs=2, type=int, default=(0, 10), metavar=("FIRST", "END"))
    parser.add_argument("--subscribers", type=int, default=60)
    parser.add_argument("--weeks", type=int, default=16)
    parser.add_argument("--default-seeds", action="store_true", help="do not vary scorecards and thresholds")
    parser.add_argument("--column-named-folders", action="store_true", help="folders that are named like columns, see random_raw")
    parser.add_argument("--deliveries", action="store_true", help="build each case in three deliveries, see random_raw")
    parser.add_argument("--keep-warehouse", action="store_true", help="build each case on top of the one before")
    arguments = parser.parse_args()
    work = Path(arguments.work or tempfile.mkdtemp(prefix="reference_case_"))
    failed = 0
    for seed in range(*arguments.seeds):
        start = time.monotonic()
        found = run_deliveries(arguments.project, work, seed) if arguments.deliveries else run_case(
            arguments.project,
            work,
            seed,
            arguments.subscribers,
            arguments.weeks,
            vary_seeds=not arguments.default_seeds,
            column_named_folders=arguments.column_named_folders,
            keep_warehouse=arguments.keep_warehouse,
        )
        failed += bool(found)
        print(f"case {seed}: {len(found)} differences, {time.monotonic() - start:.0f} s", flush=True)
        for line in found:
            print("  " + line, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
