"""What changed weights would do to weeks that are scored already: the seeds beside those that the warehouse was built with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from churn_warning.seed_lint import SEEDS, TEXT, Row, Table, Tables, band_text
from churn_warning.seed_messages import Problem

# The seeds without dates that decide who is watched, how points are added and which level a score gives.
UNDATED_SEEDS = (
    "scorecards", "indicator_families", "scorecard_indicators", "alert_levels", "stability_alert_rules", "early_warning_rules",
    "warning_conditions", "alert_policy", "value_tiers", "group_classes", "industries", "subscriber_statuses",
)  # fmt: skip

_SERIES = ("scorecard_code", "scope_type", "scope_code", "indicator_code", "match_missing")
_SCORING = ("lower_bound", "upper_bound", "points")
_DAYS = ("valid_from", "valid_to")
_BAND = (*_SERIES, *_SCORING, *_DAYS)

Values = dict[str, Any]


@dataclass(frozen=True)
class Scored:
    """What the warehouse knows of the scored past.

    Attributes:
        seeds: Rows of scorecard_bands and of UNDATED_SEEDS that it was built with, without labels, source and note.
        observations: Observations (subscribers of a Sunday) by Sunday, branch and city.
    """

    seeds: dict[str, list[Values]]
    observations: dict[date, dict[tuple[str | None, str | None], int]]

    @property
    def last(self) -> date:
        return max(self.observations)

    def touched(self, scope_type: str, scope_code: str, ranges: list[tuple[date, date]]) -> dict[str, object] | None:
        """First and last Sunday, number of weeks and observations of a scope within ranges of days; None if there are none."""
        counts: Counter[date] = Counter()
        for sunday, places in self.observations.items():
            if any(first <= sunday <= last for first, last in ranges):
                for (branch, city), count in places.items():
                    if scope_type == "base" or scope_code == (branch if scope_type == "branch" else city):
                        counts[sunday] += count
        if not counts:
            return None
        return {"weeks": len(counts), "first": min(counts), "last": max(counts), "observations": f"{counts.total():,}"}


def read_scored(connection: duckdb.DuckDBPyConnection) -> Scored | None:
    """Reads the scored past; None if nothing was scored, or if another version of the project built the warehouse."""
    seeds: dict[str, list[Values]] = {}
    try:
        for name in ("scorecard_bands", *UNDATED_SEEDS):
            columns = _compared_columns(name)
            rows = connection.execute(f"select {', '.join(columns)} from seeds.{name}").fetchall()
            seeds[name] = [dict(zip(columns, row, strict=True)) for row in rows]
        counted = connection.execute(
            "select as_of_date, branch_code, city_code, count(*) from marts.fct_weekly_alerts where model_scope = 'local' group by all"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    observations: dict[date, dict[tuple[str | None, str | None], int]] = {}
    for sunday, branch, city, count in counted:
        observations.setdefault(sunday, {})[branch, city] = count
    return Scored(seeds, observations) if observations else None


def can_be_compared(tables: Tables) -> bool:
    """Says whether every cell that is compared could be read; otherwise a broken row would look like a removed one."""
    return all(
        tables[name].is_readable and all(row.has(*_compared_columns(name)) for row in tables[name].rows)
        for name in ("scorecard_bands", *UNDATED_SEEDS)
    )


def find_history_problems(tables: Tables, scored: Scored) -> Iterator[Problem]:
    """What in these seeds changes the scored past: new rows that begin in it are errors, edited and removed rows warnings.

    Args:
        tables: Seeds for which can_be_compared holds.
        scored: The past.
    """
    yield from _band_problems(tables["scorecard_bands"], scored)
    for name in UNDATED_SEEDS:
        yield from _undated_problems(tables[name], scored)


def _compared_columns(name: str) -> tuple[str, ...]:
    return tuple(column.name for column in SEEDS[name].columns if column.kind != TEXT and column.name != "source")


def _band_problems(table: Table, scored: Scored) -> Iterator[Problem]:
    removed, added = _changed(table, scored)
    sunday, monday = scored.last, scored.last + timedelta(days=1)
    pairs = _pairs(removed, added)
    for number, old in enumerate(removed):
        row = pairs.get(number)
        if row is None:
            touched = scored.touched(old["scope_type"], old["scope_code"], [_range(old)])
            if touched:
                place = " ".join(old[name] for name in _SERIES[:-1])
                yield table.file_problem("history_removed", before=f"{place} {_shown(old)}", sunday=sunday, **touched)
            continue
        touched = scored.touched(old["scope_type"], old["scope_code"], _changed_days(old, row.typed))
        if touched:
            columns = " + ".join(name for name in _BAND if old[name] != row.typed[name])
            yield table.problem(row, columns, "history_edited", before=_shown(old), sunday=sunday, monday=monday, **touched)
    edited = {id(row) for row in pairs.values()}
    for row in added:
        if id(row) not in edited and row.typed["valid_from"] <= scored.last:
            yield table.problem(
                row, "valid_from", "new_row_in_past", last=scored.last, valid_from=row.typed["valid_from"], monday=monday
            )


def _changed(table: Table, scored: Scored) -> tuple[list[Values], list[Row]]:
    """Rows that are only in the warehouse, and rows that are only in the file; a row that is there twice counts twice."""
    columns = _compared_columns(table.name)
    known = Counter(tuple(old[name] for name in columns) for old in scored.seeds[table.name])
    added = []
    for row in table.rows:
        values = tuple(row.typed[name] for name in columns)
        if known[values]:
            known[values] -= 1
        else:
            added.append(row)
    return [dict(zip(columns, values, strict=True)) for values in known.elements()], added


def _pairs(removed: list[Values], added: list[Row]) -> dict[int, Row]:
    """Which row a removed one (by its number) was edited into: of the same series, and the fewer differences the better."""
    candidates = sorted(
        (
            (sum(old[name] != row.typed[name] for name in (*_SCORING, *_DAYS)), number, row.line, row)
            for number, old in enumerate(removed)
            for row in added
            if all(old[name] == row.typed[name] for name in _SERIES)
        ),
        key=lambda one: one[:3],
    )
    pairs: dict[int, Row] = {}
    taken: set[int] = set()
    for _, number, line, row in candidates:
        if number not in pairs and line not in taken:
            pairs[number] = row
            taken.add(line)
    return pairs


def _range(band: Values) -> tuple[date, date]:
    return band["valid_from"], band["valid_to"] or date.max


def _changed_days(old: Values, new: Values) -> list[tuple[date, date]]:
    """The days on which an edit of a row can change scores."""
    if any(old[name] != new[name] for name in _SCORING):
        return [_range(old), _range(new)]
    (old_first, old_last), (new_first, new_last) = _range(old), _range(new)
    day = timedelta(days=1)
    ranges = []
    if old_first != new_first:
        ranges.append((min(old_first, new_first), max(old_first, new_first) - day))
    if old_last != new_last:
        shorter = min(old_last, new_last)
        ranges.append((shorter + day, max(old_last, new_last)))
    return ranges


def _shown(band: Values) -> str:
    valid_to = band["valid_to"] or ""
    band_range = "match_missing" if band["match_missing"] else band_text(band)
    return f"{band_range} = {band['points']} ({band['valid_from']} .. {valid_to})"


def _undated_problems(table: Table, scored: Scored) -> Iterator[Problem]:
    removed, added = _changed(table, scored)
    everything = scored.touched("base", "*", [(date.min, date.max)])
    key = SEEDS[table.name].key
    old_rows = {tuple(old[name] for name in key): old for old in removed} if key else {}
    for row in added:
        old = old_rows.pop(tuple(row.typed[name] for name in key), None)
        columns = " + ".join(name for name in old if old[name] != row.typed[name]) if old else ""
        yield table.problem(row, columns, "history_undated", **everything)
    gone = list(old_rows.values()) if key else removed[: max(0, len(removed) - len(added))]
    if gone:
        shown = "; ".join(",".join("" if value is None else _text(value) for value in old.values()) for old in gone)
        yield table.file_problem("history_undated_removed", before=shown, **everything)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
