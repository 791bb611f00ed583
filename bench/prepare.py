"""Makes what a measurement starts from: the warehouse and the floor's database as 26 earlier weekly runs left them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from churn_warning.demo_data.generator import LAST_DAY

REPOSITORY = Path(__file__).resolve().parents[1]
# What the warehouse depends on; after a change of these it is built anew.
_PROJECT_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "expectations", "churn_warning")
LAST_HISTORY_DAY = LAST_DAY - timedelta(days=7)


class BenchmarkFailed(Exception):
    """A command of the benchmark did not end well."""


def project_command(raw_dir: Path, folder: Path, *options: str) -> list[str]:
    """The command of a run whose warehouse and publications lie in a folder."""
    return [
        *(sys.executable, "-m", "churn_warning", "run", "--project-dir", str(REPOSITORY), "--raw-dir", str(raw_dir)),
        *("--warehouse", str(folder / "project.duckdb"), "--publish-dir", str(folder / "published"), *options),
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


def project_state(data: Path, say: Callable[[str], None]) -> Path:
    """Builds the warehouse of the history, unless it is there for the project as it is now; returns its folder."""
    folder = data / f"project-state-{_fingerprint(REPOSITORY / part for part in _PROJECT_PARTS)}"
    if (folder / "done").is_file():
        return folder
    for old in data.glob("project-state-*"):
        shutil.rmtree(old)
    folder.mkdir()
    say("warehouse of the history (once; not measured)")
    command = project_command(data / "history", folder, "--as-of", LAST_HISTORY_DAY.isoformat())
    done = subprocess.run(
        command, env={**os.environ, **project_environment(folder)}, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchmarkFailed(f"The warehouse of the history could not be built:\n{done.stdout}\n{done.stderr}")
    (folder / "done").touch()
    return folder


def copy_state(state: Path, folder: Path) -> None:
    """A fresh copy to run on."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(state, folder, symlinks=True)


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(REPOSITORY)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
