"""A scorecard of its own: seed files that say what any table of values scores, and the SQL that scores it.

The files are those of seeds/scorecards, and derived_indicators.csv for what is not a number in the table: categories and
combinations of two indicators get a level there, a whole number, which then earns points like any other value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from churn_warning.errors import WrongUse
from churn_warning.sql import identifier, literal

# Name -> columns with their types, in the order in which they are written.
FILES: dict[str, dict[str, str]] = {
    "scorecards": {
        "scorecard_code": "varchar", "label_en": "varchar", "label_zh": "varchar", "direction": "varchar",
        "alert_threshold": "double", "source": "varchar", "note": "varchar", "id_column": "varchar", "label_column": "varchar",
    },
    "indicator_families": {
        "scorecard_code": "varchar", "family_code": "varchar", "family_rule": "varchar", "label_en": "varchar", "label_zh": "varchar",
    },
    "indicators": {
        "indicator_code": "varchar", "unit": "varchar", "lowest_value": "double", "highest_value": "double",
        "expected_direction": "varchar", "label_en": "varchar", "label_zh": "varchar", "reason_en": "varchar",
        "reason_zh": "varchar", "source": "varchar", "note": "varchar",
    },
    "scorecard_indicators": {"scorecard_code": "varchar", "indicator_code": "varchar", "family_code": "varchar"},
    "scorecard_bands": {
        "scorecard_code": "varchar", "scope_type": "varchar", "scope_code": "varchar", "indicator_code": "varchar",
        "lower_bound": "double", "upper_bound": "double", "match_missing": "boolean", "points": "integer", "valid_from": "date",
        "valid_to": "date", "source": "varchar", "note": "varchar",
    },
    "derived_indicators": {
        "indicator_code": "varchar", "level": "integer", "first_input": "varchar", "first_category": "varchar",
        "first_lower_bound": "double", "first_upper_bound": "double", "second_input": "varchar", "second_lower_bound": "double",
        "second_upper_bound": "double",
    },
}  # fmt: skip
# Places of the row of the table that is scored; no column of a table is called so.
ROW = "row_of_table"


@dataclass
class Card:
    """The rows of the files by name of the file, as dicts."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in FILES})

    def completed(self) -> Card:
        """The same rows with every column; None where nothing was said."""
        return Card({name: [{column: row.get(column) for column in FILES[name]} for row in rows] for name, rows in self.rows.items()})

    def write(self, folder: Path) -> None:
        """Writes the files into an existing folder; blank stands for unknown or open."""
        for name, columns in FILES.items():
            write_csv(folder / f"{name}.csv", list(columns), self.rows[name])


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Writes a seed file: commas, a header, blank for None, true and false in small letters."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(row.get(column)) for column in columns])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def load(connection: duckdb.DuckDBPyConnection, schema: str, card: Card) -> None:
    """Makes the tables of a card in a schema of the connection."""
    connection.execute(f"drop schema if exists {schema} cascade")
    connection.execute(f"create schema {schema}")
    for name, columns in FILES.items():
        connection.execute(f"create table {schema}.{name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        rows = [[row.get(column) for column in columns] for row in card.rows[name]]
        # Many rows by one statement: row by row it takes seconds.
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            places = ", ".join(["(" + ", ".join("?" for _ in columns) + ")"] * len(part))
            connection.execute(f"insert into {schema}.{name} values {places}", [value for row in part for value in row])


def read(folder: Path) -> Card:
    """Reads the files of a card.

    Args:
        folder: A folder that `weights fit --data` has written; its points may have been edited since.

    Raises:
        WrongUse: A file is missing or cannot be read, or its rows do not fit together.
    """
    next_step = "Name the folder that churn-warning weights fit --data ... --out has written."
    if not folder.is_dir():
        raise WrongUse("There is no such folder of a scorecard.", where=str(folder), next_step=next_step)
    card = Card()
    with duckdb.connect() as connection:
        for name, columns in FILES.items():
            path = folder / f"{name}.csv"
            if not path.is_file():
                raise WrongUse(f"The scorecard lacks the file {name}.csv.", where=str(path), next_step=next_step)
            types = "{" + ", ".join(f"{literal(column)}: {literal(kind)}" for column, kind in columns.items()) + "}"
            try:
                cursor = connection.execute(
                    f"select * from read_csv({literal(path)}, header = true, delim = ',', quote = '\"', escape = '\"',"
                    f" nullstr = '', auto_detect = false, columns = {types}, strict_mode = true, all_varchar = false)"
                )
                card.rows[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            except duckdb.Error as error:
                raise WrongUse(
                    f"{name}.csv cannot be read: {' '.join(str(error).split())[:300]}",
                    where=str(path),
                    next_step="Correct this line, or fit the scorecard again.",
                ) from None
    if problems := _faults(card):
        raise WrongUse(
            "The scorecard does not fit together:\n" + "\n".join(f"- {one}" for one in problems[:20]),
            where=str(folder),
            next_step="Correct these rows, or fit the scorecard again.",
        )
    return card


def _faults(card: Card) -> list[str]:
    """What would make a score that is not the sum of the points that are written."""
    faults = []
    codes = {row["scorecard_code"] for row in card.rows["scorecards"]}
    if len(codes) != 1:
        faults.append(f"scorecards.csv names {len(codes)} scorecards; it has to be one")
    rules = {(row["family_code"]): row["family_rule"] for row in card.rows["indicator_families"]}
    members = [row["indicator_code"] for row in card.rows["scorecard_indicators"]]
    known = {row["indicator_code"] for row in card.rows["indicators"]}
    faults += [f"scorecard_indicators.csv: {code} stands there twice" for code in sorted({one for one in members if members.count(one) > 1})]
    for row in card.rows["scorecard_indicators"]:
        if row["family_code"] not in rules:
            faults.append(f"scorecard_indicators.csv: {row['indicator_code']} is in the unknown family {row['family_code']}")
        if row["indicator_code"] not in known:
            faults.append(f"scorecard_indicators.csv: indicators.csv does not have {row['indicator_code']}")
    faults += [f"indicator_families.csv: {code}: family_rule has to be sum or max" for code, rule in rules.items() if rule not in ("sum", "max")]
    by_indicator: dict[str, list[tuple[float, float]]] = {}
    missing: list[str] = []
    for row in card.rows["scorecard_bands"]:
        where = f"scorecard_bands.csv: {row['indicator_code']}"
        if row["indicator_code"] not in members:
            faults.append(f"{where}: scorecard_indicators.csv does not have it")
        if row["points"] is None or row["match_missing"] is None:
            faults.append(f"{where}: points or match_missing is blank")
        elif row["match_missing"]:
            missing.append(row["indicator_code"])
        else:
            by_indicator.setdefault(row["indicator_code"], []).append(_range(row, ""))
    for code in sorted({one for one in missing if missing.count(one) > 1}):
        faults.append(f"scorecard_bands.csv: {code} has several rows for a missing value")
    for code, ranges in by_indicator.items():
        ranges.sort()
        if any(low >= high for low, high in ranges) or any(one[1] > two[0] for one, two in zip(ranges, ranges[1:], strict=False)):
            faults.append(f"scorecard_bands.csv: {code}: bounds are reversed, or bands overlap")
    return faults + _derived_faults(card, known)


def _derived_faults(card: Card, known: set[str]) -> list[str]:
    faults = []
    categories = [(row["indicator_code"], row["first_category"]) for row in card.rows["derived_indicators"] if not row["second_input"]]
    if len(categories) != len(set(categories)):
        faults.append("derived_indicators.csv: a category has two levels")
    cells: dict[str, list[tuple]] = {}
    for row in card.rows["derived_indicators"]:
        if row["indicator_code"] not in known or row["level"] is None or not row["first_input"]:
            faults.append(f"derived_indicators.csv: {row['indicator_code']} is unknown, or its level or input is blank")
        elif row["second_input"]:
            if {row["first_input"], row["second_input"]} - known:
                faults.append(f"derived_indicators.csv: {row['indicator_code']} combines indicators that indicators.csv does not have")
            cells.setdefault(row["indicator_code"], []).append((_range(row, "first_"), _range(row, "second_")))
    for code, places in cells.items():
        if any(_overlap(one[0], two[0]) and _overlap(one[1], two[1]) for i, one in enumerate(places) for two in places[:i]):
            faults.append(f"derived_indicators.csv: cells of {code} overlap")
    return faults


def _overlap(one: tuple[float, float], two: tuple[float, float]) -> bool:
    return one[0] < two[1] and two[0] < one[1]


def _range(row: dict[str, Any], prefix: str) -> tuple[float, float]:
    low, high = row[f"{prefix}lower_bound"], row[f"{prefix}upper_bound"]
    return (-float("inf") if low is None else low, float("inf") if high is None else high)


def inputs(card: Card) -> tuple[list[str], dict[str, str]]:
    """Columns of a table that a card reads: those that are numbers, and code of the indicator -> column of categories."""
    combined = {row["indicator_code"] for row in card.rows["derived_indicators"] if row["second_input"]}
    categories = {row["indicator_code"]: row["first_input"] for row in card.rows["derived_indicators"] if not row["second_input"]}
    numbers = [row["indicator_code"] for row in card.rows["indicators"] if row["indicator_code"] not in combined | categories.keys()]
    return numbers, categories


def number_of(column: str) -> str:
    """SQL: a column as a number; null if it is not one, or not a finite one."""
    value = f"try_cast({identifier(column)} as double)"
    return f"case when isfinite({value}) then {value} end"


def category_of(column: str) -> str:
    """SQL: a column as a category; null if it is blank."""
    return f"nullif(trim(cast({identifier(column)} as varchar)), '')"


def values_sql(card: Card, table: str, schema: str) -> str:
    """SQL: the value of every indicator in every row of a table that has a column ROW; null if it is unknown.

    A pair of which one value is unknown is in no cell, and so unknown itself.
    """
    numbers, categories = inputs(card)
    wide = [f"{number_of(code)} as {identifier(code)}" for code in numbers]
    wide += [f"levels_{place}.level::double as {identifier(code)}" for place, code in enumerate(categories)]
    levels = [
        f"left join {schema}.derived_indicators as levels_{place} on levels_{place}.indicator_code = {literal(code)}"
        f" and levels_{place}.first_category = {category_of(column)}"
        for place, (code, column) in enumerate(categories.items())
    ]
    single = [*numbers, *categories]
    pairs = {row["indicator_code"]: row for row in card.rows["derived_indicators"] if row["second_input"]}
    parts = [f"select {ROW}, unnest([{', '.join(map(literal, single))}]) as indicator_code,"
             f" unnest([{', '.join(map(identifier, single))}]) as indicator_value from wide"]  # fmt: skip
    for code, row in pairs.items():
        one, two = f"wide.{identifier(row['first_input'])}", f"wide.{identifier(row['second_input'])}"
        parts.append(f"""
            select wide.{ROW}, {literal(code)}, cells.level
            from wide
            left join (select * from {schema}.derived_indicators where indicator_code = {literal(code)}) as cells
                on {one} >= coalesce(cells.first_lower_bound, '-inf'::double)
                and {one} < coalesce(cells.first_upper_bound, 'inf'::double)
                and {two} >= coalesce(cells.second_lower_bound, '-inf'::double)
                and {two} < coalesce(cells.second_upper_bound, 'inf'::double)
        """)
    return f"""
        with wide as materialized (

            select {ROW}, {", ".join(wide)}
            from {table}
            {" ".join(levels)}

        )

        {" union all ".join(parts)}
    """


def hits_sql(values: str, schema: str) -> str:
    """SQL: the points of every value: lower bound included, upper bound not, an unknown value only in its own band."""
    return f"""
        select
            found.{ROW},
            found.indicator_code,
            found.indicator_value,
            members.family_code,
            bands.points
        from ({values}) as found
        inner join {schema}.scorecard_indicators as members on found.indicator_code = members.indicator_code
        left join {schema}.scorecard_bands as bands
            on found.indicator_code = bands.indicator_code
            and case
                when found.indicator_value is null then bands.match_missing
                else not bands.match_missing
                    and found.indicator_value >= coalesce(bands.lower_bound, '-inf'::double)
                    and found.indicator_value < coalesce(bands.upper_bound, 'inf'::double)
            end
    """


def scores_sql(hits: str, schema: str) -> str:
    """SQL: the score of every row: the sum over its families of their points (`sum`) or of the highest of them (`max`)."""
    return f"""
        with of_families as (

            select
                hits.{ROW},
                case when families.family_rule = 'max' then max(hits.points) else sum(hits.points) end as points
            from ({hits}) as hits
            inner join {schema}.indicator_families as families on hits.family_code = families.family_code
            group by hits.{ROW}, families.family_code, families.family_rule

        )

        select {ROW}, coalesce(sum(points), 0)::bigint as score
        from of_families
        group by {ROW}
    """
