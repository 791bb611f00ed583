"""A copy of the project to run in, without what runs have left in it; for the tests and for docs/pictures.py."""

from __future__ import annotations

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT_PARTS = (
    "dbt_project.yml",
    "profiles.yml",
    "selectors.yml",
    "models",
    "macros",
    "seeds",
    "snapshots",
    "tests",
    "analyses",
    "expectations",
)


def copy_project(folder: Path) -> Path:
    """Copies what dbt and the runner read of the project into a folder."""
    folder.mkdir(parents=True)
    for part in PROJECT_PARTS:
        source = REPOSITORY / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "python"))
        elif source.is_file():
            shutil.copy(source, folder / part)
    return folder
