"""What is delivered late or again changes the observations whose windows contain it, and no others; the old days are not read for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from conftest import REPOSITORY, FinishedRun
from dbt.cli.main import dbtRunner
from reference.dbt_case import run_deliveries

from churn_warning.dbt_project import close_connections

MARTS = ("fct_indicators", "fct_weekly_alerts", "fct_daily_alerts", "fct_alert_contributions", "fct_loss_judgements", "dq_reconciliation")
CALLS_DAY = date(2026, 5, 6)
CALLS_LINE = "S0000133"
JUNE_DAYS = [date(2026, 6, day) for day in range(22, 29)]
SUNDAYS = [date(2026, 5, 17), date(2026, 5, 24), date(2026, 5, 31), date(2026, 6, 7), date(2026, 6, 14), date(2026, 6, 21), *JUNE_DAYS]
# Line -> dates whose windows contain what is delivered late for it.
LATE = {
    # Longer calls on 6 May: in one of the four weeks before the week of these Sundays.
    CALLS_LINE: {date(2026, 5, 17), date(2026, 5, 24), date(2026, 5, 31), date(2026, 6, 7)},
    # A corrected bill of March: one of the last three, and present since April.
    "S0000222": set(SUNDAYS),
    # An answer of 25 June to a complaint that was due on the 23rd.
    "S0000123": {date(2026, 6, day) for day in (25, 26, 27, 28)},
    # A contract from 1 June on.
    "S0000113": {day for day in SUNDAYS if day >= date(2026, 6, 1)},
    # A suspension from 10 to 12 June.
    "S0000101": {date(2026, 6, 14)},
}
# One date or day at a time, as where there are millions of lines.
SMALL_PARTS = "{observations_per_part: 1, cdrs_per_part: 1}"


@pytest.fixture
def build(run_copy: FinishedRun, raw_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Builds all tables from the copied raw tables on top of what the finished run left."""

    def run(*options: str) -> None:
        monkeypatch.setenv("CHURN_WARNING_RAW_DIR", str(raw_copy))
        monkeypatch.setenv("CHURN_WARNING_WAREHOUSE", str(run_copy.warehouse))
        folders = ["--project-dir", str(run_copy.project), "--profiles-dir", str(run_copy.project)]
        kinds = ["--exclude-resource-types", "test", "unit_test"]
        outcome = dbtRunner().invoke(["--quiet", "build", *folders, *kinds, *options])
        assert outcome.success, outcome.exception
        close_connections()

    return run


def test_random_deliveries_one_on_top_of_the_other_give_what_the_reference_makes_of_the_raw_folder(tmp_path: Path) -> None:
    assert run_deliveries(REPOSITORY, tmp_path, seed=2, subscribers=40, weeks=9, deliveries=2) == []


def test_late_rows_change_exactly_the_observations_whose_windows_contain_them(
    run_copy: FinishedRun, raw_copy: Path, build: Callable[..., None]
) -> None:
    before = _marts(run_copy.warehouse)
    _deliver_late_rows(raw_copy)
    build()
    after = _marts(run_copy.warehouse)

    assert _query(run_copy.warehouse, "select usage_date, is_everything from staging.cdr_days_to_build") == [(CALLS_DAY, False)]
    read = {name for (name,) in _query(run_copy.warehouse, "select file_name from staging.cdr_files_to_read")}
    assert read == {f"{table}/day={CALLS_DAY}/part-0.parquet" for table in ("voice_cdrs", "sms_cdrs", "data_cdrs")}
    assert _changed(before, after, "fct_indicators") == LATE
    # An alert's state also depends on the weeks before it, so it may change later than its indicators, but for nobody else.
    for line, dates in _changed(before, after, "fct_weekly_alerts").items():
        assert min(dates) >= min(LATE[line])

    build("--full-refresh", "--vars", SMALL_PARTS)
    assert _query(run_copy.warehouse, "select bool_and(is_everything), count(*) from staging.cdr_days_to_build") == [(True, 70)]
    assert _marts(run_copy.warehouse) == after


def test_without_late_calls_only_the_changed_lines_of_older_dates_are_built(
    run_copy: FinishedRun, raw_copy: Path, build: Callable[..., None]
) -> None:
    before = _marts(run_copy.warehouse)
    _deliver_late_rows_of_small_tables(raw_copy)
    build("--vars", SMALL_PARTS)
    after = _marts(run_copy.warehouse)

    assert _query(run_copy.warehouse, "select as_of_date from intermediate.int_dates_to_build where is_whole") == [(max(SUNDAYS),)]
    expected = {line: dates for line, dates in LATE.items() if line != CALLS_LINE}
    lines = {line for (line,) in _query(run_copy.warehouse, "select subscriber_id from intermediate.int_lines_to_build")}
    assert expected.keys() <= lines
    assert len(lines) < _query(run_copy.warehouse, "select count(*) from staging.stg_subscribers")[0][0] / 2
    assert _changed(before, after, "fct_indicators") == expected
    # Others move on the lists of those whose alerts have changed; the places have to be those of a build from nothing, too.
    build("--full-refresh")
    assert _marts(run_copy.warehouse) == after


