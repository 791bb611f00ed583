"""The result of one check, whatever made it: a dbt test, an expectation, or a feed check. One row of mart dq_results."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from pathlib import Path

import duckdb

PASSED, WARNED, FAILED, SKIPPED = "passed", "warned", "failed", "skipped"
CRITICAL, WARNING = "critical", "warning"


@dataclass(frozen=True)
class CheckResult:
    """One check of a run.

    Attributes:
        layer: Step of the run after which it was checked (inputs, seeds, staging, indicators, marts).
        table_name: Table that was checked.
        check_code: Name of the check, unique within a run.
        check_kind: `dbt`, `great_expectations` or `feed`.
        severity: `critical` stops a run, `warning` is reported.
        status: `passed`, `warned`, `failed` or `skipped` (not run: an earlier failure, or a feed that is declared absent).
        observed: What was found.
        expected: What should have been found.
        reason: Why this is checked.
        action: What its owner does about it.
    """

    layer: str
    table_name: str
    check_code: str
    check_kind: str
    severity: str
    status: str
    observed: str = ""
    expected: str = ""
    reason: str = ""
    action: str = ""


COLUMNS = [field.name for field in fields(CheckResult)]


def write_results(warehouse: Path, run_id: str, results: list[CheckResult]) -> None:
    """Replaces table marts.dq_results of the warehouse by the checks of this run."""
    rows = [(run_id, *astuple(result)) for result in sorted(results, key=lambda result: result.check_code)]
    columns = ", ".join(f"{name} varchar" for name in ["run_id", *COLUMNS])
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.dq_results ({columns})")
        if rows:
            # One statement with a list for each column: row by row it takes a second.
            lists = ", ".join("unnest(?::varchar[])" for _ in rows[0])
            connection.execute(f"insert into marts.dq_results select {lists}", [list(column) for column in zip(*rows, strict=True)])
