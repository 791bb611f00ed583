"""The demo generator keeps the raw contract, repeats itself, and tells lives whose signs can be seen but not relied on."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from churn_warning.demo_data import generate, generator
from churn_warning.demo_data.contract import CDR_TABLES, COLUMNS

REPOSITORY = Path(__file__).resolve().parents[2]
SUBSCRIBERS, WEEKS, SEED = 300, 10, 42
LAST_DAY = date(2026, 6, 28)
FIRST_DAY = LAST_DAY - timedelta(days=7 * WEEKS - 1)
# The operator on which effects are measured: large enough for shares, small enough for a test.
CROWD, CROWD_WEEKS, CROWD_SEED = 5_000, 13, 7


def table_path(folder: Path, table: str) -> str:
    """The files of a raw table, as a glob."""
    return str(folder / table / "*" / "*.parquet" if table in CDR_TABLES else folder / f"{table}.parquet")


def with_views(connection: duckdb.DuckDBPyConnection, folder: Path, prefix: str = "") -> duckdb.DuckDBPyConnection:
    """Make a view per raw table."""
    for table in COLUMNS:
        connection.execute(
            f"CREATE VIEW {prefix}{table} AS SELECT * FROM read_parquet('{table_path(folder, table)}', hive_partitioning = false)"
        )
    return connection


def contents(folder: Path) -> dict[str, Any]:
    """Every table as a checksum of its rows, duplicates counted, and the exact order of one small table."""
    connection = with_views(duckdb.connect(), folder)
    result: dict[str, Any] = {
        table: connection.execute(f"SELECT count(*), sum(hash(t)::HUGEINT) FROM {table} AS t").fetchone() for table in COLUMNS
    }
    result["order"] = connection.execute("SELECT subscriber_id, bill_month FROM bills").fetchall()
    return result


def contract_tables() -> dict[str, dict[str, Any]]:
    """The raw contract as the project's sources declare it."""
    text = (REPOSITORY / "models" / "staging" / "_sources.yml").read_text(encoding="utf-8")
    return {table["name"]: table for table in yaml.safe_load(text)["sources"][0]["tables"]}


def meta(entry: dict[str, Any]) -> dict[str, Any]:
    """The contract's remarks on a table or column."""
    return entry.get("config", {}).get("meta", {})


