"""Hostile values in every column of every raw table: read exactly, or set aside with their rule; no row is lost and nothing breaks a build."""

# One case a line reads best in a table, however long the line.
# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import REAL_DATA_KEY
from hostile import CONTRACT, KEYS, TEXTS, Row, valid_delivery, valid_row, write_csv

from churn_warning.dbt_project import DbtProject
from churn_warning.settings import resolve

PARENTS = 400
FIRST_NEW_PARENT = 1_000
# Text columns take all of this as it stands.
TEXT_VALUES = [
    "'; drop table raw.bills; --", '"; drop table x', 'say "yes"', "a,b", "a;b\tc", "a\nb", "a\r\nb", "=1+1", "+1", "-1", "@sum(1)", "=cmd|' /C calc'!A0", "#1", "# x",
    "{{ 1 }}", "{% if %}", "{files}", "  x  ", " ", "\u00a0", "\u200b", "中文名称", "😀", "e\u0301", "\\", "\\N", "NULL", "null", "NaN", "a\0b", "\x1f", "x" * 100_000, "0", "007", "1e5",
]  # fmt: skip


@contextmanager
def environment(**values: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


def build(project: Path, raw: Path, folder: Path, as_of: str, select: str) -> Path:
    """Checks a delivery and builds models, without the tests that judge whether it is plausible; returns the warehouse."""
    from dbt.cli.main import dbtRunner

    settings = resolve(str(project), str(raw), str(folder / "published"), str(folder / "warehouse.duckdb"), as_of=as_of, weeks=1)
    with environment(CHURN_WARNING_HASH_KEY=REAL_DATA_KEY), settings.exported("hostile"):
        dbt = DbtProject(settings)
        try:
            dbt.parse()
            folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
            options = ["--select", *select.split(), "--exclude-resource-type", "test", "unit_test"]
            outcome = dbtRunner(manifest=dbt._manifest).invoke(["--log-level", "none", "build", *options, *folders])
            assert outcome.exception is None, outcome.exception
            failed = [f"{one.node.name}: {one.message}" for one in outcome.result.results if one.status not in ("success", "pass")]
            assert outcome.success and not failed, failed
        finally:
            dbt.close()
    return settings.warehouse


def assert_no_row_is_lost(warehouse: Path, delivered: dict[str, int]) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select table_name, raw_rows, accepted_rows + duplicate_rows + quarantined_rows from marts.dq_reconciliation"
        ).fetchall()
    assert {table: raw for table, raw, _ in rows} == delivered
    assert {table: raw for table, raw, _ in rows} == {table: judged for table, _, judged in rows}


def poisoned_row(table: str, number: int) -> Row:
    """A valid row of its own, whose customer, account and line are there."""
    if table not in ("customers", "accounts", "subscribers"):
        return valid_row(table, number)
    row = valid_row(table, FIRST_NEW_PARENT + number)
    if table != "customers":
        row["customer_id"] = f"C{number}"
    return row


def contract_event(table: str) -> str:
    return "sent_at" if table == "sms_cdrs" else "started_at"


def sum_too_large(table: str) -> list[Row]:
    """Rows of one line whose numbers are the largest possible: their sum is none of the type any more."""
    largest = {"bigint": str(2**63 - 1), "decimal(18,2)": "9999999999999999.99"}
    numbers = valid_row(table, PARENTS - 1)
    numbers |= {column: largest[type_] for column, (type_, _) in CONTRACT[table].items() if type_ in largest}
    if table.endswith("cdrs"):
        # A small one four weeks before: the alerts need that much history, and its share of the largest is larger than anything.
        earlier = valid_row(table, PARENTS - 1) | {"cdr_id": "earlier", contract_event(table): "2026-02-01 10:00:00"}
        return [earlier, *(numbers | {"cdr_id": f"largest {number}"} for number in range(3))]
    if table == "bills":
        return [numbers | {"bill_month": f"2025-{month}-01", "issued_on": "2026-01-05"} for month in (10, 11, 12)] + [
            numbers | {"bill_month": "2026-01-01", "issued_on": "2026-02-05", "new_service_fee": "0.01"}
        ]
    return []


def put(table: str, rows: list[Row], number: int, row: Row) -> None:
    """In the place of the valid row of this number, unless others refer to that one."""
    if table in ("customers", "accounts", "subscribers"):
        rows.append(row)
    else:
        rows[number] = row


def identity(table: str, row: Row) -> str:
    """The first key column: text in every table, and another one in every row."""
    return str(row[KEYS[table][0]])


