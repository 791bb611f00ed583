"""Writes an operator's life as raw tables: DuckDB does the work, this module only orders the statements."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import yaml

from churn_warning.demo_data.contract import CDR_TABLES, COLUMNS, key_columns

HERE = Path(__file__).resolve().parent
LAST_DAY = date(2026, 6, 28)
MARKER_NAME = "_generated_demo.json"
WORK_NAME = ".generating"

# Identifiers carry seven digits and companies have numbers from 9,000,000 on.
MAX_SUBSCRIBERS = 5_000_000
MAX_WEEKS = 520
DAYS_PER_MONTH = 30.4
# Below this size one short list is a table's whole content, and planted faults would be a large share of it.
MIN_ROWS_FOR_DIRT = 250
# Enough for a day of 1,000,000 subscribers; DuckDB spills the rest into the work folder.
MEMORY_LIMIT = "3GB"
# Weeks written at once; more need more memory.
MAX_WORKERS = 4
# Lines times days in one batch of CDRs: a week of 50,000 lines, a day of 350,000 and more.
MAX_BATCH_LINE_DAYS = 350_000
SATURDAY, SUNDAY = 5, 6

# The hour of a record is drawn from this list by six bits of a hash (so it has 64 entries): an hour named more often is busier.
BUSY_HOURS = [
    0, 6, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 13, 13, 14, 14,
    14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 17, 17, 17, 17, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 20, 20, 20, 20,
    21, 21, 22, 23,
]  # fmt: skip

MONTHLY_FILE = "08_bills.sql"
SETUP_FILES = (
    "00_macros.sql",
    "01_reference.sql",
    "02_people.sql",
    "03_contracts.sql",
    "04_episodes.sql",
    "05_status.sql",
    "06_plans.sql",
    "07_services.sql",
    MONTHLY_FILE,
    "09_customers.sql",
    "10_events.sql",
    "20_daily_lives.sql",
)
CDR_FILES = {"voice_cdrs": "32_voice_cdrs.sql", "sms_cdrs": "33_sms_cdrs.sql", "data_cdrs": "34_data_cdrs.sql"}


@dataclass(frozen=True)
class BatchDay:
    """A day of the CDR feeds with its rhythm: factors on calls, messages, data volume, and on calls of group members."""

    day: date
    voice_factor: float
    sms_factor: float
    data_factor: float
    business_factor: float


Progress = Callable[[str, int], None]


def generate(
    out_dir: Path,
    subscribers: int,
    weeks: int,
    seed: int,
    last_day: date = LAST_DAY,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write the 21 raw tables of a made-up operator into a folder, as Parquet.

    The CDR tables become folders of day partitions (`voice_cdrs/day=2026-06-28/part-0.parquet`), all others one file.
    The same arguments give the same rows in the same order, whatever the number of processors.

    Args:
        out_dir: the folder; made if missing. A folder with content is refused unless this function made it before
            (it then holds `_generated_demo.json`); its tables are replaced, other files in it are left alone.
        subscribers: number of lines in the extract, those that leave or join on the way included (1 to 5,000,000).
        weeks: length of the CDR feeds in weeks (1 to 520); bills begin eight months before.
        seed: any whole number from 0 to 2,147,483,647; another seed is another operator.
        last_day: last day of the feeds, included; the extract knows nothing later.
        progress: called with a table's name and its rows so far, after each table and after each week of CDRs.

    Returns:
        Delivered rows per table, duplicates and planted faults included.

    Raises:
        ValueError: an argument outside its range, or an out_dir that is not ours to overwrite.
    """
    out_dir = Path(out_dir)
    _check_arguments(subscribers, weeks, seed)
    settings: dict[str, Any] = {
        "subscribers": subscribers,
        "weeks": weeks,
        "seed": seed,
        "last_day": last_day.isoformat(),
    }
    was_ours = _claim(out_dir, settings)
    work_dir = out_dir / WORK_NAME
    shutil.rmtree(work_dir, ignore_errors=True)
    work_dir.mkdir()
    try:
        rows = _build(work_dir, subscribers, weeks, seed, last_day, progress or (lambda _table, _rows: None))
        # Killed from here on, the folder holds a mixture and says so.
        _write_marker(out_dir, {**settings, "is_complete": False})
        for table in COLUMNS:
            _replace_table(out_dir, work_dir, table)
        _write_marker(out_dir, {**settings, "is_complete": True, "rows": rows})
    except BaseException:
        if not was_ours:
            (out_dir / MARKER_NAME).unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(work_dir, ignore_errors=True)
    return rows


