"""What was measured, as tables: in the terminal, and in Markdown for the README."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

GIB = 2**30
# The goal, and the least that is acceptable.
WALL_RATIO, LEAST_WALL_RATIO = 1.5, 2.0
PEAK_GIB = 2.0
HISTORY_RATIO = 1.15
BACKFILL_RATIO = 0.7
DEMO_S, DIFF_S = 25.0, 10.0


def show_comparison(console: Console, result: dict[str, Any]) -> None:
    """One size: floor and project step by step, the slowest models, the goals, and whether the alerts are the same."""
    size, floor, project = result["size"], result["floor"], result["project"]
    table = Table(title=f"{_size_text(size)}; {result['setting']['processors']} processors")
    for column in ("", "step"):
        table.add_column(column)
    for column in ("wall s", "CPU s", "peak GiB", "share"):
        table.add_column(column, justify="right")
    for side, measured in (("floor", floor), ("project", project)):
        for step in measured["steps"]:
            table.add_row(side, step["name"], *_step(step), f"{step['wall_s'] / measured['total']['wall_s']:.0%}")
        table.add_row(side, "all", *_step(measured["total"]), "", style="bold", end_section=True)
    ratios = [project["total"][key] / floor["total"][key] for key in ("wall_s", "cpu_s", "peak_bytes")]
    table.add_row("ratio", "project / floor", *(f"{ratio:.2f}" for ratio in ratios), "", style="bold")
    console.print(table)
    if project["slowest"]:
        slowest = Table(title="Slowest tables and tests of the project")
        slowest.add_column("name")
        slowest.add_column("s", justify="right")
        for node in project["slowest"]:
            slowest.add_row(node["name"], f"{node['wall_s']:.1f}")
        console.print(slowest)
    peak = project["total"]["peak_bytes"] / GIB
    console.print(
        f"wall: {ratios[0]:.2f} x the floor (goal {WALL_RATIO}, at the least {LEAST_WALL_RATIO}, at 100,000,000 records): "
        f"{_verdict(ratios[0] <= WALL_RATIO, ratios[0] <= LEAST_WALL_RATIO)}"
    )
    console.print(f"peak: {peak:.2f} GiB (goal {PEAK_GIB}): {_verdict(peak <= PEAK_GIB)}")
    show_differences(console, result["alert_rows"], result["differences"])


def show_differences(console: Console, rows: int, differences: list[str]) -> None:
    """Whether both gave the same alerts, and examples of rows that differ."""
    if not differences:
        console.print(f"The alerts are the same: {rows:,} rows in both.")
        return
    console.print("[bold red]The alerts are not the same:[/]")
    for line in differences:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def show_curve(console: Console, kind: str, results: list[dict[str, Any]]) -> None:
    """A growth curve: one row per size."""
    table = Table(title=f"Growth with {kind}")
    for column in ("size", "floor s", "project s", "ratio", "project CPU s", "peak GiB", "x first"):
        table.add_column(column, justify="left" if column == "size" else "right")
    first = results[0]["project"]["total"]["wall_s"]
    for result in results:
        floor, project = result["floor"]["total"], result["project"]["total"]
        table.add_row(
            _size_text(result["size"]),
            f"{floor['wall_s']:.1f}",
            f"{project['wall_s']:.1f}",
            f"{project['wall_s'] / floor['wall_s']:.2f}",
            f"{project['cpu_s']:.1f}",
            f"{project['peak_bytes'] / GIB:.2f}",
            f"{project['wall_s'] / first:.2f}",
        )
    console.print(table)
    by_weeks = {result["size"]["history_weeks"]: result["project"]["total"]["wall_s"] for result in results}
    if kind == "history" and {5, 26} <= by_weeks.keys():
        ratio = by_weeks[26] / by_weeks[5]
        console.print(
            f"26 weeks of history: {ratio:.2f} x the time with 5 (goal {HISTORY_RATIO}): {_verdict(ratio <= HISTORY_RATIO)}"
        )


def show_backfill(console: Console, result: dict[str, Any]) -> None:
    """All weeks in one command against one week."""
    week, weeks = result["week"]["total"], result["backfill"]["total"]
    ratio = weeks["wall_s"] / result["weeks"] / week["wall_s"]
    table = Table(title=f"Backfill: {_size_text(result['size'])}")
    for column in ("", "wall s", "CPU s", "peak GiB"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("one week", *_step(week))
    table.add_row(f"{result['weeks']} weeks in one command", *_step(weeks))
    console.print(table)
    console.print(
        f"one week of the backfill: {ratio:.2f} x a week alone (goal {BACKFILL_RATIO}): {_verdict(ratio <= BACKFILL_RATIO)}"
    )


def show_goals(console: Console, result: dict[str, Any]) -> None:
    """The demo and the comparison of weights."""
    demo = result["demo"]["total"]["wall_s"]
    console.print(f"demo of 20,000 lines: {demo:.1f} s (goal {DEMO_S:.0f}): {_verdict(demo <= DEMO_S)}")
    for name in ("diff_bands", "diff_all"):
        wall = result[name]["total"]["wall_s"]
        text = f"{name} of {result['observations']:,} observations: {wall:.1f} s (goal {DIFF_S:.0f} for 1,000,000)"
        console.print(f"{text}: {_verdict(wall <= DIFF_S)}")


def markdown(results: dict[str, Any]) -> str:
    """The table of the README.

    Args:
        results: What was stored, by file name.
    """
    lines = ["| what | measured | goal |", "| --- | --- | --- |"]
    setting: dict[str, Any] = {}
    for result in results.values():
        if isinstance(result, dict) and "alert_rows" in result:
            floor, project, setting = result["floor"]["total"], result["project"]["total"], result["setting"]
            limit = f", memory limit {result['memory_limit']}" if result["memory_limit"] else ""
            lines.append(
                f"| a week: {_size_text(result['size'])}{limit} | {project['wall_s']:.0f} s, {project['cpu_s']:.0f} s of processor time; "
                f"{project['wall_s'] / floor['wall_s']:.2f} x the hand-written script ({floor['wall_s']:.0f} s) | {WALL_RATIO} x |"
            )
            peaks = f"{project['peak_bytes'] / GIB:.2f} GiB ({floor['peak_bytes'] / GIB:.2f} GiB)"
            lines.append(f"| peak memory of the same{limit} | {peaks} | {PEAK_GIB:.0f} GiB |")
    history = results.get("curve-history", [])
    by_weeks = {result["size"]["history_weeks"]: result["project"]["total"]["wall_s"] for result in history}
    if {5, 26} <= by_weeks.keys():
        lines.append(f"| 26 weeks of history against 5 | {by_weeks[26] / by_weeks[5]:.2f} x | {HISTORY_RATIO} x |")
    if result := results.get("backfill"):
        ratio = result["backfill"]["total"]["wall_s"] / result["weeks"] / result["week"]["total"]["wall_s"]
        lines.append(
            f"| a week of {result['weeks']} that are built in one command, against a week alone | {ratio:.2f} x | {BACKFILL_RATIO} x |"
        )
    if result := results.get("goals"):
        lines.append(f"| demo, 20,000 lines | {result['demo']['total']['wall_s']:.0f} s | {DEMO_S:.0f} s |")
        for name, what in (("diff_bands", "other points of one band"), ("diff_all", "another threshold, all scored again")):
            wall = result[name]["total"]["wall_s"]
            lines.append(f"| `weights diff` of {result['observations']:,} observations, {what} | {wall:.1f} s | {DIFF_S:.0f} s |")
    if setting:
        measured = [one for result in results.values() for one in (result if isinstance(result, list) else [result])]
        commits = ", ".join(sorted({one["setting"]["commit"] for one in measured}))
        lines += ["", f"{setting['processors']} processors ({setting['processor']}), DuckDB {setting['duckdb']}, measured at commit {commits}."]
    return "\n".join(lines)


def _size_text(size: dict[str, Any]) -> str:
    return f"{size['subscribers']:,} lines, {size['cdrs']:,} records, {size['history_weeks']} weeks before"


def _step(step: dict[str, Any]) -> tuple[str, str, str]:
    return f"{step['wall_s']:.1f}", f"{step['cpu_s']:.1f}", f"{step['peak_bytes'] / GIB:.2f}"


def _verdict(is_met: bool, is_acceptable: bool = False) -> str:
    return "[green]met[/]" if is_met else "[yellow]acceptable[/]" if is_acceptable else "[red]not met[/]"
