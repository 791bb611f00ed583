"""`churn-warning weights check`: everything that is wrong with the seeds, or with changed copies of some, said at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from churn_warning import weights_history
from churn_warning.seed_lint import find_candidate, find_seeds, in_order, lint_tables, read_seeds
from churn_warning.seed_messages import ERROR, WARNING, Problem, text
from churn_warning.settings import Settings

_COLOURS = {ERROR: "bold red", WARNING: "yellow", "note": "cyan"}
Say = tuple[str, dict[str, object]]


@dataclass(frozen=True)
class Checked:
    """The outcome of a check.

    Attributes:
        problems: Errors and warnings, by file and line.
        notes: What could not be checked: codes of TEXTS with their facts.
        heading: What was checked, likewise.
        next_step: What comes next, likewise.
    """

    problems: list[Problem]
    notes: list[Say]
    heading: list[Say]
    next_step: Say

    @property
    def errors(self) -> int:
        return sum(problem.severity == ERROR for problem in self.problems)


def check(settings: Settings, candidate: Path | None) -> Checked:
    """Checks the project's seeds, changing nothing.

    Args:
        settings: Names the project and the warehouse, which is opened to read only.
        candidate: A folder or CSV file with changed seeds, which stand in for those of the project; None: the project's own.
    """
    files = find_seeds(settings.project_dir / "seeds")
    changed, problems = find_candidate(candidate) if candidate else ({}, [])
    if candidate and not changed:
        return Checked(problems, [], [], ("next_correct", {}))
    tables, unreadable = read_seeds({**files, **changed})
    branches, scored, notes = _read_warehouse(settings.warehouse)
    problems = problems + lint_tables(tables, unreadable, branches)
    place = _from_here(settings.project_dir / "seeds")
    heading: list[Say] = [("checked_project", {"place": place})]
    if changed:
        heading = [("checked_candidate", {"files": ", ".join(file.shown for file in changed.values()), "place": place})]
    if scored and weights_history.can_be_compared(tables):
        problems += weights_history.find_history_problems(tables, scored)
        heading.append(("compared", {"last": scored.last}))
    elif scored:
        notes.append(("errors_first", {}))
    problems = in_order(problems, tables)
    if any(problem.severity == ERROR for problem in problems):
        next_step: Say = ("next_correct", {})
    else:
        next_step = ("next_diff", {"place": candidate}) if candidate else ("next_run", {})
    return Checked(problems, notes, heading, next_step)


def changes_of_history(settings: Settings) -> list[Problem]:
    """What the project's seeds change in weeks that are scored already; nothing where that cannot be known."""
    _, scored, _ = _read_warehouse(settings.warehouse)
    tables, _ = read_seeds(find_seeds(settings.project_dir / "seeds"))
    if scored is None or not weights_history.can_be_compared(tables):
        return []
    return in_order(weights_history.find_history_problems(tables, scored), tables)


def show(checked: Checked, language: str, console: Console) -> None:
    """Prints the outcome in English (en) or Chinese (zh)."""
    for code, facts in checked.heading:
        console.print(text(code, language, **facts), markup=False, highlight=False, soft_wrap=True)
    grid = Grid(box=None, show_header=False, padding=(0, 2, 1, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for problem in checked.problems:
        grid.add_row(Text(text(problem.severity, language), _COLOURS[problem.severity]), _body(problem, language))
    for code, facts in checked.notes:
        grid.add_row(Text(text("note", language), _COLOURS["note"]), text(code, language, **facts))
    console.print()
    if grid.row_count:
        console.print(grid, highlight=False)
    counts = text("counts", language, errors=checked.errors, warnings=len(checked.problems) - checked.errors)
    code, facts = checked.next_step
    for line in (counts, text(code, language, **facts)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _body(problem: Problem, language: str) -> Text:
    where = [problem.file]
    if problem.line:
        where.append(text("line", language, line=problem.line))
    if problem.column:
        where.append(text("column", language, column=problem.column, value=problem.shown_value))
    advice = text("to_do", language, advice=problem.advice_in(language))
    return Text("\n").join([Text(text("separator", language).join(where), "bold"), Text(problem.reason_in(language)), Text(advice)])


def _read_warehouse(warehouse: Path) -> tuple[dict[str, str] | None, weights_history.Scored | None, list[Say]]:
    """City by branch, and the scored past, each None if it cannot be known; and notes that say why."""
    if not warehouse.is_file():
        return None, None, [("no_warehouse", {"place": _from_here(warehouse)})]
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            branches, scored = _read_branches(connection), weights_history.read_scored(connection)
    except duckdb.Error:
        return None, None, [("warehouse_closed", {"place": _from_here(warehouse)})]
    notes: list[Say] = []
    if branches is None:
        notes.append(("no_branches", {}))
    if scored is None:
        notes.append(("nothing_scored", {}))
    return branches, scored, notes


def _from_here(path: Path) -> str:
    """The path as a person in the current folder would write it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _read_branches(connection: duckdb.DuckDBPyConnection) -> dict[str, str] | None:
    try:
        rows = connection.execute("select branch_code::varchar, city_code::varchar from raw.branches order by all").fetchall()
    except duckdb.Error:
        return None
    return {branch: city for branch, city in rows if branch is not None}