def _check_arguments(subscribers: int, weeks: int, seed: int) -> None:
    if not 1 <= subscribers <= MAX_SUBSCRIBERS:
        raise ValueError(f"subscribers must be between 1 and {MAX_SUBSCRIBERS:,}, not {subscribers:,}.")
    if not 1 <= weeks <= MAX_WEEKS:
        raise ValueError(f"weeks must be between 1 and {MAX_WEEKS}, not {weeks}.")
    if not 0 <= seed <= 2**31 - 1:
        raise ValueError(f"seed must be between 0 and {2**31 - 1}, not {seed}.")


def _claim(out_dir: Path, settings: dict[str, Any]) -> bool:
    """Mark the folder as the generator's. Return whether it was before; refuse what is somebody else's."""
    if out_dir.exists() and not out_dir.is_dir():
        raise ValueError(f"{out_dir} is a file. Name a folder for the demo data.")
    if (out_dir / MARKER_NAME).is_file():
        return True
    if out_dir.exists() and any(out_dir.iterdir()):
        raise ValueError(
            f"{out_dir} is not empty and was not made by the demo generator (it has no {MARKER_NAME}). "
            "Name another folder, or empty this one first."
        )
    out_dir.mkdir(parents=True, exist_ok=True)
    _write_marker(out_dir, {**settings, "is_complete": False})
    return False


