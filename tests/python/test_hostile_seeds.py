"""Whatever is written into a cell of a seed: the linter names the problem, or the seed is loaded and holds exactly what was written."""

from __future__ import annotations

import csv
import random
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from conftest import REPOSITORY
from dbt_common.clients import agate_helper

from churn_warning.seed_lint import BOOLEAN, CODE, DATE, INTEGER, NUMBER, SEEDS, TEXT, lint_seeds

SHIPPED = REPOSITORY / "seeds"
ENGINE_TYPES = {TEXT: "varchar", CODE: "varchar", INTEGER: "integer", NUMBER: "double", DATE: "date", BOOLEAN: "boolean"}
VALUES_PER_COLUMN = 5

HOSTILE = [
    "", " ", "\t", "  x", "x  ", "NULL", "null", "None", "\\N", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e308", "1e-400",
    "0x10", "1_000", "1,000", "12.", ".5", "+5", "-5", "-0", "--1", "1e3", "0", "1", "007", "９", "²", "٣", "2147483647", "2147483648",
    "-2147483649", "9" * 400, "1" * 5000, "0." + "1" * 5000, "0" * 5000 + "1", "2026-02-30", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01",
    "2026-2-3", "20260203", "2026/02/03", "2026-02-03T00:00:00", "infinity", "epoch", "true", "FALSE", "True", "yes", "t", "Y",
    "'; drop table seeds.parameters; --", '"; drop table x', '"', '""', "'", "=1+1", "+cmd|' /C calc'!A0", "@sum(1)", "-2+3", "{{ 1 }}", "{% if %}", "{value}",
    "a\nb", "a\r\nb", "a\rb", "a,b", "\ufeff", "\u200b", "\u202e", "\u00a0", "\u2028", "\x85", "\x1a", "\x0c", "a\0b",
    "中文", "😀", "e\u0301", "\\", "#x", "--", "/*", "$1", "%s", "${x}",
    "x" * 1000, "中" * 40_000, "x" * 140_000,
]  # fmt: skip


def columns() -> list[tuple[str, str]]:
    return [(name, column.name) for name, seed in SEEDS.items() for column in seed.columns]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("hostile") / "seeds"))


def load_as_dbt_does(path: Path, name: str) -> list[dict[str, object]]:
    """The rows of a seed after dbt has read it (agate) and the engine has loaded it (the project's COPY)."""
    macro = (REPOSITORY / "macros/cross_db/load_csv_rows.sql").read_text(encoding="utf-8")
    options = re.search(r"\(format csv.*\)", macro)[0]
    kinds = {column.name: column.kind for column in SEEDS[name].columns}
    table = agate_helper.from_csv(path, text_columns=[column for column, kind in kinds.items() if kind in (TEXT, CODE)], delimiter=",")
    with duckdb.connect() as connection:
        types = ", ".join(f'"{column}" {ENGINE_TYPES[kind]}' for column, kind in kinds.items())
        connection.execute(f"create table seed ({types})")
        connection.execute(f"copy seed from '{path}' {options}")
        rows = connection.execute("select * from seed").fetchall()
    assert len(table.rows) == len(rows)
    return [dict(zip(kinds, row, strict=True)) for row in rows]


def meant(kind: str, text: str) -> object:
    """What an accepted text stands for."""
    if text == "":
        return None
    readers = {INTEGER: int, NUMBER: float, DATE: date.fromisoformat, BOOLEAN: lambda value: value.lower() == "true"}
    return readers.get(kind, str)(text)


@pytest.mark.parametrize("name", SEEDS)
def test_a_hostile_cell_is_reported_or_loaded_as_it_stands(seeds: Path, name: str) -> None:
    chance = random.Random(f"hostile {name}")
    path = seeds / SEEDS[name].folder / f"{name}.csv"
    shipped = path.read_bytes()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    accepted = 0
    try:
        for column in SEEDS[name].columns:
            for value in chance.sample(HOSTILE, VALUES_PER_COLUMN):
                position = chance.randrange(len(rows))
                changed = [dict(row) for row in rows]
                changed[position][column.name] = value
                with path.open("w", encoding="utf-8", newline="") as file:
                    writer = csv.DictWriter(file, rows[0].keys(), lineterminator=chance.choice(["\n", "\r\n"]))
                    writer.writeheader()
                    writer.writerows(changed)
                problems = lint_seeds(seeds, None)
                for problem in problems:
                    assert "\n" not in str(problem)
                    assert problem.file and problem.reason and problem.advice
                if problems:
                    continue
                accepted += 1
                for row, loaded in zip(changed, load_as_dbt_does(path, name), strict=True):
                    for one in SEEDS[name].columns:
                        assert loaded[one.name] == meant(one.kind, row[one.name]), (one.name, row[one.name][:40])
    finally:
        path.write_bytes(shipped)
    # Codes are foreign keys or listed, so only free text takes hostile values.
    assert accepted or not any(column.kind == TEXT for column in SEEDS[name].columns)
