"""Command line of the benchmark: python -m bench --help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bench.generate import Size, generate
from bench.measure import measure
from bench.prepare import REPOSITORY, copy_state, project_command, project_environment, project_state

app = typer.Typer(no_args_is_help=True, add_completion=False)

Subscribers = Annotated[int, typer.Option(help="Lines of the operator.")]
Cdrs = Annotated[int, typer.Option(help="Records of the new week.")]
HistoryWeeks = Annotated[int, typer.Option(help="Weeks before it.")]
HistoryCdrs = Annotated[
    int, typer.Option(help="Records of each week of history; 0: one per line and day, with a whole day's use.")
]
Seed = Annotated[int, typer.Option(help="Another one is another operator.")]
Out = Annotated[Path, typer.Option(help="Folder of data and states; what is there is used again.")]


@app.command("generate")
def generate_data(
    subscribers: Subscribers = 1_000_000,
    cdrs: Cdrs = 100_000_000,
    history_weeks: HistoryWeeks = 26,
    history_cdrs: HistoryCdrs = 0,
    seed: Seed = 1,
    out: Out = REPOSITORY / "data/bench",
) -> None:
    """Writes the data of a benchmark and names its folder."""
    print(generate(out.absolute(), Size(subscribers, cdrs, history_weeks, history_cdrs or None, seed)))


@app.command("project")
def run_project(
    subscribers: Subscribers = 1_000_000,
    cdrs: Cdrs = 100_000_000,
    history_weeks: HistoryWeeks = 26,
    history_cdrs: HistoryCdrs = 0,
    seed: Seed = 1,
    out: Out = REPOSITORY / "data/bench",
) -> None:
    """Measures the project alone, for those who make it faster."""
    data = generate(out.absolute(), Size(subscribers, cdrs, history_weeks, history_cdrs or None, seed))
    state = project_state(data, print)
    folder = data / "run-project"
    copy_state(state, folder)
    measured = measure(project_command(data / "week", folder), project_environment(folder), folder)
    print(measured.output)
    for step in [*measured.steps, measured.total]:
        print(f"{step.name:40} {step.wall_s:8.1f} s {step.cpu_s:8.1f} s CPU {step.peak_bytes / 2**30:6.2f} GiB")
    raise typer.Exit(measured.exit_code)


if __name__ == "__main__":
    app()
