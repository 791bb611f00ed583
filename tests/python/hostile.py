"""A tiny valid delivery, made from the contract itself, and values that do not belong into it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from conftest import REPOSITORY

Row = dict[str, Any]

SOURCES = yaml.safe_load((REPOSITORY / "models/staging/_sources.yml").read_text(encoding="utf-8"))["sources"][0]["tables"]
# Table -> column -> (type, meta), in contract order.
CONTRACT = {
    table["name"]: {
        column["name"]: (column["data_type"], column.get("config", {}).get("meta", {})) for column in table["columns"]
    }
    for table in SOURCES
}
KEYS = {table["name"]: table["config"]["meta"]["key"] for table in SOURCES}

SAMPLES = {
    "bigint": "60",
    "integer": "1",
    "decimal(18,2)": "12.50",
    "boolean": "true",
    "date": "2025-01-01",
    "timestamp": "2026-03-01 10:00:00",
}
REFERENCES = {"customer_id": "C", "account_id": "A", "subscriber_id": "S", "group_id": "G", "plan_code": "P", "branch_code": "B"}

# Texts in a column of this type, and what they are read as; None: they cannot be read.
TEXTS: dict[str, dict[str, Any]] = {
    "bigint": {
        "12": 12, "+12": 12, "-12": -12, " 12 ": 12, "012": 12, "12.0": 12, "12.": 12, "9223372036854775807": 2**63 - 1,
        "9223372036854775808": None, "1" * 400: None, "0x10": None, "0b1": None, "1_000": None, "1,000": None, "1e3": None, "1E3": None, "12.5": None,
        "0.9999999": None, "nan": None, "inf": None, "Infinity": None, "true": None, "１２": None, "²": None, "12 34": None, "--1": None, "=1+1": None,
        "'; drop table x; --": None, "12\u200b": None, "\u00a012": None, "  ": None, "\t": None, "12\n": None, "13800000000 Wang": None,
    },
    "integer": {"2147483647": 2**31 - 1, "2147483648": None, "-2147483648": -(2**31), "-2147483649": None, "1e3": None, "0.5": None, "3": 3},
    "decimal(18,2)": {
        "12": Decimal("12"), "12.5": Decimal("12.5"), "12.50": Decimal("12.5"), "12.5000": Decimal("12.5"), ".5": Decimal("0.5"), "-0.01": Decimal("-0.01"),
        " 1.10 ": Decimal("1.1"), "9999999999999999.99": Decimal("9999999999999999.99"), "10000000000000000.00": None,
        "12.505": Decimal("12.51"), "0.001": Decimal(0),
        "0.0049999": Decimal(0), "12,5": None, "1,234.50": None, "1_000": None, "1e3": None, "0x10": None, "¥12": None, "12元": None, "nan": None, "-inf": None,
        ".": None, "+": None, "１２.5": None, "@1": None, "9" * 400: None,
    },
    "boolean": {
        "true": True, "FALSE": False, "True": True, " true ": True, "1": True, "0": False, "yes": None, "no": None, "t": None, "f": None, "y": None,
        "on": None, "2": None, "-1": None, "1.0": None, "是": None, "null": None, "truefalse": None,
    },
    "date": {
        "2026-02-03": date(2026, 2, 3), " 2026-02-03 ": date(2026, 2, 3), "2026-02-03 10:11:12": date(2026, 2, 3), "2026-02-03T00:00": date(2026, 2, 3),
        "2024-02-29": date(2024, 2, 29), "0001-01-01": date(1, 1, 1), "9999-12-31": date(9999, 12, 31), "0000-01-01": None, "0000-00-00": None,
        "10000-01-01": None, "294247-01-01": None, "0001-01-01 (BC)": None, "2026-02-30": None, "2025-02-29": None, "2026-13-01": None, "2026-2-3": None,
        "20260203": None, "2026/02/03": None, "03.02.2026": None, "26-02-03": None, "infinity": None, "-infinity": None, "epoch": None, "today": None,
        "1769000000": None, "46056": None, "2026-02-03 25:00:00": None, "2026-02-03 10:11:12+08": None, "２０２６-02-03": None, "2026年2月3日": None,
    },
    "timestamp": {
        "2026-02-03 10:11:12": datetime(2026, 2, 3, 10, 11, 12), "2026-02-03T10:11:12": datetime(2026, 2, 3, 10, 11, 12), "2026-02-03": datetime(2026, 2, 3),
        "2026-02-03 10:11": datetime(2026, 2, 3, 10, 11), "2026-02-03 10:11:12.123456": datetime(2026, 2, 3, 10, 11, 12, 123456),
        "2026-02-03 23:59:59.9": datetime(2026, 2, 3, 23, 59, 59, 900000), "0001-01-01 00:00:00": datetime(1, 1, 1),
        "9999-12-31 23:59:59": datetime(9999, 12, 31, 23, 59, 59), "2026-02-03 24:00:00": None, "2026-02-03 25:00:00": None, "2026-02-03 10:60:00": None,
        "2026-02-03 10:11:60": None, "2026-02-03 1:2:3": None, "2026-02-03 10": None, "2026-02-03T10:11:12Z": None, "2026-02-03 10:11:12+08:00": None,
        "2026-02-03 10:11:12 Asia/Shanghai": None, "2026-02-30 10:00:00": None, "10000-01-01 00:00:00": None, "0000-01-01 00:00:00": None,
        "infinity": None, "-infinity": None, "epoch": None, "now": None, "1769000000": None, "20260203T101112": None, "10:11:12": None,
    },
}  # fmt: skip


def valid_row(table: str, number: int) -> Row:
    """A row that breaks no rule, as CSV texts; each number has its own customer, account, line and record."""
    row: Row = {}
    for name, (type_, meta) in CONTRACT[table].items():
        if meta.get("accepted"):
            row[name] = str(meta["accepted"][0])
        elif meta.get("accepted_seed"):
            row[name] = "active"
        elif type_ != "varchar":
            row[name] = SAMPLES[type_]
        elif name in REFERENCES and not (table == "branches" and name == "city_code"):
            row[name] = f"{REFERENCES[name]}{number}"
        else:
            row[name] = f"{table}-{name}-{number}"
    return row


def valid_delivery(rows: int) -> dict[str, list[Row]]:
    """That many valid rows of every table."""
    return {table: [valid_row(table, number) for number in range(rows)] for table in CONTRACT}


def write_csv(path: Path, rows: Iterable[Row], columns: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def csv_bytes(table: str, rows: int = 3) -> bytes:
    """A valid CSV file of the table."""
    lines = [",".join(CONTRACT[table])]
    lines += [",".join(valid_row(table, number).values()) for number in range(rows)]
    return ("\n".join(lines) + "\n").encode()
