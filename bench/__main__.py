"""Command line of the benchmark: python -m bench --help."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench import compare, plots, prepare, report, run
from bench.generate import Size, generate
from churn_warning.demo_data.generator import LAST_DAY

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console()

DATA = prepare.REPOSITORY / "data/bench"
RESULTS = Path(__file__).with_name("results")

Subscribers = Annotated[int, typer.Option(help="Lines of the operator.", min=1)]
Cdrs = Annotated[int, typer.Option(help="Records of the new week.", min=1)]
HistoryWeeks = Annotated[int, typer.Option(help="Weeks before it; four are needed for alerts.", min=4)]
Seed = Annotated[int, typer.Option(help="Another one is another operator.", min=0)]
Out = Annotated[Path, typer.Option(help="Folder of data and states; what is there is used again.")]
Results = Annotated[Path, typer.Option(help="Folder that gets what was measured, as JSON.")]
Repeats = Annotated[int, typer.Option(help="Runs of each; the fastest counts.", min=1)]


class Curve(str, Enum):
    """What grows."""

    cdrs = "cdrs"
    subscribers = "subscribers"
    history = "history"


@app.command("run")
def run_both(
    subscribers: Subscribers = 1_000_000,
    cdrs: Cdrs = 100_000_000,
    history_weeks: HistoryWeeks = 26,
    seed: Seed = 1,
    repeats: Repeats = 3,
    memory_limit: Annotated[str, typer.Option(help="DuckDB's limit for both, such as 2GB; blank: their own.")] = "",
    floor_seeds: Annotated[
        Path, typer.Option(help="Seeds that the floor reads; others show that a difference is found.")
    ] = prepare.SEEDS,
    out: Out = DATA,
    results: Results = RESULTS,
) -> None:
    """Measures floor and project in turn on one size, and compares their alerts."""
    size = Size(subscribers, cdrs, history_weeks, None, seed)
    result = run.compare_once(out.absolute(), size, repeats, memory_limit, floor_seeds.absolute(), say=_say)
    name = f"run-{size.name}" + (f"-{memory_limit}" if memory_limit else "")
    report.show_comparison(console, result)
    _say(f"stored: {run.store(results, name, result)}")
    raise typer.Exit(1 if result["differences"] else 0)


@app.command("curve")
def run_curve(
    kind: Annotated[Curve, typer.Argument(help="What grows.")],
    subscribers: Subscribers = 250_000,
    cdrs: Cdrs = 25_000_000,
    history_weeks: Annotated[int, typer.Option(help="Weeks before the new one, unless these grow.", min=4)] = 26,
    seed: Seed = 1,
    repeats: Repeats = 1,
    out: Out = DATA,
    results: Results = RESULTS,
) -> None:
    """Measures both on growing sizes: records or lines x 1, 2, 4, or 4, 5, 13, 26, 52 weeks of history."""
    if kind == Curve.history:
        sizes = [(Size(subscribers, cdrs, 52, None, seed), weeks) for weeks in (4, 5, 13, 26, 52)]
    else:
        more_lines = kind == Curve.subscribers
        sizes = [
            (
                Size(
                    subscribers * (factor if more_lines else 1), cdrs * (1 if more_lines else factor), history_weeks, None, seed
                ),
                None,
            )
            for factor in (1, 2, 4)
        ]
    measured = [run.compare_once(out.absolute(), size, repeats, weeks=weeks, say=_say) for size, weeks in sizes]
    report.show_curve(console, kind.value, measured)
    _say(f"stored: {run.store(results, f'curve-{kind.value}', measured)}")
    different = [line for result in measured for line in result["differences"]]
    report.show_differences(console, sum(result["alert_rows"] for result in measured), different)
    raise typer.Exit(1 if different else 0)


@app.command("backfill")
def run_backfill(
    weeks: Annotated[int, typer.Option(help="Weeks that one command builds.", min=6)] = 26,
    subscribers: Subscribers = 50_000,
    cdrs: Annotated[int, typer.Option(help="Records of every week.", min=1)] = 5_000_000,
    seed: Seed = 1,
    out: Out = DATA,
    results: Results = RESULTS,
) -> None:
    """Measures many weeks in one command against one week alone, with the same records in every week."""
    result = run.backfill(out.absolute(), Size(subscribers, cdrs, weeks - 1, cdrs, seed), say=_say)
    report.show_backfill(console, result)
    _say(f"stored: {run.store(results, 'backfill', result)}")


@app.command("goals")
def run_goals(
    subscribers: Subscribers = 1_000_000,
    cdrs: Cdrs = 100_000_000,
    history_weeks: HistoryWeeks = 26,
    seed: Seed = 1,
    out: Out = DATA,
    results: Results = RESULTS,
) -> None:
    """Measures the demo, and the comparison of weights on the warehouse of a size."""
    result = run.other_goals(out.absolute(), Size(subscribers, cdrs, history_weeks, None, seed), say=_say)
    report.show_goals(console, result)
    _say(f"stored: {run.store(results, 'goals', result)}")


@app.command("generate")
def generate_data(
    subscribers: Subscribers = 1_000_000,
    cdrs: Cdrs = 100_000_000,
    history_weeks: HistoryWeeks = 26,
    history_cdrs: Annotated[
        int, typer.Option(help="Records of each week of history; 0: one per line and day, with a whole day's use.")
    ] = 0,
    seed: Seed = 1,
    out: Out = DATA,
) -> None:
    """Writes the data of a size, unless it is there, and names its folder."""
    print(generate(out.absolute(), Size(subscribers, cdrs, history_weeks, history_cdrs or None, seed), _say))


@app.command("compare")
def compare_alerts(
    floor_database: Annotated[Path, typer.Option(help="What the floor left.")],
    marts: Annotated[Path, typer.Option(help="The project's published marts.duckdb.")],
) -> None:
    """Compares the alerts of both on the last Sunday; exit code 1 if a row differs."""
    rows, differences = compare.differences(floor_database, marts, LAST_DAY)
    report.show_differences(console, rows, differences)
    raise typer.Exit(1 if differences else 0)


@app.command("figures")
def print_figures(results: Results = RESULTS) -> None:
    """Prints the table of the README from what was stored."""
    print(report.markdown(_stored(results)))


@app.command("plots")
def draw_plots(
    results: Results = RESULTS,
    docs: Annotated[Path, typer.Option(help="Folder that gets the drawings.")] = prepare.REPOSITORY / "docs/performance",
) -> None:
    """Draws what was stored as SVG; needs matplotlib (pip install "churn-warning[bench]")."""
    for path in plots.draw(_stored(results), docs):
        _say(f"drawn: {path}")


def _stored(results: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}


def _say(text: str) -> None:
    console.print(f"[dim]{text}[/]", highlight=False, soft_wrap=True)


def main() -> None:
    """Runs the command line; a command that did not end well is an error without a call stack."""
    try:
        app()
    except prepare.BenchmarkFailed as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
