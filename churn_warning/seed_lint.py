"""The seed linter: reads the CSV files under seeds/ as a person edits them and says what is wrong, file by file, line by line.

It runs before anything is built, finds all problems at once, and needs neither dbt nor a database. What a seed looks
like is declared below as data (SEEDS); rules that look at several rows or several seeds are functions (RULES).
The dbt tests of the seeds guard the same rules for those who call dbt directly.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from churn_warning.seed_messages import Problem

TEXT, CODE, INTEGER, NUMBER, DATE, BOOLEAN = "text", "code", "integer", "number", "date", "boolean"

WHOLE_FILE = 0
HEADER_LINE = 1
LARGEST_INTEGER = 2**31 - 1

SOURCES = ("deck", "paper", "liaoning", "clm", "default")
LEVELS = ("red", "yellow", "blue", "none")
SCORECARDS = ("core_risk", "core_stability", "churn_traceback")
UNITS = ("share", "yuan", "days", "months", "calls", "count", "flag", "level")
UNITS_WITH_DECIMALS = ("share", "yuan")
# Where the risk of leaving is expected to go as the value rises.
DIRECTIONS = ("up", "down")
CONDITIONS = ("complaint", "plunge", "contract_expiry", "forwarding", "competitor_contact")
LOSS_RULES = ("fee", "minutes", "calls", "bundles", "new_service_fee", "plan_downgrade", "quantity")
RAW_TABLES = (
    "customers", "accounts", "subscribers", "subscriber_status_events", "plans", "plan_changes", "bills",
    "arrears_snapshots", "voice_cdrs", "sms_cdrs", "data_cdrs", "complaints", "contracts", "service_subscriptions",
    "devices", "device_models", "enterprise_groups", "group_members", "service_contacts", "branches", "managers",
)  # fmt: skip
ALWAYS_REQUIRED_TABLES = ("customers", "accounts", "subscribers", "branches", "voice_cdrs")
SIGNAL_VALUES = {
    "stability": LEVELS,
    "early_warning": LEVELS,
    "traceback": ("potential",),
    "value_churn": ("blue", "green", "yellow", "red", "white"),
}
# Smallest and largest value of each parameter that is a whole number.
PARAMETER_RANGES: dict[str, tuple[int, int]] = {
    "billing_lag_days": (0, 366),
    "daily_lookback_days": (1, 366),
    "commitment_horizon_months": (0, 120),
    "expiry_horizon_days": (0, 3660),
    "contact_cooldown_days": (0, 3660),
    "outcome_horizon_days": (1, 3660),
    "arrears_max_age_days": (1, 3660),
    "overdue_window_days": (1, 3660),
    "min_history_days": (1, 3660),
    "min_counted_weeks": (1, 4),
    "max_reasons": (1, 100),
    "keep_versions": (2, 1000),
    "backtest_min_observations": (1, LARGEST_INTEGER),
}
# From steady to shifted.
DRIFT_LEVELS = ("ok", "watch", "shifted")
# Kind of measure -> seed that has its codes, and their column.
DRIFT_MEASURES = {"indicator": ("indicators", "indicator_code"), "score": ("scorecards", "scorecard_code")}
RULES_WITH_THRESHOLD = ("fee", "minutes", "calls", "bundles", "new_service_fee")


@dataclass(frozen=True)
class Column:
    """A column of a seed: its type, whether it may be blank, and which values it may hold (bounds included)."""

    name: str
    kind: str = TEXT
    required: bool = False
    one_of: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Reference:
    """A foreign key: the values of these columns have to stand together in a row of another seed."""

    columns: tuple[str, ...]
    seed: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Seed:
    """A seed file: its place under seeds/, columns, key, foreign keys, and the codes that rules ask for by name."""

    folder: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    needed_codes: tuple[str, ...] = ()


def _code(name: str, one_of: tuple[str, ...] = (), required: bool = True) -> Column:
    return Column(name, CODE, required, one_of)


def _flag(name: str) -> Column:
    return Column(name, BOOLEAN, required=True)


def _refers(column: str, seed: str, parent_column: str) -> Reference:
    return Reference((column,), seed, (parent_column,))


_LABELS = (Column("label_en", required=True), Column("label_zh", required=True))
# Blank is not refused: a weight without a word still works, and a dbt test warns about it.
_SOURCED = (_code("source", SOURCES, required=False), Column("note"))

SEEDS: dict[str, Seed] = {
    "scorecards": Seed(
        "scorecards",
        (
            _code("scorecard_code", SCORECARDS),
            *_LABELS,
            _code("direction", ("risk", "stability")),
            Column("alert_threshold", NUMBER),
            *_SOURCED,
        ),
        key=("scorecard_code",),
        needed_codes=SCORECARDS,
    ),
    "indicator_families": Seed(
        "scorecards",
        (_code("scorecard_code"), _code("family_code"), _code("family_rule", ("sum", "max")), *_LABELS),
        key=("scorecard_code", "family_code"),
        references=(_refers("scorecard_code", "scorecards", "scorecard_code"),),
    ),
    "indicators": Seed(
        "scorecards",
        (
            _code("indicator_code"),
            _code("unit", UNITS),
            Column("lowest_value", NUMBER),
            Column("highest_value", NUMBER),
            _code("expected_direction", DIRECTIONS, required=False),
            *_LABELS,
            Column("reason_en", required=True),
            Column("reason_zh", required=True),
            *_SOURCED,
        ),
        key=("indicator_code",),
    ),
    "scorecard_indicators": Seed(
        "scorecards",
        (_code("scorecard_code"), _code("indicator_code"), _code("family_code")),
        key=("scorecard_code", "indicator_code"),
        references=(
            _refers("scorecard_code", "scorecards", "scorecard_code"),
            _refers("indicator_code", "indicators", "indicator_code"),
            Reference(("scorecard_code", "family_code"), "indicator_families", ("scorecard_code", "family_code")),
        ),
    ),
    "scorecard_bands": Seed(
        "scorecards",
        (
            _code("scorecard_code"),
            _code("scope_type", ("base", "city", "branch")),
            _code("scope_code"),
            _code("indicator_code"),
            Column("lower_bound", NUMBER),
            Column("upper_bound", NUMBER),
            _flag("match_missing"),
            Column("points", INTEGER, required=True),
            Column("valid_from", DATE, required=True),
            Column("valid_to", DATE),
            *_SOURCED,
        ),
        references=(
            _refers("scorecard_code", "scorecards", "scorecard_code"),
            _refers("indicator_code", "indicators", "indicator_code"),
            Reference(
                ("scorecard_code", "indicator_code"),
                "scorecard_indicators",
                ("scorecard_code", "indicator_code"),
            ),
        ),
    ),
    "indicator_feeds": Seed(
        "scorecards",
        (_code("indicator_code"), _code("table_name", RAW_TABLES)),
        key=("indicator_code", "table_name"),
        references=(_refers("indicator_code", "indicators", "indicator_code"),),
    ),
    "alert_levels": Seed(
        "alerts",
        (_code("level_code", LEVELS), Column("severity", INTEGER, required=True, minimum=0), *_LABELS, *_SOURCED),
        key=("level_code",),
        needed_codes=LEVELS,
    ),
    "stability_alert_rules": Seed(
        "alerts",
        (
            Column("risk_min", NUMBER),
            Column("risk_max", NUMBER),
            Column("stability_min", NUMBER),
            Column("stability_max", NUMBER),
            _code("alert_level"),
            *_SOURCED,
        ),
        references=(_refers("alert_level", "alert_levels", "level_code"),),
    ),
    "early_warning_rules": Seed(
        "alerts",
        (
            Column("commitment_risk_level", INTEGER, minimum=1, maximum=2),
            _flag("has_condition"),
            _code("alert_level"),
            *_SOURCED,
        ),
        key=("commitment_risk_level", "has_condition"),
        references=(_refers("alert_level", "alert_levels", "level_code"),),
    ),
    "warning_conditions": Seed(
        "alerts",
        (
            _code("condition_code", CONDITIONS),
            _code("indicator_code"),
            _code("operator", (">", ">=")),
            Column("threshold", NUMBER, required=True),
            *_LABELS,
            *_SOURCED,
        ),
        key=("condition_code", "indicator_code", "operator"),
        references=(_refers("indicator_code", "indicators", "indicator_code"),),
    ),
    "alert_policy": Seed(
        "alerts",
        (_code("signal", tuple(SIGNAL_VALUES)), _code("signal_value"), _code("alert_level"), *_SOURCED),
        key=("signal", "signal_value"),
        references=(_refers("alert_level", "alert_levels", "level_code"),),
    ),
    "loss_rules": Seed(
        "alerts",
        (
            _code("rule_code", LOSS_RULES),
            Column("threshold", NUMBER, minimum=0),
            Column("declining_months", INTEGER, minimum=1),
            _code("declining_measure", ("fee", "minutes", "calls"), required=False),
            *_SOURCED,
        ),
        key=("rule_code",),
        needed_codes=LOSS_RULES,
    ),
    "value_tiers": Seed(
        "customers",
        (
            _code("tier_code"),
            Column("min_arpu", NUMBER, minimum=0),
            _flag("is_target"),
            Column("rank", INTEGER, required=True, minimum=1),
            *_SOURCED,
        ),
        key=("tier_code",),
    ),
    "group_classes": Seed(
        "customers",
        (
            _code("class_code"),
            Column("rank", INTEGER, required=True, minimum=1),
            Column("min_members", INTEGER, minimum=0),
            _flag("is_target_key_person"),
            *_SOURCED,
        ),
        key=("class_code",),
    ),
    "industries": Seed(
        "customers",
        (_code("industry_code"), _code("min_class", required=False), *_SOURCED),
        key=("industry_code",),
        references=(_refers("min_class", "group_classes", "class_code"),),
    ),
    "subscriber_statuses": Seed(
        "customers",
        (
            _code("status_code"),
            _code("category", ("normal", "suspended", "closing", "left")),
            _flag("is_quantity_loss"),
            *_SOURCED,
        ),
        key=("status_code",),
        needed_codes=("active", "suspended_arrears"),
    ),
    "operators": Seed(
        "reference",
        (_code("operator_code"), _flag("is_own"), _flag("is_competitor")),
        key=("operator_code",),
    ),
    "operator_hotlines": Seed(
        "reference",
        (_code("hotline_number"), _code("operator_code")),
        key=("hotline_number",),
        references=(_refers("operator_code", "operators", "operator_code"),),
    ),
    "services": Seed(
        "reference",
        (
            _code("service_code"),
            _flag("is_sticky"),
            _flag("is_new_service"),
            _flag("is_bundle"),
            Column("min_usage_mb_28d", NUMBER, minimum=0),
            *_SOURCED,
        ),
        key=("service_code",),
    ),
    "parameters": Seed(
        "reference",
        (_code("parameter_code"), _code("value"), *_SOURCED),
        key=("parameter_code",),
        needed_codes=(*PARAMETER_RANGES, "top_taxpayer_class"),
    ),
    "feed_expectations": Seed(
        "reference",
        (
            _code("table_name", RAW_TABLES),
            _flag("is_provided"),
            Column("min_daily_row_share", NUMBER, minimum=0, maximum=1),
            Column("max_lag_days", INTEGER, minimum=0),
            *_SOURCED,
        ),
        key=("table_name",),
    ),
    "labels": Seed(
        "reference",
        (_code("code_type"), _code("code"), *_LABELS),
        key=("code_type", "code"),
    ),
    "drift_bounds": Seed(
        "monitoring",
        (_code("drift_level", DRIFT_LEVELS), Column("min_psi", NUMBER, required=True, minimum=0), *_LABELS, *_SOURCED),
        key=("drift_level",),
        needed_codes=DRIFT_LEVELS,
    ),
    "drift_reference": Seed(
        "monitoring",
        (
            _code("measure_kind", tuple(DRIFT_MEASURES)),
            _code("measure_code"),
            Column("reference_date", DATE),
            Column("min_history_days", INTEGER, required=True, minimum=1),
            Column("smallest_share", NUMBER, required=True, minimum=1e-9, maximum=0.01),
            *_SOURCED,
        ),
        key=("measure_kind", "measure_code"),
    ),
}


@dataclass
class Row:
    """A record of a seed: raw holds every cell as written, typed only those that could be read (None: blank)."""

    line: int
    raw: dict[str, str]
    typed: dict[str, Any] = field(default_factory=dict)

    def has(self, *columns: str) -> bool:
        """Says whether all these cells could be read, blank or not."""
        return all(column in self.typed for column in columns)


@dataclass
class Table:
    """A seed as read: its rows, and whether all rows and columns are there, so that what is not found is really missing."""

    name: str
    file: str
    rows: list[Row] = field(default_factory=list)
    is_readable: bool = False

    def problem(self, row: Row, column: str, code: str, **facts: object) -> Problem:
        """Makes a problem of a cell of the row (or of several, joined by " + ")."""
        value = ", ".join(row.raw.get(name, "") for name in column.split(" + ")) if column else ""
        return Problem(self.file, row.line, column, value, code, tuple(facts.items()))

    def file_problem(self, code: str, **facts: object) -> Problem:
        """Makes a problem of the whole file."""
        return Problem(self.file, WHOLE_FILE, "", "", code, tuple(facts.items()))


Tables = dict[str, Table]


@dataclass(frozen=True)
class SeedFile:
    """Where a seed lies, and how that place is shown to the user."""

    path: Path
    shown: str


def lint_seeds(seeds_dir: Path, branches: dict[str, str] | None = None) -> list[Problem]:
    """Checks every seed file and what they say about each other.

    Args:
        seeds_dir: The folder that holds scorecards/, alerts/, customers/, reference/ and monitoring/.
        branches: City code of each branch code of the operator; None: the cities and branches that scorecard_bands
            names are not checked against what exists.

    Returns:
        All problems, by file and line; an empty list if there is none. Nothing is raised for a wrong seed.
    """
    if not Path(seeds_dir).is_dir():
        return [Problem(Path(seeds_dir).name, WHOLE_FILE, "", "", "folder_missing")]
    return lint_tables(*read_seeds(find_seeds(Path(seeds_dir))), branches)


def find_seeds(seeds_dir: Path) -> dict[str, SeedFile]:
    """The place of every seed in a seeds folder, whether the file is there or not."""
    return {
        name: SeedFile(seeds_dir / seed.folder / f"{name}.csv", f"{seeds_dir.name}/{seed.folder}/{name}.csv")
        for name, seed in SEEDS.items()
    }


def find_candidate(candidate: Path) -> tuple[dict[str, SeedFile], list[Problem]]:
    """The seeds that a candidate changes.

    Args:
        candidate: A CSV file, or a folder that holds CSV files beside each other or in folders, as seeds/ does.

    Returns:
        The place of each seed that is there, and what is wrong with the files as such.
    """
    if not candidate.exists():
        return {}, [Problem(str(candidate), WHOLE_FILE, "", "", "candidate_missing")]
    paths = [candidate] if candidate.is_file() else sorted(candidate.rglob("*.csv"))
    found: dict[str, SeedFile] = {}
    problems: list[Problem] = []
    for path in paths:
        shown = path.relative_to(candidate.parent).as_posix()
        # Spreadsheets and file managers leave hidden files and locks (~$) beside the file that is open.
        if path != candidate and any(part.startswith((".", "~$")) for part in path.relative_to(candidate).parts):
            continue
        if path.stem not in SEEDS:
            alike = difflib.get_close_matches(path.stem, SEEDS) or SEEDS
            allowed = ", ".join(f"{name}.csv" for name in alike)
            problems.append(Problem(shown, WHOLE_FILE, "", "", "candidate_unknown_file", (("allowed", allowed),)))
        elif path.stem in found:
            problems.append(Problem(shown, WHOLE_FILE, "", "", "candidate_file_twice", (("other", found[path.stem].shown),)))
        else:
            found[path.stem] = SeedFile(path, shown)
    if not found and not problems:
        problems.append(Problem(str(candidate), WHOLE_FILE, "", "", "candidate_empty"))
    return found, problems


def read_seeds(files: dict[str, SeedFile]) -> tuple[Tables, list[Problem]]:
    """Reads every seed and the cells of it; returns the tables and what could not be read."""
    problems: list[Problem] = []
    tables = {name: _read_table(files[name], name, seed, problems) for name, seed in SEEDS.items()}
    for table in tables.values():
        problems.extend(_check_cells(table))
    return tables, problems


def lint_tables(tables: Tables, problems: list[Problem], branches: dict[str, str] | None = None) -> list[Problem]:
    """Checks what the rows of read seeds say, and what they say about each other.

    Args:
        tables: The seeds as read by read_seeds.
        problems: What could not be read; it is part of the answer.
        branches: As in lint_seeds.

    Returns:
        All problems, by file and line.
    """
    found = list(problems)
    for table in tables.values():
        found.extend(_check_key(table))
        found.extend(_check_needed_codes(table))
        found.extend(_check_references(table, tables))
    for rule in RULES:
        found.extend(rule(tables))
    found.extend(_check_scope_codes(tables["scorecard_bands"], branches))
    return in_order(found, tables)


def in_order(problems: Iterable[Problem], tables: Tables) -> list[Problem]:
    """Sorts problems by file, in the order of SEEDS, and line, and drops what is said twice."""
    order = {table.file: position for position, table in enumerate(tables.values())}
    return sorted(set(problems), key=lambda one: (order.get(one.file, -1), one.line, one.column, one.reason, one.value))


# ---------------------------------------------------------------- reading


def _read_table(file: SeedFile, name: str, seed: Seed, problems: list[Problem]) -> Table:
    table = Table(name, file.shown)

    def report(line: int, code: str, column: str = "", value: str = "", **facts: object) -> None:
        problems.append(Problem(table.file, line, column, value, code, tuple(facts.items())))

    try:
        content = file.path.read_bytes()
    except FileNotFoundError:
        report(WHOLE_FILE, "file_missing")
        return table
    except OSError as error:
        report(WHOLE_FILE, "file_unreadable", error=error.strerror)
        return table
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        report(line, "not_utf8")
        return table
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        report(line, "nul_character")
        return table

    table.is_readable = True
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = HEADER_LINE
    try:
        header = next(reader, [])
        can_read_rows, table.is_readable = _check_header(header, seed, report)
        if not can_read_rows:
            return table
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                break
            if not cells:
                continue
            if len(cells) != len(header):
                code = "fields_too_many" if len(cells) > len(header) else "fields_too_few"
                report(line, code, found=len(cells), expected=len(header))
                table.is_readable = False
                continue
            table.rows.append(Row(line, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        report(line, "csv_invalid", error=error)
        table.is_readable = False
    return table


def _check_header(header: list[str], seed: Seed, report: Callable[..., None]) -> tuple[bool, bool]:
    """Reports what is wrong with the header; says whether the rows below it can be read, and whether all columns are there."""
    if not header:
        report(HEADER_LINE, "header_blank")
        return False, False
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        report(HEADER_LINE, "header_no_commas")
        return False, False
    seen: set[str] = set()
    for name in header:
        if name.lower() in seen:
            report(HEADER_LINE, "column_twice", name, name, name=name)
        seen.add(name.lower())
    missing = [column.name for column in seed.columns if column.name not in header]
    for name in missing:
        report(HEADER_LINE, "column_missing", name=name, columns=", ".join(column.name for column in seed.columns))
    is_unambiguous = len(seen) == len(header)
    return is_unambiguous, is_unambiguous and not missing


# ---------------------------------------------------------------- cells


def _check_cells(table: Table) -> Iterator[Problem]:
    for column in SEEDS[table.name].columns:
        for row in table.rows:
            if column.name not in row.raw:
                continue
            value = row.raw[column.name]
            fault = _fault_of_cell(column, value)
            if fault:
                code, facts = fault
                yield table.problem(row, column.name, code, **facts)
            else:
                row.typed[column.name] = _typed(column.kind, value)


Fault = tuple[str, dict[str, object]]


def _fault_of_cell(column: Column, value: str) -> Fault | None:
    """Returns the message code and its facts if the cell is wrong."""
    if value == "":
        return ("blank", {}) if column.required else None
    if value.strip() == "":
        return "only_spaces", {}
    if column.kind == CODE and value != value.strip():
        return "spaces_around", {}
    fault = KIND_FAULTS[column.kind](value)
    if fault:
        return fault
    if column.one_of and value not in column.one_of:
        return "unknown_code", {"allowed": ", ".join(column.one_of)}
    if column.minimum is not None and float(value) < column.minimum:
        return "too_small", {"limit": f"{column.minimum:g}"}
    if column.maximum is not None and float(value) > column.maximum:
        return "too_large", {"limit": f"{column.maximum:g}"}
    return None


def _fault_of_integer(value: str) -> Fault | None:
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        return "integer_invalid", {}
    # The length is looked at first: Python refuses to read thousands of digits.
    if len(value) > 20 or abs(int(value)) > LARGEST_INTEGER:
        return "integer_too_large", {"limit": LARGEST_INTEGER}
    return None


def _fault_of_number(value: str) -> Fault | None:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", value):
        return "number_invalid", {}
    if not math.isfinite(float(value)):
        return "number_too_large", {}
    return None


def _fault_of_date(value: str) -> Fault | None:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        return "date_invalid", {}
    return None


def _fault_of_boolean(value: str) -> Fault | None:
    return None if value.lower() in ("true", "false") else ("boolean_invalid", {})


def _no_fault(_: str) -> None:
    return None


KIND_FAULTS: dict[str, Callable[[str], Fault | None]] = {
    TEXT: _no_fault,
    CODE: _no_fault,
    INTEGER: _fault_of_integer,
    NUMBER: _fault_of_number,
    DATE: _fault_of_date,
    BOOLEAN: _fault_of_boolean,
}


def _typed(kind: str, value: str) -> Any:
    if value == "":
        return None
    if kind == INTEGER:
        return int(value)
    if kind == NUMBER:
        return float(value)
    if kind == DATE:
        return date.fromisoformat(value)
    if kind == BOOLEAN:
        return value.lower() == "true"
    return value


# ---------------------------------------------------------------- keys and foreign keys


def _check_key(table: Table) -> Iterator[Problem]:
    key = SEEDS[table.name].key
    first_lines: dict[tuple[Any, ...], int] = {}
    for row in table.rows if key else ():
        if not row.has(*key):
            continue
        values = tuple(row.typed[column] for column in key)
        if values in first_lines:
            yield table.problem(row, " + ".join(key), "duplicate_key", line=first_lines[values])
        first_lines.setdefault(values, row.line)


def _check_needed_codes(table: Table) -> Iterator[Problem]:
    seed = SEEDS[table.name]
    if not table.is_readable or not seed.needed_codes:
        return
    column = seed.key[0]
    written = {row.raw.get(column) for row in table.rows}
    for code in seed.needed_codes:
        if code not in written:
            yield table.file_problem("needed_row_missing", column=column, needed=code)


def _check_references(table: Table, tables: Tables) -> Iterator[Problem]:
    references = SEEDS[table.name].references
    known = {
        reference: {tuple(row.raw.get(column, "") for column in reference.parent_columns) for row in tables[reference.seed].rows}
        for reference in references
    }
    for reference in references:
        # A row that has to be there and is not is one problem, not one per row that refers to it.
        if len(reference.columns) == 1:
            known[reference] |= {(code,) for code in SEEDS[reference.seed].needed_codes}
    for row in table.rows:
        unknown_columns: set[str] = set()
        for reference in references:
            # A parent file that cannot be read is one problem, not one per row that refers to it; and a code that is
            # unknown by itself is not reported again for standing beside another.
            if not tables[reference.seed].is_readable or unknown_columns.intersection(reference.columns):
                continue
            if any(row.typed.get(column) is None for column in reference.columns):
                continue
            if tuple(row.raw[column] for column in reference.columns) in known[reference]:
                continue
            unknown_columns.update(reference.columns)
            code = "unknown_reference" if len(reference.columns) == 1 else "unknown_pair"
            yield table.problem(row, " + ".join(reference.columns), code, seed=reference.seed)


# ---------------------------------------------------------------- scorecard bands


def _check_scope_codes(table: Table, branches: dict[str, str] | None) -> Iterator[Problem]:
    known = {"branch": set(branches), "city": set(branches.values())} if branches is not None else {}
    for row in table.rows:
        if not row.has("scope_type", "scope_code"):
            continue
        scope_type, scope_code = row.typed["scope_type"], row.typed["scope_code"]
        if scope_type == "base":
            if scope_code != "*":
                yield table.problem(row, "scope_code", "base_with_code")
        elif scope_code == "*":
            yield table.problem(row, "scope_code", "names_no_branch" if scope_type == "branch" else "names_no_city")
        elif scope_type in known and scope_code not in known[scope_type]:
            code = "unknown_branch" if scope_type == "branch" else "unknown_city"
            alike = difflib.get_close_matches(scope_code, known[scope_type])
            yield table.problem(row, "scope_code", code, allowed=_some(alike or known[scope_type]))


def _some(codes: Iterable[str], limit: int = 10) -> str:
    """Names codes for a message, the first few of many."""
    ordered = sorted(codes)
    return ", ".join(ordered[:limit]) + (f", ... ({len(ordered)})" if len(ordered) > limit else "")


def _check_band_rows(tables: Tables) -> Iterator[Problem]:
    table = tables["scorecard_bands"]
    for row in table.rows:
        if row.has("match_missing", "lower_bound", "upper_bound"):
            lower, upper = row.typed["lower_bound"], row.typed["upper_bound"]
            if row.typed["match_missing"]:
                if (lower, upper) != (None, None):
                    column = "lower_bound" if lower is not None else "upper_bound"
                    yield table.problem(row, column, "missing_with_bound")
            elif lower is not None and upper is not None and lower >= upper:
                yield table.problem(row, "lower_bound + upper_bound", "bounds_reversed")
        yield from _inverted(table, row, "valid_from", "valid_to", "days_reversed")


def _inverted(table: Table, row: Row, lower: str, upper: str, code: str) -> Iterator[Problem]:
    """Reports bounds that are the wrong way round; equal ones are fine."""
    if row.typed.get(lower) is not None and row.typed.get(upper) is not None and row.typed[lower] > row.typed[upper]:
        yield table.problem(row, f"{lower} + {upper}", code)


def _check_bands_hold_something(tables: Tables) -> Iterator[Problem]:
    indicators = {
        row.raw["indicator_code"]: row
        for row in tables["indicators"].rows
        if row.has("indicator_code", "unit", "lowest_value", "highest_value")
    }
    table = tables["scorecard_bands"]
    for row in table.rows:
        indicator = indicators.get(row.raw.get("indicator_code", ""))
        if indicator is None or row.typed.get("match_missing") is not False or not row.has("lower_bound", "upper_bound"):
            continue
        lower, upper = _range(row, "lower_bound", "upper_bound")
        lowest, highest = _range(indicator, "lowest_value", "highest_value")
        if lower >= upper or lowest > highest:
            continue
        is_whole = indicator.typed["unit"] not in UNITS_WITH_DECIMALS
        smallest = max(math.ceil(lower) if is_whole and math.isfinite(lower) else lower, lowest)
        if smallest >= upper or smallest > highest:
            code = "band_holds_no_whole_number" if is_whole else "band_holds_no_value"
            values = f"{indicator.raw['lowest_value']} .. {indicator.raw['highest_value']}".strip()
            yield table.problem(row, "lower_bound + upper_bound", code, values=values)


def _check_negative_points(tables: Tables) -> Iterator[Problem]:
    rules = {
        (row.raw.get("scorecard_code"), row.raw.get("family_code")): row.raw.get("family_rule")
        for row in tables["indicator_families"].rows
    }
    families = {
        (row.raw.get("scorecard_code"), row.raw.get("indicator_code")): row.raw.get("family_code")
        for row in tables["scorecard_indicators"].rows
    }
    table = tables["scorecard_bands"]
    for row in table.rows:
        scorecard = row.raw.get("scorecard_code")
        family = families.get((scorecard, row.raw.get("indicator_code")))
        points = row.typed.get("points")
        if points is not None and points < 0 and rules.get((scorecard, family)) == "max":
            yield table.problem(row, "points", "negative_in_max_family", family=family)


def _band_groups(table: Table) -> Iterator[list[Row]]:
    """Rows of one scorecard, scope and indicator whose cells could all be read; in the order of the file."""
    names = ("scorecard_code", "scope_type", "scope_code", "indicator_code")
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in table.rows:
        if row.has(*names):
            groups.setdefault(tuple(row.typed[name] for name in names), []).append(row)
    yield from groups.values()


def _days(row: Row) -> tuple[int, float]:
    """First and last valid day as day numbers; an open end is infinite."""
    valid_to = row.typed["valid_to"]
    return row.typed["valid_from"].toordinal(), math.inf if valid_to is None else valid_to.toordinal()


def _check_band_overlaps(tables: Tables) -> Iterator[Problem]:
    table = tables["scorecard_bands"]
    for group in _band_groups(table):
        earlier: list[Row] = []
        for row in group:
            if not row.has("lower_bound", "upper_bound", "match_missing", "valid_from", "valid_to"):
                continue
            other = next((one for one in earlier if _bands_overlap(one, row)), None)
            if other and row.typed["match_missing"]:
                yield table.problem(row, "match_missing", "missing_twice", line=other.line)
            elif other:
                yield table.problem(
                    row, "lower_bound + upper_bound", "band_overlap", line=other.line, band=band_text(other.raw)
                )
            earlier.append(row)


def _bands_overlap(one: Row, two: Row) -> bool:
    if one.typed["match_missing"] != two.typed["match_missing"]:
        return False
    if not _share_a_point(_days(one), _days(two), inclusive=True):
        return False
    return one.typed["match_missing"] or _share_a_point(
        _range(one, "lower_bound", "upper_bound"), _range(two, "lower_bound", "upper_bound"), inclusive=False
    )


def band_text(row: Mapping[str, Any]) -> str:
    """A band as an interval, from its two bounds (None or blank: open)."""
    lower, upper = (f"{row[name]:g}" if isinstance(row[name], float) else row[name] for name in ("lower_bound", "upper_bound"))
    return f"[{lower or '-inf'}, {upper or '+inf'})"


def _range(row: Row, lower: str, upper: str) -> tuple[float, float]:
    low, high = row.typed[lower], row.typed[upper]
    return (-math.inf if low is None else low, math.inf if high is None else high)


def _share_a_point(one: tuple[float, float], two: tuple[float, float], inclusive: bool) -> bool:
    """Says whether two ranges meet; the wrong way round they hold nothing (that is reported by itself)."""
    if one[0] > one[1] or two[0] > two[1]:
        return False
    lower, upper = max(one[0], two[0]), min(one[1], two[1])
    return lower < upper or (inclusive and lower == upper)


def _check_band_gaps(tables: Tables) -> Iterator[Problem]:
    table = tables["scorecard_bands"]
    for group in _band_groups(table) if table.is_readable else ():
        # With a day that cannot be read, a gap may be one or not: the day is reported, the gap is not guessed.
        if not all(row.has("valid_from", "valid_to") for row in group):
            continue
        covered_until = -math.inf
        for row in sorted(group, key=lambda one: (_days(one)[0], one.line)):
            first, last = _days(row)
            if covered_until != -math.inf and first > covered_until + 1:
                before = date.fromordinal(int(covered_until)).isoformat()
                yield table.problem(row, "valid_from", "gap_in_time", before=before)
            covered_until = max(covered_until, last)


# ---------------------------------------------------------------- what the points can reach


@dataclass(frozen=True)
class Reach:
    """The highest total of a scorecard in one scope ("base", or a type and a code) from a day on."""

    day: date
    scope: str
    highest: int


def _reaches(tables: Tables) -> dict[str, list[Reach]]:
    """What each scorecard can reach once its newest row counts, scope by scope, base first; an indicator in no band earns 0.

    A branch or city keeps the best points of the others where it has no row of its own. A scorecard is left out if a row
    of it cannot be read.
    """
    needed = [tables[name] for name in ("scorecard_bands", "scorecard_indicators", "indicator_families")]
    bands, members, families = needed
    if not all(table.is_readable for table in needed):
        return {}
    rules = {
        (row.raw["scorecard_code"], row.raw["indicator_code"]): (row.raw["family_code"], family.raw["family_rule"])
        for row in members.rows
        for family in families.rows
        if (row.raw["scorecard_code"], row.raw["family_code"]) == (family.raw["scorecard_code"], family.raw["family_code"])
    }
    reaches: dict[str, list[Reach]] = {}
    for scorecard in {row.raw["scorecard_code"] for row in bands.rows}:
        rows = [row for row in bands.rows if row.raw["scorecard_code"] == scorecard]
        if not all(row.has("scope_type", "scope_code", "points", "valid_from", "valid_to") for row in rows):
            continue
        day = max(row.typed["valid_from"] for row in rows)
        valid = [row for row in rows if row.typed["valid_to"] is None or row.typed["valid_to"] >= day]
        scopes = {("base", "*"), *((row.typed["scope_type"], row.typed["scope_code"]) for row in valid)}
        reaches[scorecard] = [
            Reach(day, scope[0] if scope[0] == "base" else f"{scope[0]} {scope[1]}", _highest_total(scorecard, scope, valid, rules))
            for scope in sorted(scopes, key=lambda one: (one[0] != "base", one))
        ]
    return reaches


def _highest_total(
    scorecard: str, scope: tuple[str, str], rows: list[Row], rules: dict[tuple[str, str], tuple[str, str]]
) -> int:
    own: dict[str, int] = {}
    others: dict[str, int] = {}
    for row in rows:
        best = None
        if (row.typed["scope_type"], row.typed["scope_code"]) == scope:
            best = own
        elif row.typed["scope_type"] == "base" or (row.typed["scope_type"], scope[0]) == ("city", "branch"):
            best = others
        if best is not None:
            indicator = row.raw["indicator_code"]
            best[indicator] = max(best.get(indicator, 0), row.typed["points"])
    totals: dict[str, int] = {}
    for indicator, points in {**others, **own}.items():
        family, rule = rules.get((scorecard, indicator), ("", ""))
        totals[family] = max(totals.get(family, 0), points) if rule == "max" else totals.get(family, 0) + points
    return sum(totals.values())


def _check_thresholds(tables: Tables) -> Iterator[Problem]:
    reaches = _reaches(tables)
    table = tables["scorecards"]
    for row in table.rows:
        threshold = row.typed.get("alert_threshold")
        for reach in reaches.get(row.raw.get("scorecard_code", ""), ()) if threshold is not None else ():
            if threshold > reach.highest:
                yield table.problem(
                    row, "alert_threshold", "threshold_unreachable", day=reach.day, highest=reach.highest, scope=reach.scope
                )
                break
    table = tables["stability_alert_rules"]
    for row in table.rows:
        for column, scorecard in (("risk_min", "core_risk"), ("stability_min", "core_stability")):
            highest = max(reaches.get(scorecard, ()), key=lambda reach: reach.highest, default=None)
            if highest and row.typed.get(column) is not None and row.typed[column] > highest.highest:
                yield table.problem(
                    row, column, "score_unreachable", scorecard=scorecard, day=highest.day, highest=highest.highest
                )


# ---------------------------------------------------------------- alerts


def _check_stability_rules(tables: Tables) -> Iterator[Problem]:
    table = tables["stability_alert_rules"]
    earlier: list[Row] = []
    for row in table.rows:
        yield from _inverted(table, row, "risk_min", "risk_max", "risk_reversed")
        yield from _inverted(table, row, "stability_min", "stability_max", "stability_reversed")
        if not row.has("risk_min", "risk_max", "stability_min", "stability_max"):
            continue
        for other in earlier:
            if all(
                _share_a_point(_range(row, *bounds), _range(other, *bounds), inclusive=True)
                for bounds in (("risk_min", "risk_max"), ("stability_min", "stability_max"))
            ):
                yield table.problem(
                    row, "risk_min + risk_max + stability_min + stability_max", "rules_overlap", line=other.line
                )
                break
        earlier.append(row)


def _check_stability_holes(tables: Tables) -> Iterator[Problem]:
    """More risk or less stability must not end an alert: a pair without a rule has no alerting rule at its safer side."""
    table = tables["stability_alert_rules"]
    columns = ("risk_min", "risk_max", "stability_min", "stability_max", "alert_level")
    if not table.is_readable or not all(row.has(*columns) for row in table.rows):
        return
    # Scores are whole numbers, and between two starts every pair of scores is judged alike.
    risks = _starts(table.rows, "risk_min", "risk_max")
    stabilities = _starts(table.rows, "stability_min", "stability_max")

    def rule_of(risk: float, stability: float) -> Row | None:
        for row in table.rows:
            (risk_min, risk_max), (low, high) = _range(row, "risk_min", "risk_max"), _range(row, "stability_min", "stability_max")
            if risk_min <= risk <= risk_max and low <= stability <= high:
                return row
        return None

    rules = {(risk, stability): rule_of(risk, stability) for risk in risks for stability in stabilities}
    holes: dict[int, tuple[Row, float, float]] = {}
    for (risk, stability), row in rules.items():
        safer = [
            (safe_stability != stability, -safe_risk, safe_stability, rule)
            for (safe_risk, safe_stability), rule in rules.items()
            if safe_risk <= risk and safe_stability >= stability and rule is not None and rule.typed["alert_level"] != "none"
        ]
        if row is None and safer:
            nearest = min(safer, key=lambda one: one[:3])[3]
            holes.setdefault(nearest.line, (nearest, risk, stability))
    for row, risk, stability in holes.values():
        yield table.problem(
            row,
            "risk_min + risk_max + stability_min + stability_max",
            "rules_hole",
            risk=f"{risk:g}",
            stability=f"{stability:g}",
            level=row.typed["alert_level"],
        )


def _starts(rows: list[Row], lower: str, upper: str) -> list[int]:
    """The whole numbers at which a rule begins or has just ended, and one below them all."""
    found = {math.ceil(row.typed[lower]) for row in rows if row.typed[lower] is not None}
    found |= {math.floor(row.typed[upper]) + 1 for row in rows if row.typed[upper] is not None}
    return [min(found, default=0) - 1, *sorted(found)]


def _check_early_warning_rules(tables: Tables) -> Iterator[Problem]:
    table = tables["early_warning_rules"]
    if not table.is_readable or not all(row.has("commitment_risk_level", "has_condition") for row in table.rows):
        return
    written = {(row.typed["commitment_risk_level"], row.typed["has_condition"]) for row in table.rows}
    for level in (1, 2, None):
        for has_condition in (True, False):
            if (level, has_condition) not in written:
                shown = '""' if level is None else level
                yield table.file_problem("warning_case_missing", risk=shown, condition=str(has_condition).lower())


def _check_condition_labels(tables: Tables) -> Iterator[Problem]:
    table = tables["warning_conditions"]
    first_rows: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        for column in ("label_en", "label_zh"):
            if not row.has("condition_code", column):
                continue
            if "{value}" in row.typed[column]:
                yield table.problem(row, column, "condition_with_value")
            first = first_rows.setdefault((row.typed["condition_code"], column), row)
            if first.typed[column] != row.typed[column]:
                yield table.problem(row, column, "condition_sentences_differ", line=first.line)


def _check_indicators(tables: Tables) -> Iterator[Problem]:
    table = tables["indicators"]
    for row in table.rows:
        yield from _inverted(table, row, "lowest_value", "highest_value", "range_reversed")
        for column in ("reason_en", "reason_zh"):
            if row.has(column) and row.typed[column].count("{value}") != 1:
                yield table.problem(row, column, "reason_without_value")


def _check_policy(tables: Tables) -> Iterator[Problem]:
    table = tables["alert_policy"]
    for row in table.rows:
        if not row.has("signal", "signal_value"):
            continue
        values = SIGNAL_VALUES[row.typed["signal"]]
        if row.typed["signal_value"] not in values:
            yield table.problem(
                row, "signal_value", "signal_value_unknown", signal=row.typed["signal"], allowed=", ".join(values)
            )


def _check_loss_rules(tables: Tables) -> Iterator[Problem]:
    table = tables["loss_rules"]
    for row in table.rows:
        if not row.has("rule_code", "threshold", "declining_months", "declining_measure"):
            continue
        if row.typed["rule_code"] in RULES_WITH_THRESHOLD and row.typed["threshold"] is None:
            yield table.problem(row, "threshold", "loss_threshold_blank")
        if (row.typed["declining_months"] is None) != (row.typed["declining_measure"] is None):
            yield table.problem(row, "declining_months + declining_measure", "falls_incomplete")


# ---------------------------------------------------------------- customers and reference


def _check_ranks(tables: Tables) -> Iterator[Problem]:
    for name, bound in (("value_tiers", "min_arpu"), ("group_classes", "min_members")):
        table = tables[name]
        if not table.is_readable or not all(row.has("rank", bound) for row in table.rows):
            continue
        if not table.rows:
            yield table.file_problem("no_rows")
            continue
        ordered = sorted(table.rows, key=lambda row: (row.typed["rank"], row.line))
        for better, row in zip(ordered, ordered[1:], strict=False):
            if better.typed["rank"] == row.typed["rank"]:
                yield table.problem(row, "rank", "rank_duplicate", line=better.line)
            if better.typed[bound] is None:
                yield table.problem(better, bound, "rank_bound_blank")
            elif row.typed[bound] is not None and row.typed[bound] >= better.typed[bound]:
                yield table.problem(row, bound, "rank_bound_order", line=better.line)
        if ordered[-1].typed[bound] is not None:
            yield table.problem(ordered[-1], bound, "rank_last_bound")


def _check_operators(tables: Tables) -> Iterator[Problem]:
    table = tables["operators"]
    own: list[Row] = []
    for row in table.rows:
        if not row.has("is_own", "is_competitor"):
            continue
        if row.typed["is_own"] and row.typed["is_competitor"]:
            yield table.problem(row, "is_own + is_competitor", "own_and_competitor")
        if row.typed["is_own"]:
            if own:
                yield table.problem(row, "is_own", "second_own_network", line=own[0].line)
            own.append(row)
    if table.is_readable and not own and all(row.has("is_own") for row in table.rows):
        yield table.file_problem("no_own_network")


def _check_hotlines(tables: Tables) -> Iterator[Problem]:
    table = tables["operator_hotlines"]
    for row in table.rows:
        number = row.typed.get("hotline_number")
        if number is not None and not re.fullmatch(r"[0-9]+", number):
            yield table.problem(row, "hotline_number", "hotline_invalid")


def _check_parameters(tables: Tables) -> Iterator[Problem]:
    table = tables["parameters"]
    classes = {row.raw.get("class_code") for row in tables["group_classes"].rows}
    for row in table.rows:
        if not row.has("parameter_code", "value"):
            continue
        code, value = row.typed["parameter_code"], row.typed["value"]
        if code in PARAMETER_RANGES:
            lowest, highest = PARAMETER_RANGES[code]
            fault = _fault_of_cell(Column("value", INTEGER, minimum=lowest, maximum=highest), value)
            if fault:
                message, facts = fault
                yield table.problem(row, "value", message, **facts)
        elif code == "top_taxpayer_class" and tables["group_classes"].is_readable and value not in classes:
            yield table.problem(row, "value", "unknown_class")


def _check_required_feeds(tables: Tables) -> Iterator[Problem]:
    table = tables["feed_expectations"]
    for row in table.rows:
        if row.typed.get("table_name") in ALWAYS_REQUIRED_TABLES and row.typed.get("is_provided") is False:
            yield table.problem(row, "is_provided", "required_feed_absent", feed=row.typed["table_name"])


# ---------------------------------------------------------------- monitoring


def _check_drift_bounds(tables: Tables) -> Iterator[Problem]:
    table = tables["drift_bounds"]
    rows = [row for row in table.rows if row.has("drift_level", "min_psi")]
    ordered = sorted(rows, key=lambda row: (DRIFT_LEVELS.index(row.typed["drift_level"]), row.line))
    for row in ordered:
        if row.typed["drift_level"] == DRIFT_LEVELS[0] and row.typed["min_psi"] != 0:
            yield table.problem(row, "min_psi", "drift_bound_not_zero")
    for lower, row in zip(ordered, ordered[1:], strict=False):
        # A level that is there twice is a duplicate key, and reported as that.
        if lower.typed["drift_level"] != row.typed["drift_level"] and row.typed["min_psi"] <= lower.typed["min_psi"]:
            facts = {"lower": lower.typed["drift_level"], "line": lower.line, "levels": ", ".join(DRIFT_LEVELS)}
            yield table.problem(row, "min_psi", "drift_bound_order", **facts)


def _check_drift_reference(tables: Tables) -> Iterator[Problem]:
    table = tables["drift_reference"]
    for row in table.rows:
        day = row.typed.get("reference_date")
        if day is not None and day.isoweekday() != 7:
            yield table.problem(row, "reference_date", "reference_not_sunday")
        if not row.has("measure_kind", "measure_code") or row.typed["measure_code"] == "*":
            continue
        seed, column = DRIFT_MEASURES[row.typed["measure_kind"]]
        known = {one.raw.get(column) for one in tables[seed].rows}
        if tables[seed].is_readable and row.typed["measure_code"] not in known:
            yield table.problem(row, "measure_code", "unknown_measure", seed=seed)
    for kind in DRIFT_MEASURES if table.is_readable else ():
        if not any((row.raw.get("measure_kind"), row.raw.get("measure_code")) == (kind, "*") for row in table.rows):
            yield table.file_problem("drift_default_missing", kind=kind)


RULES: tuple[Callable[[Tables], Iterator[Problem]], ...] = (
    _check_band_rows,
    _check_bands_hold_something,
    _check_negative_points,
    _check_band_overlaps,
    _check_band_gaps,
    _check_thresholds,
    _check_stability_rules,
    _check_stability_holes,
    _check_early_warning_rules,
    _check_condition_labels,
    _check_indicators,
    _check_policy,
    _check_loss_rules,
    _check_ranks,
    _check_operators,
    _check_hotlines,
    _check_parameters,
    _check_required_feeds,
    _check_drift_bounds,
    _check_drift_reference,
)
