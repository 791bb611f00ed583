"""What a fit found: tables for a terminal, the files of the folder, and one HTML page that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from churn_warning.scorecard import write_csv
from churn_warning.weights_fit_table import write_folder

REPORT = "report.html"
_SHOWN = 15
# English, Chinese.
NOT_BETTER = (
    "On the held-out part the suggested card was not better than the current one: keep the current one unless you know a reason.",
    "在留出部分上，建议的评分卡并不优于现有评分卡：如无其他理由，请保留现有分值。",
)


def write_table_fit(found: dict[str, Any]) -> None:
    """Writes the seed files of a fitted card and the report into the folder."""

    def write(folder: Path) -> None:
        found["card"].write(folder)
        (folder / REPORT).write_text(_render("weights_fit_table.html.jinja", found), encoding="utf-8")

    write_folder(found["out"], write)


def show_table_fit(found: dict[str, Any], console: Console) -> None:
    """Prints how good a fitted card is and what counts in it."""
    console.print(
        _table(
            f"Cross-validated: {len(found['folds'])} folds, seed 42; each fold scored by a fit that has not seen it",
            ("", "AUC", "top-decile lift"),
            [
                ("integer card", f"{found['auc']:.4f}", f"{found['lift']:.3f}"),
                ("gradient boosting (reference)", f"{found['reference_auc']:.4f}", f"{found['reference_lift']:.3f}"),
            ],
        )
    )
    shown = found["indicators"][:_SHOWN]
    console.print(
        _table(
            f"What tells most (information value; {len(shown)} of {len(found['indicators'])})",
            ("indicator", "information value", "most points"),
            [(one["code"], f"{one['value']:.4f}", str(one["most"])) for one in shown],
        )
    )
    _say_written(found["out"], console)
    console.print(f"Next: churn-warning weights score --data FILE --seeds {found['out']}", highlight=False, soft_wrap=True, markup=False)


def write_history_fit(found: dict[str, Any]) -> None:
    """Writes the suggested scorecard_bands.csv and the report into the folder."""

    def write(folder: Path) -> None:
        columns, rows = found["bands_file"]
        write_csv(folder / "scorecard_bands.csv", columns, rows)
        (folder / REPORT).write_text(_render("weights_fit_history.html.jinja", found), encoding="utf-8")

    write_folder(found["out"], write)


def show_history_fit(found: dict[str, Any], console: Console) -> None:
    """Prints what is suggested for a scorecard and how good it was on what the fit has not seen."""
    console.print(
        f"[bold]{found['scorecard']}[/]: {found['rows']:,} observations of {found['weeks']} Sundays, {found['first_week']} to"
        f" {found['last_week']}; {found['losses']:,} were followed by a loss ({found['loss']}).",
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"Held out {found['split']}.", highlight=False, soft_wrap=True)
    if found["measured"]:
        judged = found["measured"][0]
        console.print(
            _table(
                f"On the held-out part ({judged['rows']:,} observations, {judged['losses']:,} lost)",
                ("", "AUC", "top-decile lift"),
                [(one["name"], f"{one['auc']:.4f}", f"{one['lift']:.3f}") for one in found["measured"]],
            )
        )
    if found["measured"] and not found["is_better"]:
        console.print(f"[yellow]![/] {NOT_BETTER[0]}", highlight=False, soft_wrap=True)
    console.print(
        _table(
            "Scale: points are chosen so that as many observations reach the thresholds as now",
            ("", "now", "suggested"),
            [(one["name"], f"{one['now']:.2%}", f"{one['suggested']:.2%}") for one in found["thresholds"]],
        )
    )
    table = Table(title="Points now and suggested (information value of what tells most first)", title_justify="left")
    for name, justify in (("indicator", "left"), ("inf. value", "right"), ("band", "left"), ("observations", "right"), ("lost", "right"),
                          ("share", "right"), ("now", "right"), ("suggested", "right")):  # fmt: skip
        table.add_column(name, justify=justify)
    for one in found["indicators"]:
        for place, piece in enumerate(one["pieces"]):
            share = "-" if piece["share"] is None else f"{piece['share']:.1%}"
            head = (one["code"], f"{one['value']:.4f}") if place == 0 else ("", "")
            cells = (*head, piece["band"], f"{piece['rows']:,}", f"{piece['losses']:,}", share, str(piece["now"]), str(piece["suggested"]))
            table.add_row(*map(escape, cells), end_section=place == len(one["pieces"]) - 1)
    console.print(table)
    _say_written(found["out"], console)
    console.print(
        f"Nothing was applied. The suggested rows count from {found['monday']} on; those of branches and cities are as they were.\n"
        f"Next: churn-warning weights check --seeds {found['out']}\n"
        f"      churn-warning weights diff --candidate {found['out']}",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


def _say_written(out: Path, console: Console) -> None:
    names = ", ".join(sorted(path.name for path in out.iterdir()))
    console.print(f"Written: {out} ({names})", highlight=False, soft_wrap=True, markup=False)


def _render(template: str, found: dict[str, Any]) -> str:
    """The page; every value in it is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        count=lambda value: f"{value:,}", percent=lambda value: f"{value:.1%}", number=lambda value, digits: f"{value:.{digits}f}"
    )
    return environment.get_template(template).render(found=found, not_better=NOT_BETTER)


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], left: int = 1) -> Table:
    """A table whose first columns are texts and whose others are numbers."""
    table = Table(title=title, title_justify="left")
    for position, name in enumerate(columns):
        table.add_column(name, justify="left" if position < left else "right")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table
