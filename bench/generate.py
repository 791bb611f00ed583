"""Writes the data of a benchmark: weeks of history, and one new week of calls, messages and data sessions in full volume.

The lives (who pays what, who leaves, who complains) are those of the demo generator. The records are drawn here, since its
day-by-day life of every line takes too long for a hundred million of them.

A benchmark needs the raw folder twice: as it was before the new week (`history/`), from which the state of 26 earlier runs is
built, and as it is with it (`week/`). Files that are the same in both are hard links, so a run sees that they are unchanged.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from churn_warning.demo_data.contract import CDR_TABLES, COLUMNS
from churn_warning.demo_data.generator import LAST_DAY, MARKER_NAME, prepare_lives

HERE = Path(__file__).resolve().parent
DATA_FILE = "data.json"
# Shares of the records of a week.
MIX = {"voice_cdrs": 0.45, "sms_cdrs": 0.15, "data_cdrs": 0.40}
# A line that uses more than this many times its usual is drawn no more often.
MAX_PACE = 1.5
# Two days are written at once, each by one thread: a range of numbers is not made in parallel.
WORKERS = 2
MEMORY_LIMIT = "4GB"

# How a raw table looked on the last day of the history: rows that came later are not there, ends that came later are open.
BEFORE = {
    "subscribers": """
        select subscribers.* replace (coalesce(later.from_plan_code, subscribers.plan_code) as plan_code)
        from subscribers
        left join (
            select subscriber_id, arg_min(from_plan_code, changed_at) as from_plan_code
            from plan_changes where changed_at::date > $cut group by subscriber_id
        ) as later using (subscriber_id)
        where activated_on <= $cut
    """,
    "subscriber_status_events": "select * from subscriber_status_events where changed_at::date <= $cut",
    "plan_changes": "select * from plan_changes where changed_at::date <= $cut",
    "bills": "select * from bills where issued_on <= $cut",
    "arrears_snapshots": "select * from arrears_snapshots where snapshot_on <= $cut",
    "complaints": """
        select * replace (case when answered_at::date <= $cut then answered_at end as answered_at, least(updated_at, $cut) as updated_at)
        from complaints where opened_at::date <= $cut
    """,
    "contracts": "select * replace (least(updated_at, $cut) as updated_at) from contracts where starts_on <= $cut",
    "service_subscriptions": """
        select * replace (case when ended_on <= $cut then ended_on end as ended_on, least(updated_at, $cut) as updated_at)
        from service_subscriptions where started_on <= $cut
    """,
    "devices": "select * from devices where first_seen_on <= $cut",
    "group_members": """
        select * replace (case when left_on <= $cut then left_on end as left_on, least(updated_at, $cut) as updated_at)
        from group_members where joined_on <= $cut
    """,
    "service_contacts": "select * from service_contacts where contacted_at::date <= $cut",
}


@dataclass(frozen=True)
class Size:
    """How much data there is.

    Attributes:
        subscribers: Lines, those that leave or join on the way included.
        cdrs: Records of the new week.
        history_weeks: Weeks before it.
        history_cdrs: Records of each week of history; None: one per line and day, whose minutes, fee and bytes are those of
            a whole day. The tables by line and day are as large as with all records, at a fraction of the files.
        seed: Another one is another operator.
    """

    subscribers: int = 1_000_000
    cdrs: int = 100_000_000
    history_weeks: int = 26
    history_cdrs: int | None = None
    seed: int = 1

    @property
    def name(self) -> str:
        """Folder of the data."""
        history = f"-{self.history_cdrs}" if self.history_cdrs else ""
        return f"s{self.subscribers}-c{self.cdrs}-h{self.history_weeks}{history}-{self.seed}"


def generate(out_dir: Path, size: Size, say: Callable[[str], None] = print) -> Path:
    """Writes the data of a size, unless it is there.

    Args:
        out_dir: Folder of all data sets.
        size: How much.
        say: Told about each step.

    Returns:
        The folder of this data set, with the raw folders `history` and `week`.
    """
    folder = out_dir / size.name
    if (folder / DATA_FILE).is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    database = folder / "lives.duckdb"
    connection = duckdb.connect(str(database), config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder / "spill")})
    try:
        say(f"{size.name}: lives of {size.subscribers:,} lines")
        prepare_lives(connection, size.subscribers, size.history_weeks + 1, size.seed)
        say(f"{size.name}: tables other than calls, messages and sessions")
        _write_tables(connection, folder, size)
        rows = _write_cdrs(connection, folder, size, say)
    finally:
        connection.close()
    database.unlink()
    shutil.rmtree(folder / "spill", ignore_errors=True)
    (folder / DATA_FILE).write_text(json.dumps({**asdict(size), "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return folder


def linked_weeks(data: Path, out: Path, weeks: int) -> None:
    """Makes raw folders with only the last weeks of a data set's history, as hard links.

    So growth with the length of the history is measured on the same lives and the same new week.
    """
    first_day = LAST_DAY - timedelta(days=7 * (weeks + 1) - 1)
    for raw_dir in ("history", "week"):
        for source in sorted((data / raw_dir).rglob("*")):
            day = source.parent.name.removeprefix("day=")
            if source.is_file() and (day == source.parent.name or date.fromisoformat(day) >= first_day):
                target = out / source.relative_to(data)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(source, target)


def _write_tables(connection: duckdb.DuckDBPyConnection, folder: Path, size: Size) -> None:
    cut = LAST_DAY - timedelta(days=7)
    for name in ("history", "week"):
        (folder / name).mkdir()
        marker = {"subscribers": size.subscribers, "weeks": size.history_weeks + 1, "seed": size.seed, "is_complete": True}
        (folder / name / MARKER_NAME).write_text(json.dumps(marker) + "\n", encoding="utf-8")
    for table, columns in COLUMNS.items():
        if table in CDR_TABLES:
            continue
        typed = ", ".join(f"{column}::{data_type} as {column}" for column, data_type in columns.items())
        week_file = folder / "week" / f"{table}.parquet"
        _copy(connection, f"select {typed} from {table}", week_file)
        history_file = folder / "history" / f"{table}.parquet"
        if table in BEFORE:
            _copy(connection, f"select {typed} from ({BEFORE[table].replace('$cut', f'''date '{cut}' ''')})", history_file)
        else:
            os.link(week_file, history_file)


def _write_cdrs(connection: duckdb.DuckDBPyConnection, folder: Path, size: Size, say: Callable[[str], None]) -> dict[str, int]:
    connection.execute((HERE / "sql" / "lines.sql").read_text(encoding="utf-8"))
    connection.execute("set threads = 1")
    rows = {"history": 0, "week": 0}
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for day, written in pool.map(lambda day: (day, _write_day(connection, folder, size, day)), _days(size)):
            is_new = day > LAST_DAY - timedelta(days=7)
            rows["week" if is_new else "history"] += written
            if day.weekday() == 6:
                say(f"{size.name}: week to {day}, {sum(rows.values()):,} records so far")
    return rows


def _days(size: Size) -> Iterator[date]:
    for days_back in range(7 * (size.history_weeks + 1) - 1, -1, -1):
        yield LAST_DAY - timedelta(days=days_back)


def _write_day(connection: duckdb.DuckDBPyConnection, folder: Path, size: Size, day: date) -> int:
    """Writes the records of a day; returns how many."""
    is_new = day > LAST_DAY - timedelta(days=7)
    records = size.cdrs if is_new else size.history_cdrs
    written = 0
    # A cursor is a connection of its own: its temporary table is not seen by the other day.
    with connection.cursor() as own:
        values = {
            "day": f"date '{day}'",
            "day_no": day.toordinal(),
            "week_no": (day - timedelta(days=day.weekday())).toordinal(),
            "seed": size.seed,
            "subscribers": size.subscribers,
            "max_pace": MAX_PACE,
            "day_start_us": f"epoch_us(timestamp '{day}')",
        }
        for table, share in MIX.items():
            values[f"daily_{table}"] = (records or size.cdrs) * share / 7
        own.execute(_filled("line_day.sql", values))
        kept = own.execute("select sum(weight * keep) from line_day").fetchone()[0] or 0.0
        for number, table in enumerate(MIX):
            draws = round(values[f"daily_{table}"] / kept) if kept else 0
            query = _filled(f"{'drawn' if records else 'light'}_{table}.sql", {**values, "draws": draws, "salt": number})
            columns = ", ".join(f"({column})::{data_type} as {column}" for column, data_type in COLUMNS[table].items())
            place = Path(table) / f"day={day}" / "part-0.parquet"
            week_file, history_file = folder / "week" / place, folder / "history" / place
            week_file.parent.mkdir(parents=True)
            written += _copy(own, f"select {columns} from ({query})", week_file)
            if not is_new:
                history_file.parent.mkdir(parents=True)
                os.link(week_file, history_file)
    return written


def _filled(file_name: str, values: dict[str, object]) -> str:
    text = (HERE / "sql" / file_name).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("${" + name + "}", str(value))
    return text


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    quoted = str(path).replace("'", "''")
    return int(connection.execute(f"copy ({query}) to '{quoted}' (format parquet, compression zstd)").fetchone()[0])