def _write_marker(out_dir: Path, content: dict[str, Any]) -> None:
    (out_dir / MARKER_NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _replace_table(out_dir: Path, work_dir: Path, table: str) -> None:
    """Move a finished table into place; whatever the table was before (file or folder) goes."""
    shutil.rmtree(out_dir / table, ignore_errors=True)
    for suffix in (".parquet", ".csv"):
        (out_dir / f"{table}{suffix}").unlink(missing_ok=True)
    name = table if table in CDR_TABLES else f"{table}.parquet"
    os.replace(work_dir / name, out_dir / name)


def _build(work_dir: Path, subscribers: int, weeks: int, seed: int, last_day: date, progress: Progress) -> dict[str, int]:
    # A database on disk, not in memory: the lives of a large operator need not stay in memory.
    connection = duckdb.connect(
        str(work_dir / "lives.duckdb"),
        config={
            "temp_directory": str(work_dir / "spill"),
            "memory_limit": MEMORY_LIMIT,
            "preserve_insertion_order": "true",
        },
    )
    try:
        names = prepare_lives(connection, subscribers, weeks, seed, last_day)
        rows = {}
        for table in COLUMNS:
            if table not in CDR_TABLES:
                rows[table] = _write_table(connection, work_dir, table, names)
                progress(table, rows[table])
        rows.update(_write_cdrs(connection, work_dir, names, progress))
    finally:
        connection.close()
    return {table: rows[table] for table in COLUMNS}


def _names(effects: dict[str, Any], subscribers: int, seed: int, first_day: date, last_day: date) -> dict[str, Any]:
    """The values of the ${...} placeholders: every number of population.yml and what follows from the arguments."""
    names: dict[str, Any] = {f"{section}_{name}": value for section, values in effects.items() for name, value in values.items()}
    days = (last_day - first_day).days + 1
    window_start = first_day - timedelta(days=effects["churn"]["window_before_days"])
    window_end = last_day + timedelta(days=effects["churn"]["window_after_days"])
    window_days = (window_end - window_start).days + 1
    joined = effects["population"]["joining_per_month"] * days / DAYS_PER_MONTH
    month_index = first_day.year * 12 + first_day.month - 1 - 8
    bills_start = date(month_index // 12, month_index % 12 + 1, 1)
    days_of_bills = (last_day - bills_start).days + 1
    managers = effects["managers"]
    with (HERE / "effects" / "branches.csv").open(encoding="utf-8") as lines:
        branch_count = sum(1 for _ in lines) - 1
    with (HERE / "effects" / "plans.csv").open(encoding="utf-8") as lines:
        plan_levels = sum(1 for _ in lines) - 1
    names.update(
        subscribers=subscribers,
        seed=seed,
        first_day=first_day,
        last_day=last_day,
        middle_day=first_day + timedelta(days=days // 2),
        days=days,
        window_start=window_start,
        window_end=window_end,
        window_days=window_days,
        window_months=window_days / DAYS_PER_MONTH,
        joining_share=joined / (1 + joined),
        second_line_pair_share=2 * effects["population"]["second_line_share"],
        bills_start=bills_start,
        days_of_bills=days_of_bills,
        months_of_bills=days_of_bills / DAYS_PER_MONTH,
        plan_levels=plan_levels,
        group_count=max(3, subscribers // effects["groups"]["subscribers_per_group"]),
        # About one customer in sixteen has a manager.
        managers_in_branch=max(
            managers["min_per_branch"], round(subscribers / 16 / branch_count / managers["customers_per_manager"])
        ),
        other_subscribers=max(1, subscribers - 1),
        busy_hours=BUSY_HOURS,
        # A fault takes a slice of a 20-bit number; four kinds of fault share the whole.
        dirt_step=max(1, round(effects["dirt"]["cdr_broken_share"] / 4 * 2**20)),
    )
    return names


def prepare_lives(
    connection: duckdb.DuckDBPyConnection, subscribers: int, weeks: int, seed: int, last_day: date = LAST_DAY
) -> dict[str, Any]:
    """Make the lives behind the raw tables, as tables of an open DuckDB connection; the CDRs are made later, day by day.

    Beside the raw tables themselves there are `people` (one row per line) and `episodes` (who leaves or only shows the
    signs, of which kind, around which day): what a test or an evaluation compares the alerts with. They are not part of
    the raw data.

    Args:
        connection: an empty database, in memory or on disk.
        subscribers, weeks, seed, last_day: as for `generate`; the same values tell the same lives.

    Returns:
        The values of the placeholders of the SQL files.
    """
    effects = yaml.safe_load((HERE / "effects" / "population.yml").read_text(encoding="utf-8"))
    names = _names(effects, subscribers, seed, last_day - timedelta(days=7 * weeks - 1), last_day)
    _load_effects(connection)
    for table in ("bills", "arrears_snapshots"):
        columns = ", ".join(f"{column} {data_type}" for column, data_type in COLUMNS[table].items())
        connection.execute(f"CREATE TABLE {table} ({columns})")
    for file_name in SETUP_FILES:
        if file_name == MONTHLY_FILE:
            for (month_no,) in connection.execute("SELECT month_no FROM months ORDER BY month_no").fetchall():
                _run_file(connection, file_name, {**names, "month_no": month_no})
        else:
            _run_file(connection, file_name, names)
    return names


def _load_effects(connection: duckdb.DuckDBPyConnection) -> None:
    for path in sorted((HERE / "effects").glob("*.csv")):
        quoted = str(path).replace("'", "''")
        connection.execute(
            f"CREATE TABLE effect_{path.stem} AS SELECT * FROM read_csv('{quoted}', header = true, "
            # Days are added to dates, and DuckDB adds only INTEGER to a date.
            "auto_type_candidates = ['BOOLEAN', 'INTEGER', 'DOUBLE', 'DATE', 'VARCHAR'])"
        )
    # Each service needs a number of its own for its random numbers.
    connection.execute(
        "CREATE OR REPLACE TABLE effect_services AS "
        "SELECT row_number() OVER (ORDER BY service_code) AS service_no, * FROM effect_services"
    )


def _sql(file_name: str, names: dict[str, Any]) -> str:
    return Template((HERE / "sql" / file_name).read_text(encoding="utf-8")).substitute(names)


def _run_file(connection: duckdb.DuckDBPyConnection, file_name: str, names: dict[str, Any]) -> None:
    connection.execute(_sql(file_name, names))


def _columns(table: str, replaced: dict[str, str] | None = None) -> str:
    replaced = replaced or {}
    return ", ".join(f"({replaced.get(column, column)})::{data_type} AS {column}" for column, data_type in COLUMNS[table].items())


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    quoted = str(path).replace("'", "''")
    result = connection.execute(f"COPY ({query}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
    return int(result.fetchone()[0])


def _write_table(connection: duckdb.DuckDBPyConnection, work_dir: Path, table: str, names: dict[str, Any]) -> int:
    """Write one table with its planted duplicates, older versions and broken rows."""
    queries = [f"SELECT {_columns(table)} FROM {table}"]
    total = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    faults = yaml.safe_load((HERE / "effects" / "dirt.yml").read_text(encoding="utf-8")).get(table, {})
    if faults and total >= MIN_ROWS_FOR_DIRT:
        key = ", ".join(f"{column}::VARCHAR" for column in key_columns(table))

        def picked(salt: str, share: float, at_least: int, replaced: dict[str, str]) -> str:
            count = max(at_least, int(total * share))
            order = f"unit(hash(concat_ws('|', {key})), '{salt} {names['seed']}'), {key}"
            return f"SELECT {_columns(table, replaced)} FROM (SELECT * FROM {table} ORDER BY {order} LIMIT {count})"

        queries.append(picked("twice", names["dirt_duplicate_share"], 1, {}))
        if "older" in faults:
            older = {**faults["older"], "updated_at": "updated_at - INTERVAL 40 DAY"}
            queries.append(picked("older", names["dirt_older_version_share"], 1, older))
        for number, (rule, replaced) in enumerate(faults.get("broken", {}).items()):
            # In a small table one fault is enough: it must stay a small share.
            queries.append(
                picked(f"broken {rule}", names["dirt_broken_share"], 1 if number == 0 or total >= 1000 else 0, replaced)
            )
    return _copy(connection, " UNION ALL ".join(queries), work_dir / f"{table}.parquet")


def _weeks(connection: duckdb.DuckDBPyConnection, names: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[BatchDay]]]:
    """Yield the placeholders of each calendar week (Monday to Sunday) and its days inside the period."""
    holidays = connection.execute(
        "SELECT from_day, to_day, voice_factor, sms_factor, data_factor FROM effect_holidays ORDER BY from_day"
    ).fetchall()
    first_day, last_day = names["first_day"], names["last_day"]
    monday = first_day - timedelta(days=first_day.weekday())
    while monday <= last_day:
        days = []
        for weekday in range(7):
            day = monday + timedelta(days=weekday)
            if not first_day <= day <= last_day:
                continue
            voice, sms, data = next((row[2:] for row in holidays if row[0] <= day <= row[1]), (1.0, 1.0, 1.0))
            voice *= {SATURDAY: names["usage_saturday"], SUNDAY: names["usage_sunday"]}.get(weekday, 1.0)
            data *= names["usage_data_weekend"] if weekday >= SATURDAY else 1.0
            business = names["usage_business_weekend"] if weekday >= SATURDAY else 1.0
            days.append(BatchDay(day, voice, sms, data, business))
        yield {"week_no": monday.toordinal(), "week_start": monday, "week_end": monday + timedelta(days=6)}, days
        monday += timedelta(days=7)


def _write_cdrs(
    connection: duckdb.DuckDBPyConnection,
    work_dir: Path,
    names: dict[str, Any],
    progress: Progress,
) -> dict[str, int]:
    """Write the CDR tables, a file per day. Weeks are independent, so several are written at once."""
    batch_size = max(1, min(7, MAX_BATCH_LINE_DAYS // names["subscribers"]))

    def write_week(week_and_days: tuple[dict[str, Any], list[BatchDay]]) -> dict[str, int]:
        week, days = week_and_days
        written = dict.fromkeys(CDR_TABLES, 0)
        # A cursor is a connection of its own: its temporary tables are not seen by the other weeks.
        with connection.cursor() as own:
            _run_file(own, "30_week.sql", {**names, **week})
            for start in range(0, len(days), batch_size):
                for table, count in _write_batch(own, work_dir, names, days[start : start + batch_size]).items():
                    written[table] += count
        return written

    # A day of a small operator is too little for several threads; weeks side by side use the processors better.
    connection.execute("SET threads = 1")
    rows = dict.fromkeys(CDR_TABLES, 0)
    workers = max(1, min(MAX_WORKERS, os.cpu_count() or 1))
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for written in pool.map(write_week, _weeks(connection, names)):
            for table, count in written.items():
                rows[table] += count
                progress(table, rows[table])
    return rows


def _write_batch(
    connection: duckdb.DuckDBPyConnection, work_dir: Path, names: dict[str, Any], days: list[BatchDay]
) -> dict[str, int]:
    """Make the records of some days of one week and write them, a file per table and day."""
    rows = ", ".join(
        f"(DATE '{d.day}', {d.day.toordinal()}::BIGINT, {d.day:%y%m%d}::BIGINT, epoch_us(TIMESTAMP '{d.day}'), "
        f"{d.voice_factor}::DOUBLE, {d.sms_factor}::DOUBLE, {d.data_factor}::DOUBLE, {d.business_factor}::DOUBLE)"
        for d in days
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE batch_days AS "
        f"SELECT * FROM (VALUES {rows}) AS v "
        "(day, day_no, day_number, day_start_us, voice_factor, sms_factor, data_factor, business_factor)"
    )
    _run_file(connection, "31_line_days.sql", {**names, "batch_start": days[0].day, "batch_end": days[-1].day})
    written = {}
    for table, file_name in CDR_FILES.items():
        # One statement for all days, because it takes longer to plan than to run for a small operator.
        connection.execute(f"CREATE OR REPLACE TEMP TABLE batch AS {_sql(file_name, names)}")
        written[table] = 0
        for d in days:
            folder = work_dir / table / f"day={d.day}"
            folder.mkdir(parents=True)
            query = f"SELECT {_columns(table)} FROM batch WHERE day = DATE '{d.day}'"
            written[table] += _copy(connection, query, folder / "part-0.parquet")
    return written