def free_text_columns(table: str) -> list[str]:
    columns = CONTRACT[table].items()
    return [
        name
        for name, (type_, meta) in columns
        if type_ == "varchar" and name not in KEYS[table] and not name.endswith("_id") and not {"accepted", "accepted_seed"} & meta.keys()
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: dbt reads the whole project again if the path of the warehouse is another one."""
    return tmp_path_factory.mktemp("hostile_values")


def test_every_text_is_read_as_it_stands_or_set_aside(project: Path, folder: Path) -> None:
    raw = folder / "csv"
    tables = valid_delivery(PARENTS)
    poisoned: list[tuple[str, str, str, str]] = []
    for table, rows in tables.items():
        number = 0
        for column, (type_, _) in CONTRACT[table].items():
            for text in TEXTS.get(type_, {}):
                row = poisoned_row(table, number)
                row[column] = text
                poisoned.append((table, column, identity(table, row), text))
                put(table, rows, number, row)
                number += 1
        for text in TEXT_VALUES if free_text_columns(table) else []:
            row = poisoned_row(table, number)
            row.update(dict.fromkeys(free_text_columns(table), text))
            poisoned += [(table, column, identity(table, row), text) for column in free_text_columns(table)]
            put(table, rows, number, row)
            number += 1
        rows += sum_too_large(table)
        # In the contract's order, so that what is in a folder and what is one file take turns.
        name = f"{table}/part-{number}.csv" if len(table) % 2 else f"{table}.csv"
        write_csv(raw / name, rows, CONTRACT[table])

    # All models: what is accepted here has to be fit for everything that is calculated from it.
    warehouse = build(project, raw, folder, "2026-03-01", "*")

    assert_no_row_is_lost(warehouse, {table: len(rows) for table, rows in tables.items()})
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        wrong = []
        for table in CONTRACT:
            key = KEYS[table][0]
            found = connection.execute(f"select * from checked.chk_{table}")
            names = [column[0] for column in found.description]
            rows_by_key = {row[names.index(key)]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
            for column, row_key, text in ((c, k, t) for name, c, k, t in poisoned if name == table):
                type_ = CONTRACT[table][column][0]
                expected = TEXTS[type_][text] if type_ in TEXTS else text
                row = rows_by_key[row_key]
                if row[column] != expected or row["breaks_not_castable"] != (expected is None):
                    wrong.append((table, column, text[:40], row[column], row["breaks_not_castable"]))
        assert wrong == []
        aside = connection.execute("select count(*) from marts.dq_quarantine where rule_code = 'not_castable'").fetchone()[0]
        for (content,) in connection.execute("select row_json from marts.dq_quarantine").fetchall():
            json.loads(content)
        largest = connection.execute("select distinct arpu_3m from marts.fct_weekly_alerts where subscriber_id = ?", [f"S{PARENTS - 1}"])
        assert [arpu > 9 * 10**15 for (arpu,) in largest.fetchall()] == [True], "the line with the largest numbers has to be a target"
    cannot_be_read = [text for table, column, _, text in poisoned if TEXTS.get(CONTRACT[table][column][0], {text: text})[text] is None]
    assert aside == len(cannot_be_read)


FAR = [date(1, 1, 1), date(9999, 12, 31)]
EPOCH = date(1970, 1, 1)


def days(*numbers: int) -> pa.Array:
    return pa.array(numbers, pa.int32()).cast(pa.date32())


def decimals(digits: int, *texts: str) -> pa.Array:
    return pa.array(texts).cast(pa.decimal128(38, digits))


# Type of the contract -> Parquet columns of other types, and what their values are read as; None: they cannot be read.
PARQUET: dict[str, list[tuple[pa.Array, list[Any]]]] = {
    "bigint": [
        (pa.array([12.0, 12.5, float("nan"), float("inf"), -float("inf"), 1e300, -0.0, 2.0**62]), [12, None, None, None, None, None, 0, 2**62]),
        (pa.array([12.0, 0.5], pa.float32()), [12, None]),
        (pa.array([2**64 - 1, 12], pa.uint64()), [None, 12]),
        (decimals(10, "12", "12.0000000001", "-7"), [12, None, -7]),
        (decimals(0, "12", "99999999999999999999999999999999999999"), [12, None]),
        (pa.array([7], pa.int8()), [7]),
        (pa.array(["12", "", " ", "1e3"]), [12, None, None, None]),
        (pa.array([b"12", b"x"], pa.binary()), [12, None]),
    ],
    "integer": [(pa.array([3, 2**31, -(2**31) - 1], pa.int64()), [3, None, None]), (pa.array([3, 2**32 - 1], pa.uint32()), [3, None])],
    "decimal(18,2)": [
        (
            pa.array([12.5, 0.1, 0.1 + 0.2, 12.505, float("nan"), float("inf"), 1e16, 1e300, -0.01, 123456789.12]),
            [Decimal("12.5"), Decimal("0.1"), Decimal("0.3"), Decimal("12.51"), None, None, None, None, Decimal("-0.01"), Decimal("123456789.12")],
        ),
        (pa.array([12.25, 0.1, 0.125], pa.float32()), [Decimal("12.25"), Decimal("0.1"), Decimal("0.13")]),
        (decimals(10, "12.5", "0.0000000001", "12.505", "-3"), [Decimal("12.5"), Decimal(0), Decimal("12.51"), Decimal("-3")]),
        (decimals(2, "999999999999999999999999999999999999.99", "1.10"), [None, Decimal("1.1")]),
        (pa.array([2**64 - 1, 12], pa.uint64()), [None, Decimal(12)]),
        (pa.array([5], pa.int16()), [Decimal(5)]),
        (pa.array(["12.5", "", "12.505"]), [Decimal("12.5"), None, Decimal("12.51")]),
    ],
    "boolean": [(pa.array([0, 1, 2, -1], pa.int8()), [False, True, None, None]), (pa.array(["true", "yes", ""]), [True, None, None])],
    "date": [
        (days(-719162, 2932896, 2932897, -719163, 2**31 - 2, -(2**31) + 2), [*FAR, None, None, None, None]),
        (pa.array([datetime(2026, 2, 3, 23, 59)], pa.timestamp("ms")), [date(2026, 2, 3)]),
        (pa.array([253402300800, 0], pa.int64()).cast(pa.timestamp("s")), [None, EPOCH]),
        (pa.array([0], pa.int64()).cast(pa.date64()), [EPOCH]),
        (pa.array([datetime(2026, 2, 3, 20)], pa.timestamp("us", "UTC")), [date(2026, 2, 4)]),
        (pa.array(["2026-02-03", ""]), [date(2026, 2, 3), None]),
    ],
    "timestamp": [
        (pa.array([datetime(2026, 2, 3, 4)], pa.timestamp("ns")), [datetime(2026, 2, 3, 4)]),
        (pa.array([datetime(2026, 2, 3, 4)], pa.timestamp("ms")), [datetime(2026, 2, 3, 4)]),
        (pa.array([1770148800 * 10**6, 2**63 - 10, -(2**63) + 10], pa.int64()).cast(pa.timestamp("us", "UTC")), [datetime(2026, 2, 4, 4), None, None]),
        (pa.array([253402300800 * 10**6, -62135596800 * 10**6, -62135596801 * 10**6], pa.int64()).cast(pa.timestamp("us")), [None, datetime(1, 1, 1), None]),
        (pa.array([2**63 - 10, -(2**63) + 10], pa.int64()).cast(pa.timestamp("us")), [None, None]),
        (days(0, 2932897), [datetime(1970, 1, 1), None]),
        (pa.array(["2026-02-03 04:00:00", ""]), [datetime(2026, 2, 3, 4), None]),
    ],
}  # fmt: skip


ROWS_OF_EACH = 40
NO_VALUE = object()


def test_every_parquet_type_is_read_exactly_or_set_aside(project: Path, folder: Path) -> None:
    """Each column of each table comes in another type than the contract's; one after the other, every type has its turn."""
    raw = folder / "parquet"
    raw.mkdir()
    turn = dict.fromkeys(PARQUET, 0)
    expected: dict[str, dict[str, list[Any]]] = {}
    for table, columns in CONTRACT.items():
        arrays, expected[table] = [], {}
        for column, (type_, _) in columns.items():
            if type_ == "varchar":
                arrays.append(pa.array([valid_row(table, number)[column] for number in range(ROWS_OF_EACH)]))
                continue
            values, meant = PARQUET[type_][turn[type_] % len(PARQUET[type_])]
            turn[type_] += 1
            rest = ROWS_OF_EACH - len(values)
            arrays.append(pa.concat_arrays([pa.nulls(rest, values.type), values]))
            expected[table][column] = [NO_VALUE] * rest + meant
        pq.write_table(pa.table(dict(zip(columns, arrays, strict=True))), raw / f"{table}.parquet", store_schema=False)
    assert all(turn[type_] >= len(values) for type_, values in PARQUET.items() if type_ != "bigint")

    warehouse = build(project, raw, folder, "2026-02-04", "+dq_quarantine +dq_reconciliation path:models/staging")

    assert_no_row_is_lost(warehouse, dict.fromkeys(CONTRACT, ROWS_OF_EACH))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        wrong = []
        for table, columns in expected.items():
            key = KEYS[table][0]
            found = connection.execute(f"select {', '.join([key, 'breaks_not_castable', *columns])} from checked.chk_{table}").fetchall()
            by_key = {row[0]: row[1:] for row in found}
            for number in range(ROWS_OF_EACH):
                broken, *values = by_key[identity(table, valid_row(table, number))]
                meant = [column[number] for column in columns.values()]
                if values != [None if one is NO_VALUE else one for one in meant] or broken != (None in meant):
                    wrong.append((table, number, list(columns), values, meant, broken))
        assert wrong == []