def seed_values(topic: str, name: str, column: str) -> set[str]:
    """One column of a seed."""
    with (REPOSITORY / "seeds" / topic / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {row[column] for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A small operator and what `generate` said about it."""
    folder = tmp_path_factory.mktemp("demo_small") / "raw"
    return folder, generate(folder, SUBSCRIBERS, WEEKS, SEED)


@pytest.fixture(scope="module")
def raw(small: tuple[Path, dict[str, int]]) -> duckdb.DuckDBPyConnection:
    """The small operator's tables."""
    return with_views(duckdb.connect(), small[0])


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A larger operator: its raw tables as raw_<table>, and beside them the lives that they tell (people, episodes)."""
    folder = tmp_path_factory.mktemp("demo_crowd") / "raw"
    generate(folder, CROWD, CROWD_WEEKS, CROWD_SEED)
    connection = duckdb.connect()
    generator.prepare_lives(connection, CROWD, CROWD_WEEKS, CROWD_SEED)
    with_views(connection, folder, "raw_")
    # Everybody with a day to look back from: the day of leaving, the day on which staying people show most, or any day.
    connection.execute(
        f"""
        CREATE TABLE watched AS
        SELECT p.idx, p.subscriber_id, e.kind, e.leaves, e.anchor_on AS day
        FROM episodes AS e JOIN people AS p ON e.idx = p.idx
        WHERE e.anchor_on BETWEEN DATE '{LAST_DAY}' - 7 * {CROWD_WEEKS} + 57 AND DATE '{LAST_DAY}'
        UNION ALL
        SELECT idx, subscriber_id, 'none', false, DATE '{LAST_DAY}' - 7
        FROM people
        WHERE idx NOT IN (SELECT idx FROM episodes) AND activated_on < DATE '{LAST_DAY}' - 7 * {CROWD_WEEKS}
        """
    )
    return connection


# The call


def test_the_same_arguments_give_the_same_rows_whatever_the_number_of_workers(
    small: tuple[Path, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "MAX_WORKERS", 1)
    monkeypatch.setattr(generator, "MAX_BATCH_LINE_DAYS", SUBSCRIBERS * 3)
    generate(tmp_path / "raw", SUBSCRIBERS, WEEKS, SEED)
    assert contents(tmp_path / "raw") == contents(small[0])


def test_another_seed_is_another_operator(small: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    generate(tmp_path / "raw", SUBSCRIBERS, 2, SEED + 1)
    other = with_views(duckdb.connect(), tmp_path / "raw").execute("SELECT activated_on FROM subscribers").fetchall()
    assert other != duckdb.execute(f"SELECT activated_on FROM '{small[0]}/subscribers.parquet'").fetchall()


def test_the_counts_returned_are_the_rows_delivered(small: tuple[Path, dict[str, int]], raw: duckdb.DuckDBPyConnection) -> None:
    delivered = {table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in COLUMNS}
    assert small[1] == delivered
    marker = json.loads((small[0] / "_generated_demo.json").read_text(encoding="utf-8"))
    assert marker["rows"] == delivered
    assert (marker["subscribers"], marker["weeks"], marker["seed"], marker["is_complete"]) == (SUBSCRIBERS, WEEKS, SEED, True)


def test_progress_names_every_table(tmp_path: Path) -> None:
    seen: dict[str, int] = {}
    rows = generate(tmp_path / "raw", 20, 2, 1, progress=lambda table, count: seen.update({table: count}))
    assert seen == rows


@pytest.mark.parametrize(
    ("subscribers", "weeks", "last_day"), [(1, 1, LAST_DAY), (40, 1, date(2025, 2, 5)), (40, 26, date(2027, 3, 31))]
)
def test_odd_sizes_and_days_work(tmp_path: Path, subscribers: int, weeks: int, last_day: date) -> None:
    rows = generate(tmp_path / "raw", subscribers, weeks, 3, last_day=last_day)
    assert rows["subscribers"] == subscribers
    days = sorted(path.name for path in (tmp_path / "raw" / "voice_cdrs").iterdir())
    assert len(days) == 7 * weeks
    assert days[-1] == f"day={last_day}"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [((0, 1, 1), "subscribers"), ((10, 0, 1), "weeks"), ((10, 1, -1), "seed"), ((9_000_000, 1, 1), "subscribers")],
)
def test_a_number_out_of_range_is_refused(tmp_path: Path, arguments: tuple[int, int, int], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        generate(tmp_path / "raw", *arguments)
    assert not (tmp_path / "raw").exists()


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "bills.parquet"
    theirs.write_text("theirs", encoding="utf-8")
    with pytest.raises(ValueError, match="not made by the demo generator"):
        generate(tmp_path, 10, 1, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["bills.parquet"]
    assert theirs.read_text(encoding="utf-8") == "theirs"
    with pytest.raises(ValueError, match="is a file"):
        generate(theirs, 10, 1, 1)


def test_generating_again_replaces_the_tables_and_nothing_else(tmp_path: Path) -> None:
    generate(tmp_path / "raw", 20, 3, 1)
    (tmp_path / "raw" / "notes.txt").write_text("keep me", encoding="utf-8")
    generate(tmp_path / "raw", 10, 1, 1)
    assert (tmp_path / "raw" / "notes.txt").read_text(encoding="utf-8") == "keep me"
    assert len(list((tmp_path / "raw" / "voice_cdrs").iterdir())) == 7
    names = {path.name for path in (tmp_path / "raw").iterdir()}
    assert names == {f"{t}.parquet" for t in set(COLUMNS) - set(CDR_TABLES)} | set(CDR_TABLES) | {
        "_generated_demo.json",
        "notes.txt",
    }


def test_a_failed_run_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of luck")

    generate(tmp_path / "raw", 20, 2, 1)
    before = contents(tmp_path / "raw")
    monkeypatch.setattr(generator, "_write_batch", fail)
    with pytest.raises(RuntimeError, match="out of luck"):
        generate(tmp_path / "raw", 30, 2, 1)
    with pytest.raises(RuntimeError, match="out of luck"):
        generate(tmp_path / "new", 30, 2, 1)
    assert contents(tmp_path / "raw") == before
    assert json.loads((tmp_path / "raw" / "_generated_demo.json").read_text(encoding="utf-8"))["is_complete"]
    assert list((tmp_path / "new").iterdir()) == []


# The raw contract


def test_tables_columns_and_types_are_those_of_the_contract(raw: duckdb.DuckDBPyConnection) -> None:
    declared = contract_tables()
    assert set(declared) == set(COLUMNS)
    for name, table in declared.items():
        expected = [(column["name"], column["data_type"].upper().replace(" ", "")) for column in table["columns"]]
        assert [row[:2] for row in raw.execute(f"DESCRIBE {name}").fetchall()] == expected, name


def test_each_day_has_its_own_partition_with_only_its_own_records(
    small: tuple[Path, dict[str, int]], raw: duckdb.DuckDBPyConnection
) -> None:
    for table, moment in (("voice_cdrs", "started_at"), ("sms_cdrs", "sent_at"), ("data_cdrs", "started_at")):
        path = table_path(small[0], table)
        days, strays = raw.execute(
            f"""
            SELECT count(DISTINCT day), count(*) FILTER ({moment}::DATE <> day::DATE)
            FROM read_parquet('{path}', hive_partitioning = true)
            """
        ).fetchone()
        assert (days, strays) == (7 * WEEKS, 0), table


def test_no_day_is_short(raw: duckdb.DuckDBPyConnection) -> None:
    for table in CDR_TABLES:
        moment = "sent_at" if table == "sms_cdrs" else "started_at"
        least, mean = raw.execute(
            f"SELECT min(n), avg(n) FROM (SELECT count(*) AS n FROM {table} WHERE {moment} IS NOT NULL GROUP BY {moment}::DATE)"
        ).fetchone()
        assert least > 0.5 * mean, table


def broken_rows(connection: duckdb.DuckDBPyConnection, name: str, table: dict[str, Any], prefix: str = "") -> dict[str, int]:
    """Rows of one table that break a row rule of the contract, by rule and column."""
    conditions: dict[str, str] = {}
    for column in table["columns"]:
        remarks, column_name = meta(column), column["name"]
        if remarks.get("required"):
            conditions[f"null {column_name}"] = f"{column_name} IS NULL"
        accepted = remarks.get("accepted")
        if remarks.get("accepted_seed"):
            accepted = seed_values("customers", "subscriber_statuses", "status_code")
        if accepted:
            listed = ", ".join(f"'{value}'" for value in accepted)
            conditions[f"code {column_name}"] = f"{column_name}::VARCHAR NOT IN ({listed})"
        if "minimum" in remarks:
            conditions[f"negative {column_name}"] = f"{column_name} < {remarks['minimum']}"
        if remarks.get("not_before"):
            conditions[f"order {column_name}"] = f"{column_name} < {remarks['not_before']}"
        if remarks.get("month_start"):
            conditions[f"month {column_name}"] = f"day({column_name}) <> 1"
        if column_name == "subscriber_id" and name != "subscribers":
            conditions["unknown subscriber"] = f"subscriber_id NOT IN (SELECT subscriber_id FROM {prefix}subscribers)"
        if column_name == "customer_id" and name != "customers":
            conditions["unknown customer"] = f"customer_id NOT IN (SELECT customer_id FROM {prefix}customers)"
    event_at = meta(table).get("event_at")
    if event_at:
        activated = f"SELECT min(s.activated_on) FROM {prefix}subscribers AS s WHERE s.subscriber_id = t.subscriber_id"
        conditions["before activation"] = f"{event_at}::DATE < ({activated}) - 1"
    filters = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions.values())
    counts = connection.execute(f"SELECT {filters} FROM {prefix}{name} AS t").fetchone()
    return {rule: count for rule, count in zip(conditions, counts, strict=True) if count}


def test_broken_rows_are_few_and_only_those_that_were_planted(crowd: duckdb.DuckDBPyConnection) -> None:
    planted = yaml.safe_load((Path(generator.HERE) / "effects" / "dirt.yml").read_text(encoding="utf-8"))
    words = {
        "null_required": "null",
        "code_outside_list": "code",
        "ends_before_starts": ("order", "month"),
        "unknown_subscriber": "unknown",
        "unknown_customer": "unknown",
        "event_before_activation": "before",
    }
    for name, table in contract_tables().items():
        broken = broken_rows(crowd, name, table, "raw_")
        rows = crowd.execute(f"SELECT count(*) FROM raw_{name}").fetchone()[0]
        if name in CDR_TABLES:
            assert {rule.split()[0] for rule in broken} >= {"null", "negative", "unknown"}, name
        else:
            expected = tuple(word for rule in planted.get(name, {}).get("broken", {}) for word in [words[rule]])
            allowed = {word for entry in expected for word in ([entry] if isinstance(entry, str) else entry)}
            assert {rule.split()[0] for rule in broken} <= allowed, (name, broken)
            if allowed and rows >= generator.MIN_ROWS_FOR_DIRT:
                assert broken, name
        assert sum(broken.values()) <= 0.004 * rows, (name, broken)


def test_some_rows_come_twice_and_some_in_an_older_version(crowd: duckdb.DuckDBPyConnection) -> None:
    for name in ("voice_cdrs", "bills", "customers", "service_subscriptions", "devices"):
        rows, different = crowd.execute(f"SELECT count(*), count(DISTINCT t) FROM raw_{name} AS t").fetchone()
        assert 0 < rows - different < 0.005 * rows, name
    versions = crowd.execute(
        "SELECT count(*) FROM (SELECT subscriber_id FROM raw_subscribers GROUP BY 1 HAVING count(DISTINCT updated_at) > 1)"
    ).fetchone()[0]
    assert versions > 0


def test_nothing_is_known_that_happens_after_the_last_day(raw: duckdb.DuckDBPyConnection) -> None:
    later = {}
    for table, columns in COLUMNS.items():
        for column, data_type in columns.items():
            # An end or a due date may lie ahead: it is agreed, not observed.
            if data_type in ("DATE", "TIMESTAMP") and column not in ("ends_on", "due_at"):
                latest = raw.execute(f"SELECT max({column})::DATE FROM {table}").fetchone()[0]
                if latest is not None and latest > LAST_DAY:
                    later[f"{table}.{column}"] = latest
    assert later == {}


def test_codes_are_those_that_the_seeds_know(raw: duckdb.DuckDBPyConnection) -> None:
    def delivered(query: str) -> set[str]:
        return {row[0] for row in raw.execute(query).fetchall()}

    assert delivered("SELECT DISTINCT service_code FROM service_subscriptions") <= seed_values(
        "reference", "services", "service_code"
    )
    assert delivered("SELECT DISTINCT industry_code FROM enterprise_groups") <= seed_values(
        "customers", "industries", "industry_code"
    )
    assert delivered("SELECT DISTINCT peer_operator FROM voice_cdrs") <= seed_values("reference", "operators", "operator_code")
    lines = delivered(
        "SELECT DISTINCT replace(peer_number, '+86', '') FROM voice_cdrs WHERE length(replace(peer_number, '+86', '')) < 11"
    )
    assert lines <= seed_values("reference", "operator_hotlines", "hotline_number")
    assert delivered("SELECT branch_code FROM customers WHERE branch_code IS NOT NULL") <= delivered(
        "SELECT branch_code FROM branches"
    )
    assert delivered("SELECT manager_id FROM customers WHERE manager_id IS NOT NULL") <= delivered(
        "SELECT manager_id FROM managers"
    )


def test_the_plan_of_a_line_is_the_one_after_its_last_change(crowd: duckdb.DuckDBPyConnection) -> None:
    wrong = crowd.execute(
        """
        SELECT count(*)
        FROM subscribers AS s
        JOIN (SELECT subscriber_id, max_by(to_plan_code, changed_at) AS plan_code FROM plan_changes GROUP BY 1) AS c
            USING (subscriber_id)
        WHERE s.plan_code <> c.plan_code
        """
    ).fetchone()[0]
    assert wrong == 0


def test_a_line_that_left_is_silent(crowd: duckdb.DuckDBPyConnection) -> None:
    left, records = crowd.execute(
        """
        WITH gone AS (
            SELECT p.subscriber_id, e.leave_on
            FROM episodes AS e JOIN people AS p ON e.idx = p.idx
            WHERE e.leave_on IS NOT NULL AND e.return_on IS NULL
        )
        SELECT (SELECT count(*) FROM gone), count(*)
        FROM raw_voice_cdrs AS v JOIN gone AS g ON v.subscriber_id = g.subscriber_id AND v.started_at::DATE >= g.leave_on
        """
    ).fetchone()
    assert left > 100
    assert records == 0


def test_numbers_and_names_are_visibly_made_up(raw: duckdb.DuckDBPyConnection) -> None:
    real = raw.execute(
        """
        SELECT
            (SELECT count(*) FROM subscribers WHERE msisdn NOT LIKE '1990000%')
            + (SELECT count(*) FROM customers WHERE customer_name NOT LIKE 'Demo %' OR certificate_no NOT LIKE 'DEMO%')
            + (SELECT count(*) FROM managers WHERE manager_name NOT LIKE 'Demo %')
            + (SELECT count(*) FROM enterprise_groups WHERE group_name NOT LIKE 'Demo %')
        """
    ).fetchone()[0]
    assert real == 0


# The lives


def test_the_value_of_customers_is_spread_as_documented(crowd: duckdb.DuckDBPyConnection) -> None:
    mid, silver = crowd.execute(
        """
        SELECT avg((arpu >= 150)::INT), avg((arpu >= 666)::INT)
        FROM (SELECT avg(total_fee) AS arpu FROM bills WHERE bill_month >= '2026-03-01' GROUP BY subscriber_id)
        """
    ).fetchone()
    assert 0.26 < mid < 0.40
    assert 0.02 < silver < 0.06


def test_about_two_percent_leave_in_a_month(crowd: duckdb.DuckDBPyConnection) -> None:
    left = crowd.execute("SELECT count(*) FROM subscriber_status_events WHERE status_code = 'cancelled'").fetchone()[0]
    months = (7 * CROWD_WEEKS + 28) / generator.DAYS_PER_MONTH
    assert 0.013 < left / CROWD / months < 0.027


def test_traffic_is_modest_and_steady(crowd: duckdb.DuckDBPyConnection) -> None:
    rows = sum(crowd.execute(f"SELECT count(*) FROM raw_{table}").fetchone()[0] for table in CDR_TABLES)
    assert 20 < rows / CROWD / CROWD_WEEKS < 30


def rate(crowd: duckdb.DuckDBPyConnection, events: str, kind: str, leaves: bool | None = None) -> float:
    """Share of the watched people of a kind with an event (a query of subscriber_id, at) in the 56 days up to their day."""
    which = "" if leaves is None else f"AND leaves = {leaves}"
    return crowd.execute(
        f"""
        SELECT avg((n > 0)::INT)
        FROM (
            SELECT w.subscriber_id, count(e.at) AS n
            FROM watched AS w
            LEFT JOIN ({events}) AS e ON w.subscriber_id = e.subscriber_id AND e.at::DATE BETWEEN w.day - 56 AND w.day
            WHERE w.kind = '{kind}' {which}
            GROUP BY 1
        )
        """
    ).fetchone()[0]


COMPETITOR_LINE = """
    SELECT subscriber_id, started_at AS at FROM raw_voice_cdrs
    WHERE replace(peer_number, '+86', '') IN ('10010', '10000', '10099')
"""
FORWARDS = """
    SELECT subscriber_id, started_at AS at FROM raw_voice_cdrs
    WHERE call_type = 'fwd' AND peer_operator IN ('unicom', 'telecom', 'broadcast')
"""
COMPLAINTS = "SELECT subscriber_id, opened_at AS at FROM raw_complaints"
ARREARS = "SELECT subscriber_id, snapshot_on AS at FROM raw_arrears_snapshots WHERE arrears_amount > 0"
DOWNGRADES = """
    SELECT c.subscriber_id, c.changed_at AS at FROM raw_plan_changes AS c
    JOIN raw_plans AS f ON c.from_plan_code = f.plan_code JOIN raw_plans AS t ON c.to_plan_code = t.plan_code
    WHERE t.monthly_fee < f.monthly_fee
"""
SIGNS = {
    "price": DOWNGRADES,
    "quality": COMPLAINTS,
    "competitor": f"{COMPETITOR_LINE} UNION ALL {FORWARDS}",
    "arrears": ARREARS,
}


@pytest.mark.parametrize("kind", SIGNS)
def test_each_kind_shows_its_sign_and_is_not_alone_with_it(crowd: duckdb.DuckDBPyConnection, kind: str) -> None:
    leavers, stayers, others = (
        rate(crowd, SIGNS[kind], kind, True),
        rate(crowd, SIGNS[kind], kind, False),
        rate(crowd, SIGNS[kind], "none"),
    )
    assert leavers > 2 * others, "people who leave show the sign"
    assert stayers > 2 * others, "so do people who stay"
    assert others > 0, "and it happens to anybody"
    if kind != "arrears":
        assert leavers < 0.97, "some leave without it"


def test_who_moves_away_fades(crowd: duckdb.DuckDBPyConnection) -> None:
    faded = crowd.execute(
        """
        WITH use AS (
            SELECT
                w.subscriber_id,
                w.kind,
                count(*) FILTER (v.started_at::DATE BETWEEN w.day - 7 AND w.day - 1) AS last_week,
                count(*) FILTER (v.started_at::DATE BETWEEN w.day - 56 AND w.day - 43) / 2 AS before
            FROM watched AS w
            JOIN raw_voice_cdrs AS v ON w.subscriber_id = v.subscriber_id
            WHERE w.kind = 'none' OR (w.kind = 'moving' AND w.leaves)
            GROUP BY 1, 2
        )
        SELECT kind, avg((last_week < 0.6 * before)::INT) FROM use WHERE before >= 2 GROUP BY kind
        """
    ).fetchall()
    shares = dict(faded)
    assert shares["moving"] > 0.4
    assert shares["moving"] > 3 * shares["none"] > 0


def test_some_leave_without_a_sign(crowd: duckdb.DuckDBPyConnection) -> None:
    for events in (COMPETITOR_LINE, FORWARDS, COMPLAINTS, DOWNGRADES):
        assert rate(crowd, events, "silent") < 0.25
    assert crowd.execute("SELECT count(*) FROM watched WHERE kind = 'silent' AND leaves").fetchone()[0] > 10