def test_nothing_new_is_nothing_to_read(run_copy: FinishedRun, build: Callable[..., None]) -> None:
    before = _marts(run_copy.warehouse)
    build()
    assert _query(run_copy.warehouse, "select count(*) from staging.cdr_files_to_read") == [(0,)]
    assert _marts(run_copy.warehouse) == before


def test_a_build_that_was_broken_off_is_made_good_even_if_the_delivery_was_taken_back(
    run_copy: FinishedRun, raw_copy: Path, demo_raw: Path, build: Callable[..., None]
) -> None:
    before = _marts(run_copy.warehouse)
    calls = f"voice_cdrs/day={CALLS_DAY}/part-0.parquet"
    # Nobody knows these lines: the day's rows go to the quarantine, and the build ends there.
    _rewrite(raw_copy / calls, "select * replace (subscriber_id || 'x' as subscriber_id) from {file}")
    build("--select", "path:models/staging")
    shutil.copy2(demo_raw / calls, raw_copy / calls)
    build()
    assert _query(run_copy.warehouse, "select usage_date from staging.cdr_days_to_build") == [(CALLS_DAY,)]
    assert _marts(run_copy.warehouse) == before


def _deliver_late_rows(raw: Path) -> None:
    _deliver_late_calls(raw)
    _deliver_late_rows_of_small_tables(raw)


def _deliver_late_calls(raw: Path) -> None:
    _rewrite(
        raw / f"voice_cdrs/day={CALLS_DAY}/part-0.parquet",
        "select * replace (case when subscriber_id = 'S0000133' then duration_s + 6000 else duration_s end as duration_s) from {file}",
    )


def _deliver_late_rows_of_small_tables(raw: Path) -> None:
    _rewrite(
        raw / "bills.parquet",
        """
        select * from {file}
        union all
        select * replace (total_fee + 500 as total_fee, updated_at + interval 1 day as updated_at) from {file}
        where subscriber_id = 'S0000222' and bill_month = date '2026-03-01'
        """,
    )
    _rewrite(
        raw / "complaints.parquet",
        """
        select * from {file}
        union all
        select * replace (timestamp '2026-06-25 10:00:00' as answered_at, timestamp '2026-06-25 10:00:00' as updated_at) from {file}
        where subscriber_id = 'S0000123' and answered_at is null
        """,
    )
    _rewrite(
        raw / "contracts.parquet",
        """
        select * from {file}
        union all by name
        select
            'late' as contract_id, 'S0000113' as subscriber_id, 'business' as contract_type,
            date '2026-06-01' as starts_on, date '2031-05-31' as ends_on, timestamp '2026-06-01 09:00:00' as updated_at
        """,
    )
    _rewrite(
        raw / "subscriber_status_events.parquet",
        """
        select * from {file}
        union all by name
        select 'S0000101' as subscriber_id, 'reported_suspended' as status_code, timestamp '2026-06-10 09:00:00' as changed_at
        union all by name
        select 'S0000101' as subscriber_id, 'active' as status_code, timestamp '2026-06-13 09:00:00' as changed_at
        """,
    )


def _rewrite(path: Path, query: str) -> None:
    new = path.with_suffix(".new")
    with duckdb.connect() as connection:
        file = f"read_parquet('{path}', hive_partitioning = false)"
        connection.execute(f"copy ({query.format(file=file)}) to '{new}' (format parquet)")
    new.replace(path)


def _marts(warehouse: Path) -> dict[str, list[dict]]:
    """All rows of the marts, in an order of their own, without what names the run."""
    content = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for mart in MARTS:
            cursor = connection.execute(f"select columns(c -> c <> 'run_id') from marts.{mart} order by all")
            names = [column[0] for column in cursor.description]
            content[mart] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return content


def _changed(before: dict[str, list[dict]], after: dict[str, list[dict]], mart: str) -> dict[str, set[date]]:
    """Line -> dates on which its rows differ. The rank in a list may change with the others of the list."""

    def rows(content: dict[str, list[dict]]) -> set[tuple]:
        return {tuple((name, value) for name, value in row.items() if name != "priority_rank") for row in content[mart]}

    changed: dict[str, set[date]] = {}
    for row in map(dict, rows(before) ^ rows(after)):
        changed.setdefault(row["subscriber_id"], set()).add(row["as_of_date"])
    return changed


def _query(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()
