"""What a comparison of weights found: tables for a terminal, and one HTML file that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_TEMPLATE = "weights_diff.html.jinja"
_SHOWN_MOVERS = 15


def show(found: dict[str, Any], console: Console) -> None:
    """Prints the comparison.

    Args:
        found: From weights_diff.compare().
        console: Where to.
    """
    for line in summary(found):
        console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(
        _table(
            "Levels, local model",
            ("level", "newest week before", "after", "all weeks before", "after"),
            [
                (row["level_code"], *(f"{row[key]:,}" for key in ("newest_before", "newest_after", "all_before", "all_after")))
                for row in found["levels"]
            ],
        )
    )
    if not found["moved_lines"]:
        console.print("Nobody moves.")
    else:
        _show_moves(found, console)
    _show_outcomes(found, console)


def _show_moves(found: dict[str, Any], console: Console) -> None:
    counts = ("lines", "of them in the newest week", "line-weeks", "monthly revenue")
    console.print(
        _table(
            "Who moves (a line once per move; revenue: mean bill of 3 months, yuan)",
            ("from", "to", *counts),
            [(row["level_before"], row["level_after"], *_counts(row)) for row in found["moves"]],
        )
    )
    console.print(
        _table(
            "By branch and customer class",
            ("branch", "class", "from", "to", *counts),
            [
                (row["branch_code"], row["customer_class"], row["level_before"], row["level_after"], *_counts(row))
                for row in found["groups"]
            ],
        )
    )
    shown = found["movers"][:_SHOWN_MOVERS]
    console.print(
        _table(
            f"The biggest movers ({len(shown)} of {found['moved_lines']:,}; {len(found['movers'])} with --html, all with --csv)",
            ("week", "line", "branch", "revenue", "from", "to", "moved by"),
            [
                (
                    str(row["as_of_date"]),
                    row["subscriber_id"],
                    row["branch_code"],
                    money(row["arpu_3m"]),
                    row["level_before"],
                    row["level_after"],
                    cause(row),
                )
                for row in shown
            ],
            left=6,
        )
    )
    changed = [row for row in found["worklists"] if row["alerts_before"] != row["alerts_after"]]
    if not changed:
        console.print(f"No worklist of {found['newest']} gets longer or shorter.", highlight=False)
        return
    console.print(
        _table(
            f"Worklists of {found['newest']} that change ({len(changed)} of {len(found['worklists'])})",
            ("manager", "branch", "alerts before", "after", "red before", "after"),
            [
                (
                    row["manager_id"] or "(no manager)",
                    row["branch_code"] or "(several)",
                    *(f"{row[key]:,}" for key in ("alerts_before", "alerts_after", "red_before", "red_after")),
                )
                for row in changed
            ],
        )
    )


def _show_outcomes(found: dict[str, Any], console: Console) -> None:
    if not found["judged_weeks"]:
        console.print(NO_OUTCOME)
        return
    weeks = ", ".join(map(str, found["judged_weeks"]))
    console.print(
        _table(
            f"Was it right: losses that followed {weeks}",
            (
                "loss",
                "level",
                "lines before",
                "after",
                "precision before",
                "after",
                "recall before",
                "after",
                "lift before",
                "after",
            ),
            [
                (
                    row["kind"],
                    row["level_code"],
                    f"{row['lines_before']:,}",
                    f"{row['lines_after']:,}",
                    *(percent(row[f"{measure}_{side}"]) for measure in ("precision", "recall") for side in ("before", "after")),
                    *(number(row[f"lift_{side}"]) for side in ("before", "after")),
                )
                for row in found["outcomes"]
            ],
        )
    )


NO_OUTCOME = (
    "Was it right: no week is old enough yet; an outcome is known when parameter outcome_horizon_days has passed."
    " Choose more weeks with --weeks."
)


def summary(found: dict[str, Any]) -> list[str]:
    """What was compared, as sentences."""
    weeks = found["weeks"]
    lines = [
        f"Compared on {len(weeks)} Sundays, {weeks[-1]} to {weeks[0]}"
        + (f", branch {found['branch']}" if found["branch"] else "")
        + f": {found['observations']:,} observations of watched lines.",
        f"Every week is scored as if the rows that are valid on {found['day']} had been valid on it: before is what the warehouse"
        " was built with, after has the candidate's files and the project's other seeds.",
        "Changed: "
        + ("; ".join(f"{one['seed']} ({one['added']} rows new, {one['removed']} gone)" for one in found["changes"]) or "nothing"),
        f"{found['moved_lines']:,} lines get another level in the local model in at least one of these weeks."
        " Nothing was changed: to adopt the candidate, put its files into seeds/ and run.",
    ]
    if found["not_compared"]:
        lines.append(
            f"Not compared, since these seeds act before the scoring: {', '.join(found['not_compared'])}. Only a run shows it."
        )
    if found["shared"]:
        lines.append(
            f"Only in part, since these seeds also act before the scoring: {', '.join(found['shared'])}. Only a run shows the rest."
        )
    return lines


def cause(mover: dict[str, Any]) -> str:
    """What moved a line: the indicator with its value and points, or the seed that judges them."""
    if not mover["indicator_code"]:
        return f"seed {mover['moved_by_seed']}"
    value = "unknown" if mover["indicator_value"] is None else f"{mover['indicator_value']:g}"
    points = f"{mover['points_before']} -> {mover['points_after']} points"
    return f"{mover['indicator_code']} = {value}: {points} ({mover['scorecard_code']})"


def render(found: dict[str, Any]) -> str:
    """The comparison as a page.

    Args:
        found: From weights_diff.compare().

    Returns:
        HTML; every value in it is escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=lambda value: f"{value:,}", money=money, percent=percent, number=number, cause=cause)
    return environment.get_template(_TEMPLATE).render(found=found)


def money(value: Any) -> str:
    return "unknown" if value is None else f"{value:,.2f}"


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _counts(row: dict[str, Any]) -> tuple[str, ...]:
    return f"{row['lines']:,}", f"{row['newest_lines']:,}", f"{row['line_weeks']:,}", money(row["arpu_3m"])


def _table(title: str, columns: tuple[str, ...], rows: list[tuple], left: int = 0) -> Table:
    """A table whose texts are to the left and whose numbers are to the right."""
    table = Table(title=title, title_justify="left")
    for position, name in enumerate(columns):
        is_number = (
            bool(rows) and all(str(row[position])[:1].isdigit() or row[position] == "-" for row in rows) and position > left
        )
        table.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    return table
