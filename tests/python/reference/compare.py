"""Row-for-row comparison of expected marts with what was built."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

KEYS = {
    "fct_weekly_alerts": ("as_of_date", "subscriber_id", "model_scope"),
    "fct_daily_alerts": ("as_of_date", "subscriber_id", "model_scope"),
    "fct_alert_contributions": ("as_of_date", "subscriber_id", "model_scope", "scorecard_code", "indicator_code"),
    "fct_indicators": ("as_of_date", "subscriber_id"),
    "fct_loss_judgements": ("bill_month", "subscriber_id"),
    "dq_reconciliation": ("table_name",),
    "dq_quarantine": ("table_name", "rule_code"),
}

# The mart of broken rows has one row each; the expectation counts them.
_QUERIES = {
    "dq_quarantine": 'select table_name, rule_code, count(*) as "rows" from {schema}.dq_quarantine group by 1, 2',
}

SHOWN = 20
TOLERANCE = 1e-9


def same(expected: Any, actual: Any) -> bool:
    """Whether two cells agree: null equals empty text, floats within 1e-9, whole numbers and decimals exactly."""
    expected = None if expected == "" else expected
    actual = None if actual == "" else actual
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, bool) or isinstance(actual, bool):
        return isinstance(expected, bool) and isinstance(actual, bool) and expected == actual
    if isinstance(expected, datetime) or isinstance(actual, datetime):
        return expected == actual
    if isinstance(expected, date) or isinstance(actual, date):
        return expected == actual
    if isinstance(expected, (int, float, Decimal)) and isinstance(actual, (int, float, Decimal)):
        if isinstance(expected, float) or isinstance(actual, float):
            return abs(float(expected) - float(actual)) <= TOLERANCE
        return expected == actual
    return expected == actual


def compare_rows(mart: str, expected: list[Row], actual: list[Row]) -> list[str]:
    """All differences between two versions of a mart, as readable lines; columns not expected are not judged."""
    key = KEYS[mart]
    found: list[str] = []

    def index(rows: list[Row], side: str) -> dict[tuple, Row]:
        seen = Counter(tuple(r[c] for c in key) for r in rows)
        found.extend(f"{mart}: {side} has {n} rows of {k}" for k, n in sorted(seen.items(), key=str) if n > 1)
        return {tuple(r[c] for c in key): r for r in rows}

    wanted, got = index(expected, "expected"), index(actual, "actual")
    for k in sorted(wanted.keys() - got.keys(), key=str):
        found.append(f"{mart}: missing row {_key_text(key, k)}")
    for k in sorted(got.keys() - wanted.keys(), key=str):
        # A table that is declared absent may be listed with nothing delivered.
        if mart == "dq_reconciliation" and not got[k].get("raw_rows"):
            continue
        found.append(f"{mart}: unexpected row {_key_text(key, k)}")
    missing_columns = sorted({c for r in expected for c in r} - {c for r in actual for c in r}) if actual else []
    if missing_columns:
        found.insert(0, f"{mart}: missing columns {', '.join(missing_columns)}")
    for k in sorted(wanted.keys() & got.keys(), key=str):
        for column, value in wanted[k].items():
            if column not in missing_columns and not same(value, got[k][column]):
                found.append(f"{mart}: {_key_text(key, k)}: {column} expected {_text(value)}, actual {_text(got[k][column])}")
    return found


def _key_text(columns: tuple[str, ...], values: tuple) -> str:
    return " ".join(f"{c}={v}" for c, v in zip(columns, values, strict=True))


def _text(value: Any) -> str:
    return "null" if value is None else repr(value) if isinstance(value, str) else str(value)


def read_marts(source: str | Path | duckdb.DuckDBPyConnection, schema: str, marts: list[str]) -> dict[str, list[Row]]:
    """The rows of built marts."""
    own = not isinstance(source, duckdb.DuckDBPyConnection)
    connection = duckdb.connect(str(source), read_only=True) if own else source
    try:
        result = {}
        for mart in marts:
            cursor = connection.execute(_QUERIES.get(mart, f"select * from {{schema}}.{mart}").format(schema=schema))
            names = [d[0] for d in cursor.description]
            result[mart] = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
        return result
    finally:
        if own:
            connection.close()


def compare(
    expected: dict[str, list[Row]],
    source: str | Path | duckdb.DuckDBPyConnection,
    schema: str = "marts",
    shown: int = SHOWN,
) -> list[str]:
    """The differences between expected marts and those in a DuckDB file (or open connection), the first ``shown`` of each mart.

    Raises duckdb.Error if the file or a mart cannot be read.
    """
    actual = read_marts(source, schema, list(expected))
    messages: list[str] = []
    for mart, rows in expected.items():
        found = compare_rows(mart, rows, actual[mart])
        messages += found[:shown]
        if len(found) > shown:
            messages.append(f"{mart}: ... {len(found) - shown} more")
    return messages
