"""The benchmark on a tiny size: floor and project give the same alerts, and a difference between them is found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from bench import floor, plots, report
from bench.generate import Size, generate, linked_weeks
from bench.measure import measure
from churn_warning.demo_data.generator import LAST_DAY

REPOSITORY = Path(__file__).resolve().parents[2]
SIZE = Size(subscribers=300, cdrs=20_000, history_weeks=5)


@dataclass
class Both:
    """What floor and project left.

    Attributes:
        data: Folder of the raw data.
        database: The floor's database.
        marts: The project's marts.
    """

    data: Path
    database: Path
    marts: Path


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Both:
    folder = tmp_path_factory.mktemp("bench")
    data = generate(folder, SIZE, say=lambda _text: None)
    run_floor(data, folder / "floor.duckdb", REPOSITORY / "seeds")
    # The project builds all weeks at once here, and the floor one after the other; the alerts are to be the same all the more.
    command = [
        *(sys.executable, "-m", "churn_warning", "run", "--project-dir", str(project), "--raw-dir", str(data / "week")),
        *("--warehouse", str(folder / "project.duckdb"), "--publish-dir", str(folder / "published")),
    ]
    environment = {**os.environ, "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")}
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return Both(data, folder / "floor.duckdb", folder / "published" / "current" / "marts.duckdb")


def run_floor(data: Path, database: Path, seeds: Path) -> None:
    """The floor for every Sunday, as in the weeks before."""
    first_sunday = LAST_DAY - timedelta(days=7 * SIZE.history_weeks)
    for week in range(SIZE.history_weeks + 1):
        sunday = first_sunday + timedelta(days=7 * week)
        floor.run(data / ("week" if sunday == LAST_DAY else "history"), database, sunday, seeds)


def compared(database: Path, marts: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "bench", "compare", "--floor-database", str(database), "--marts", str(marts)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_floor_and_project_give_the_same_alerts(both: Both) -> None:
    done = compared(both.database, both.marts)
    assert done.returncode == 0, done.stdout
    assert "The alerts are the same" in done.stdout


def test_a_difference_is_found(both: Both, tmp_path: Path) -> None:
    seeds = Path(shutil.copytree(REPOSITORY / "seeds", tmp_path / "seeds"))
    bands = seeds / "scorecards" / "scorecard_bands.csv"
    text = bands.read_text(encoding="utf-8")
    changed = text.replace("tenure_days,1825,,false,2,", "tenure_days,1825,,false,3,")
    assert changed != text
    bands.write_text(changed, encoding="utf-8")
    run_floor(both.data, tmp_path / "floor.duckdb", seeds)
    done = compared(tmp_path / "floor.duckdb", both.marts)
    assert done.returncode == 1
    assert "rows only in the floor's alerts" in done.stdout
    assert "rows only in the project's alerts" in done.stdout
    assert "core_stability_score" in done.stdout


def test_the_data_has_the_asked_size(both: Both) -> None:
    rows = json.loads((both.data / "data.json").read_text(encoding="utf-8"))["rows"]
    assert abs(rows["week"] - SIZE.cdrs) < 0.03 * SIZE.cdrs
    # About one record per line and day, and a message a week.
    assert 0.8 < rows["history"] / (SIZE.subscribers * 7 * SIZE.history_weeks) < 1.2


def test_the_history_lacks_only_the_new_week(both: Both, tmp_path: Path) -> None:
    days = {folder: {path.name for path in (both.data / folder / "sms_cdrs").iterdir()} for folder in ("history", "week")}
    assert days["week"] - days["history"] == {f"day={LAST_DAY - timedelta(days=back)}" for back in range(7)}
    assert not days["history"] - days["week"]
    linked_weeks(both.data, tmp_path, 4)
    kept = sorted(date.fromisoformat(path.name[4:]) for path in (tmp_path / "week" / "voice_cdrs").iterdir())
    assert kept[0] == LAST_DAY - timedelta(days=34)
    assert kept[-1] == LAST_DAY


def test_memory_and_time_of_children_count() -> None:
    child = "import time; block = bytearray(200_000_000); time.sleep(0.3); sum(range(3_000_000))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('✓ step: done')"
    measured = measure([sys.executable, "-c", parent], {}, REPOSITORY)
    assert measured.exit_code == 0
    assert measured.total.peak_bytes > 200_000_000
    assert 0.3 < measured.total.wall_s < 60
    assert 0.01 < measured.total.cpu_s < 60
    assert [step.name for step in measured.steps] == ["step"]


def test_figures_and_plots_come_from_what_was_stored(tmp_path: Path) -> None:
    step = {"name": "all", "wall_s": 10.0, "cpu_s": 12.0, "peak_bytes": 2**30}
    side = {"total": step, "steps": [step]}
    result = {
        "size": {"subscribers": 10, "cdrs": 100, "history_weeks": 26},
        "alert_rows": 4,
        "differences": [],
        "floor": side,
        "project": {**side, "slowest": []},
        "memory_limit": "",
        "setting": {"processors": 2, "processor": "any", "duckdb": "1", "commit": "abc"},
    }
    stored = {"run-tiny": result, "curve-cdrs": [result, result]}
    figures = report.markdown(stored)
    assert "1.00 x the hand-written script" in figures
    assert "measured at commit abc." in figures
    pytest.importorskip("matplotlib")
    for path in plots.draw(stored, tmp_path):
        assert "</svg>" in path.read_text(encoding="utf-8")
