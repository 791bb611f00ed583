"""What a comparison of weights found: tables for a terminal, and one HTML file that needs nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from churn_warning.seed_messages import ENGLISH
from churn_warning.weights_diff_messages import say

_TEMPLATE = "weights_diff.html.jinja"
_SHOWN_MOVERS = 15


def show(found: dict[str, Any], console: Console, language: str = ENGLISH) -> None:
    """Prints the comparison.

    Args:
        found: From weights_diff.compare().
        console: Where to.
        language: en or zh (Chinese).
    """
    for line in summary(found, language):
        console.print(escape(line), highlight=False, soft_wrap=True)
    console.print(
        _table(
            say("levels", language),
            _heads(("level", "newest_before", "after", "all_before", "after"), language),
            [
                (
                    say(row["level_code"], language),
                    *(f"{row[key]:,}" for key in ("newest_before", "newest_after", "all_before", "all_after")),
                )
                for row in found["levels"]
            ],
        )
    )
    if not found["moved_lines"]:
        console.print(say("nobody", language))
    else:
        _show_moves(found, console, language)
    _show_outcomes(found, console, language)


def _show_moves(found: dict[str, Any], console: Console, language: str) -> None:
    counts = ("lines", "newest_lines", "line_weeks", "revenue")
    console.print(
        _table(
            say("moves", language),
            _heads(("from", "to", *counts), language),
            [(*_levels(row, language), *_counts(row, language)) for row in found["moves"]],
        )
    )
    console.print(
        _table(
            say("groups", language),
            _heads(("branch", "class", "from", "to", *counts), language),
            [
                (row["branch_code"], say(row["customer_class"], language), *_levels(row, language), *_counts(row, language))
                for row in found["groups"]
            ],
        )
    )
    shown = found["movers"][:_SHOWN_MOVERS]
    console.print(
        _table(
            say("movers", language, shown=len(shown), all=f"{found['moved_lines']:,}", in_page=len(found["movers"])),
            _heads(("week", "line", "branch", "of_line", "from", "to", "moved_by"), language),
            [
                (
                    str(row["as_of_date"]),
                    row["subscriber_id"],
                    row["branch_code"],
                    money(row["arpu_3m"], language),
                    *_levels(row, language),
                    cause(row, language),
                )
                for row in shown
            ],
            left=6,
        )
    )
    changed = [row for row in found["worklists"] if row["alerts_before"] != row["alerts_after"]]
    if not changed:
        console.print(say("no_worklist", language, newest=found["newest"]), highlight=False)
        return
    console.print(
        _table(
            say("worklists", language, newest=found["newest"], changed=len(changed), all=len(found["worklists"])),
            _heads(("manager", "branch", "alerts_before", "after", "red_before", "after"), language),
            [
                (
                    row["manager_id"] or say("no_manager", language),
                    row["branch_code"] or say("several", language),
                    *(f"{row[key]:,}" for key in ("alerts_before", "alerts_after", "red_before", "red_after")),
                )
                for row in changed
            ],
        )
    )


def _show_outcomes(found: dict[str, Any], console: Console, language: str) -> None:
    if not found["judged_weeks"]:
        console.print(say("no_outcome", language))
        return
    measures = ("lines_before", "precision_before", "recall_before", "lift_before")
    console.print(
        _table(
            say("outcomes", language, weeks=", ".join(map(str, found["judged_weeks"]))),
            _heads(("kind", "level", *(head for measure in measures for head in (measure, "after"))), language),
            [
                (
                    say(row["kind"], language),
                    say(row["level_code"], language),
                    f"{row['lines_before']:,}",
                    f"{row['lines_after']:,}",
                    *(percent(row[f"{measure}_{side}"]) for measure in ("precision", "recall") for side in ("before", "after")),
                    *(number(row[f"lift_{side}"]) for side in ("before", "after")),
                )
                for row in found["outcomes"]
            ],
        )
    )


def summary(found: dict[str, Any], language: str = ENGLISH) -> list[str]:
    """What was compared, as sentences."""
    weeks = found["weeks"]
    branch = say("of_branch", language, branch=found["branch"]) if found["branch"] else ""
    changes = "; ".join(say("changed_seed", language, **one) for one in found["changes"]) or say("nothing", language)
    lines = [
        say(
            "compared",
            language,
            count=len(weeks),
            first=weeks[-1],
            last=weeks[0],
            branch=branch,
            observations=f"{found['observations']:,}",
        ),
        say("as_of_day", language, day=found["day"]),
        say("changed", language, changes=changes),
        say("moved", language, lines=f"{found['moved_lines']:,}"),
    ]
    return lines + [say(code, language, seeds=", ".join(found[code])) for code in ("not_compared", "shared") if found[code]]


def cause(mover: dict[str, Any], language: str = ENGLISH) -> str:
    """What moved a line: the indicator with its value and points, or the seed that judges them."""
    if not mover["indicator_code"]:
        return say("by_seed", language, seeds=mover["moved_by_seed"])
    value = mover["indicator_value"]
    return say(
        "by_points",
        language,
        indicator=mover["indicator_code"],
        value=say("unknown", language) if value is None else f"{value:g}",
        before=mover["points_before"],
        after=mover["points_after"],
        scorecard=mover["scorecard_code"],
    )


def render(found: dict[str, Any], language: str = ENGLISH) -> str:
    """The comparison as a page, its texts in both languages.

    Args:
        found: From weights_diff.compare().
        language: Language of what moved each line: en or zh (Chinese).

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
    environment.filters.update(count=lambda value: f"{value:,}", money=money, percent=percent, number=number)
    environment.filters["cause"] = lambda mover: cause(mover, language)
    return environment.get_template(_TEMPLATE).render(found=found)


def money(value: Any, language: str = ENGLISH) -> str:
    return say("unknown", language) if value is None else f"{value:,.2f}"


def percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _counts(row: dict[str, Any], language: str) -> tuple[str, ...]:
    return f"{row['lines']:,}", f"{row['newest_lines']:,}", f"{row['line_weeks']:,}", money(row["arpu_3m"], language)


def _levels(row: dict[str, Any], language: str) -> tuple[str, str]:
    return say(row["level_before"], language), say(row["level_after"], language)


def _heads(codes: tuple[str, ...], language: str) -> tuple[str, ...]:
    return tuple(say(code, language) for code in codes)


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
