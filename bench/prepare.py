"""Makes what a measurement starts from: the warehouse and the floor's database as the weeks before left them, and the commands."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

from churn_warning.demo_data.generator import LAST_DAY

REPOSITORY = Path(__file__).resolve().parents[1]
SEEDS = REPOSITORY / "seeds"
LAST_HISTORY_DAY = LAST_DAY - timedelta(days=7)
# Name of a change of weights -> its seed, and what is replaced in it. Of bands only, what they touch is scored again; of the rest, all.
CANDIDATES = (
    ("diff_bands", "scorecards/scorecard_bands.csv", "minutes_drop_4w,0.8,,false,3,", "minutes_drop_4w,0.8,,false,4,"),
    ("diff_all", "scorecards/scorecards.csv", ",risk,10,", ",risk,9,"),
)
# What the warehouse depends on; after a change of these it is built anew.
_PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "expectations", "churn_warning")


class BenchmarkFailed(Exception):
    """A command of the benchmark did not end well."""


def project_command(raw_dir: Path, folder: Path, *options: str) -> list[str]:
    """A run whose warehouse and publications lie in a folder."""
    return [
        *(sys.executable, "-m", "churn_warning", "run", "--project-dir", str(REPOSITORY), "--raw-dir", str(raw_dir)),
        *("--warehouse", str(folder / "project.duckdb"), "--publish-dir", str(folder / "published"), *options),
    ]


def demo_command(folder: Path, subscribers: int) -> list[str]:
    """A demo that leaves everything in a folder."""
    return [
        *(sys.executable, "-m", "churn_warning", "demo", "--project-dir", str(REPOSITORY), "--subscribers", str(subscribers)),
        *(
            "--raw-dir",
            str(folder / "raw"),
            "--warehouse",
            str(folder / "demo.duckdb"),
            "--publish-dir",
            str(folder / "published"),
        ),
    ]


def diff_command(state: Path, candidate_dir: Path, weeks: int) -> list[str]:
    """A comparison of weights on the warehouse of the history."""
    return [
        *(sys.executable, "-m", "churn_warning", "weights", "diff", "--project-dir", str(REPOSITORY)),
        *("--warehouse", str(state / "project.duckdb"), "--candidate", str(candidate_dir), "--weeks", str(weeks)),
    ]


def floor_command(raw_dir: Path, folder: Path, seeds: Path, as_of: date) -> list[str]:
    """A run of the floor whose database lies in a folder."""
    return [
        *(sys.executable, "-m", "bench.floor", "--raw-dir", str(raw_dir), "--database", str(folder / "floor.duckdb")),
        *("--as-of", as_of.isoformat(), "--seeds", str(seeds)),
    ]


def project_environment(folder: Path) -> dict[str, str]:
    """Keeps dbt's own files and the logs of a run in its folder, and everybody's settings out of it."""
    unset = {name: "" for name in os.environ if name.startswith("CHURN_WARNING_") and name != "CHURN_WARNING_MEMORY_LIMIT"}
    return {
        **unset,
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PYTHONPATH": str(REPOSITORY),
    }


def candidate(folder: Path, seed: str, old: str, new: str) -> Path:
    """A folder with one changed seed."""
    text = (SEEDS / seed).read_text(encoding="utf-8")
    if old not in text:
        raise BenchmarkFailed(f"{seed} has no {old}: adapt CANDIDATES in {__file__}")
    folder.mkdir(parents=True)
    (folder / Path(seed).name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def project_state(data: Path, say: Callable[[str], None]) -> Path:
    """Builds the warehouse of the history, unless it is there for the project as it is now; returns its folder."""

    def build(folder: Path) -> None:
        # Where it will be run on: what dbt has parsed stays, as between two weeks, but for a warehouse of another path it parses all again.
        place = run_folder(data)
        empty(place)
        command = project_command(data / "history", place, "--as-of", LAST_HISTORY_DAY.isoformat())
        _run(command, project_environment(place), place)
        # The log is to hold one run.
        shutil.rmtree(place / "logs", ignore_errors=True)
        place.rename(folder)

    say("warehouse of the weeks before (once, not measured)")
    return _state(data, "project-state", [REPOSITORY / part for part in _PROJECT_PARTS], build)


def floor_state(data: Path, seeds: Path, say: Callable[[str], None]) -> Path:
    """Runs the floor for all weeks before the new one, unless that has been done; returns the folder of its database."""

    def build(folder: Path) -> None:
        days = sorted(date.fromisoformat(path.name.removeprefix("day=")) for path in (data / "history" / "voice_cdrs").iterdir())
        for sunday in (day for day in days if day.isoweekday() == 7):
            _run(floor_command(data / "history", folder, seeds, sunday), {"PYTHONPATH": str(REPOSITORY)}, folder)

    say("the floor's database of the weeks before (once, not measured)")
    return _state(
        data, "floor-state", [Path(__file__).with_name("floor.sql"), Path(__file__).with_name("floor.py"), seeds], build
    )


def run_folder(data: Path) -> Path:
    """Where the project runs on some data."""
    return data / "run-project"


def copy_state(state: Path, folder: Path) -> None:
    """A fresh copy to run on."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(state, folder, symlinks=True)


def empty(folder: Path) -> None:
    """An empty folder to run in."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _state(data: Path, name: str, depends_on: list[Path], build: Callable[[Path], None]) -> Path:
    folder = data / f"{name}-{_fingerprint(depends_on)}"
    if (folder / "done").is_file():
        return folder
    for old in data.glob(f"{name}-*"):
        shutil.rmtree(old)
    folder.mkdir()
    build(folder)
    (folder / "done").touch()
    return folder


def _run(command: list[str], environment: dict[str, str], folder: Path) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkFailed(f"This did not end well: {' '.join(command)}\n{done.stdout}\n{done.stderr}")


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
