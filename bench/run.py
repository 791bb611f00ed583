"""Floor and project in turn on the same data, and whether they gave the same alerts."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb

from bench import compare, prepare
from bench.generate import Size, generate, linked_weeks
from bench.measure import Measured, measure
from churn_warning.demo_data.generator import LAST_DAY

SHOWN_NODES = 15
# What dbt writes into its log when a table, test or operation is done.
_NODE_DONE = re.compile(r" (?:OK (?:created|loaded)|PASS|WARN|ERROR)\b.*?([\w.]+) \.* *\[.*? in (\d+\.\d+)s\]")


def compare_once(
    out_dir: Path,
    size: Size,
    repeats: int = 1,
    memory_limit: str = "",
    floor_seeds: Path = prepare.SEEDS,
    weeks: int | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Measures floor and project on one size.

    Args:
        out_dir: Folder of data and states.
        size: How much data.
        repeats: How often both run; the fastest run of each counts, since others can only slow one down.
        memory_limit: DuckDB's limit for both; blank: their own.
        floor_seeds: Seeds that the floor reads.
        weeks: Keep only the last weeks of the history.
        say: Told about each step.

    Returns:
        What was measured, as it is stored; `differences` is empty if both gave the same rows.

    Raises:
        BenchmarkFailed: A command did not end well.
    """
    data = generate(out_dir, size, say)
    if weeks is not None and weeks < size.history_weeks:
        short = data / f"last-{weeks}-weeks"
        if not short.is_dir():
            linked_weeks(data, short, weeks)
        data = short
    project_state, floor_state = prepare.project_state(data, say), prepare.floor_state(data, floor_seeds, say)
    environment = {"CHURN_WARNING_MEMORY_LIMIT": memory_limit} if memory_limit else {}
    floors, projects, nodes = [], [], []
    for repeat in range(1, repeats + 1):
        _warm(data / "week")
        folder = data / "run-floor"
        prepare.copy_state(floor_state, folder)
        say(f"floor, run {repeat} of {repeats}")
        command = prepare.floor_command(data / "week", folder, floor_seeds, LAST_DAY)
        floors.append(_done("floor", measure(command, {"PYTHONPATH": str(prepare.REPOSITORY), **environment}, folder)))
        folder = prepare.run_folder(data)
        prepare.copy_state(project_state, folder)
        say(f"project, run {repeat} of {repeats}")
        command = prepare.project_command(data / "week", folder)
        projects.append(_done("project", measure(command, {**prepare.project_environment(folder), **environment}, folder)))
        nodes.append(_slowest_nodes(folder / "logs" / "dbt.log"))
    say("comparing the alerts of both")
    rows, differences = compare.differences(
        data / "run-floor" / "floor.duckdb", prepare.run_folder(data) / "published" / "current" / "marts.duckdb", LAST_DAY
    )
    best = min(range(repeats), key=lambda repeat: projects[repeat].total.wall_s)
    return {
        "size": {**asdict(size), "history_weeks": weeks or size.history_weeks},
        "alert_rows": rows,
        "differences": differences,
        "floor": min(floors, key=lambda run: run.total.wall_s).as_json(),
        "project": {**projects[best].as_json(), "slowest": nodes[best]},
        "walls": {"floor": [run.total.wall_s for run in floors], "project": [run.total.wall_s for run in projects]},
        "memory_limit": memory_limit,
        "setting": setting(),
    }


def backfill(out_dir: Path, size: Size, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measures all weeks in one command, from nothing, against the last week alone.

    Args:
        out_dir: Folder of data and states.
        size: How much data; its history has the records of the new week in every week.
        say: Told about each step.

    Raises:
        BenchmarkFailed: A command did not end well.
    """
    data = generate(out_dir, size, say)
    state = prepare.project_state(data, say)
    measured = {}
    for name in ("week", "backfill"):
        _warm(data / "week")
        folder = prepare.run_folder(data)
        if name == "week":
            prepare.copy_state(state, folder)
        else:
            prepare.empty(folder)
        say(f"project: {name}")
        command = prepare.project_command(data / "week", folder)
        measured[name] = _done(name, measure(command, prepare.project_environment(folder), folder)).as_json()
    return {"size": asdict(size), "weeks": size.history_weeks + 1, **measured, "setting": setting()}


def other_goals(out_dir: Path, size: Size, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Measures the demo, and a comparison of weights on at least a million observations (or as many as there are).

    Raises:
        BenchmarkFailed: A command did not end well.
    """
    folder = out_dir / "goals"
    prepare.empty(folder)
    environment = prepare.project_environment(folder)
    say("demo of 20,000 lines")
    demo = measure(prepare.demo_command(folder, 20_000), environment, folder)
    data = generate(out_dir, size, say)
    # Where the state was built: weights are compared after a run, on its warehouse and with what it has parsed.
    state = prepare.run_folder(data)
    prepare.copy_state(prepare.project_state(data, say), state)
    with duckdb.connect(str(state / "project.duckdb"), read_only=True) as connection:
        sundays, lines = connection.execute(
            "select count(distinct as_of_date), count(*) / 2.0 / count(distinct as_of_date) from marts.fct_weekly_alerts"
        ).fetchone()
    weeks = max(1, min(sundays, round(1_000_000 / max(1, lines))))
    measured = {"demo": _done("demo", demo).as_json(), "observations": round(weeks * lines)}
    for name, seed, old, new in prepare.CANDIDATES:
        candidate = prepare.candidate(folder / name, seed, old, new)
        say(f"weights diff ({name}) of {weeks} weeks, {round(weeks * lines):,} observations")
        run = measure(prepare.diff_command(state, candidate, weeks), prepare.project_environment(state), folder)
        measured[name] = _done(name, run).as_json()
    return {"size": asdict(size), **measured, "setting": setting()}


def store(results_dir: Path, name: str, content: dict[str, Any] | list[dict[str, Any]]) -> Path:
    """Keeps what was measured as a JSON file, and returns its path."""
    results_dir.mkdir(parents=True, exist_ok=True)
    path = results_dir / f"{name}.json"
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def setting() -> dict[str, Any]:
    """What a figure hangs on beside the code."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=prepare.REPOSITORY, capture_output=True, text=True, check=False
    )
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "taken_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "processors": os.cpu_count(),
        "processor": model[1] if model else platform.machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def _done(name: str, measured: Measured) -> Measured:
    if measured.exit_code:
        raise prepare.BenchmarkFailed(f"{name} ended with exit code {measured.exit_code}:\n{measured.output}")
    return measured


def _warm(folder: Path) -> None:
    """Reads the files once, so that the first of the two does not pay for the disk alone."""
    for path in folder.rglob("*.parquet"):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass


def _slowest_nodes(log: Path) -> list[dict[str, Any]]:
    """The models, seeds and tests that took longest, from dbt's log."""
    if not log.is_file():
        return []
    found = [(float(done[2]), done[1]) for done in map(_NODE_DONE.search, log.read_text(encoding="utf-8").splitlines()) if done]
    return [{"name": name, "wall_s": seconds} for seconds, name in sorted(found, reverse=True)[:SHOWN_NODES]]
