"""The settings of a run: from options and CHURN_WARNING_... variables, checked, and handed on to dbt as variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from churn_warning import hash_key
from churn_warning.errors import WrongUse

PREFIX = "CHURN_WARNING_"
# Set once the views on the raw files are there, so that the hook of a later dbt command does not make them again.
RAW_IS_REGISTERED = "RAW_IS_REGISTERED"


@dataclass(frozen=True)
class Settings:
    """Absolute paths and checked values of one run.

    Attributes:
        project_dir: Folder of the dbt project.
        raw_dir: Folder of the raw tables.
        publish_dir: Folder that gets `versions/` and `current`.
        warehouse: The DuckDB file that dbt builds in.
        target: dbt target of profiles.yml.
        as_of: Day to judge; None: the last Sunday on or before the last day of data.
        weeks: How many of the last Sundays to build; None: all.
        full_refresh: Read all calls, messages and sessions anew, not only the days that changed.
        allow_late_feeds: Publish, marked provisional, although a feed is late or short.
    """

    project_dir: Path
    raw_dir: Path
    publish_dir: Path
    warehouse: Path
    target: str = "dev"
    as_of: date | None = None
    weeks: int | None = None
    full_refresh: bool = False
    allow_late_feeds: bool = False

    @property
    def lock_file(self) -> Path:
        return self.warehouse.with_name(self.warehouse.name + ".lock")

    @property
    def log_dir(self) -> Path:
        return Path(os.environ.get("DBT_LOG_PATH") or self.project_dir / "logs").absolute()

    @contextmanager
    def exported(self, run_id: str) -> Iterator[None]:
        """While the block runs, the settings are in the environment, where profiles.yml and the models read them."""
        values = {
            "PROJECT_DIR": self.project_dir,
            "RAW_DIR": self.raw_dir,
            "PUBLISH_DIR": self.publish_dir,
            "WAREHOUSE": self.warehouse,
            "TARGET": self.target,
            "AS_OF": self.as_of.isoformat() if self.as_of else "",
            "WEEKS": self.weeks or "",
            "FULL_REFRESH": "true" if self.full_refresh else "",
            "ALLOW_LATE_FEEDS": "true" if self.allow_late_feeds else "",
            "RUN_ID": run_id,
            RAW_IS_REGISTERED: "",
        }
        before = dict(os.environ)
        os.environ.update({PREFIX + name: str(value) for name, value in values.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def resolve(
    project_dir: str | None = None,
    raw_dir: str | None = None,
    publish_dir: str | None = None,
    warehouse: str | None = None,
    target: str | None = None,
    as_of: str | None = None,
    weeks: int | None = None,
    full_refresh: bool = False,
    allow_late_feeds: bool = False,
) -> Settings:
    """Checks the values and fills in the defaults.

    A path that is given is taken from the current folder, a default from the project folder.

    Raises:
        WrongUse: A value that cannot be used, or a folder that is no dbt project.
    """
    project = Path(project_dir or ".").absolute().resolve()
    if not (project / "dbt_project.yml").is_file():
        raise WrongUse(
            "This is not the churn-warning project: there is no dbt_project.yml.",
            where=str(project),
            next_step="Change to the project's folder, or name it with --project-dir.",
        )
    if weeks is not None and weeks < 1:
        raise WrongUse(f"--weeks {weeks}: must be 1 or more.", next_step="Leave it out to build every week.")
    return Settings(
        project_dir=project,
        raw_dir=_path(raw_dir, project / "data/raw"),
        publish_dir=_path(publish_dir, project / "published"),
        warehouse=_path(warehouse, project / "data/warehouse/churn_warning.duckdb"),
        target=target or "dev",
        as_of=parse_date("--as-of", as_of),
        weeks=weeks,
        full_refresh=full_refresh,
        allow_late_feeds=allow_late_feeds,
    )


def parse_date(option: str, text: str | None) -> date | None:
    """An ISO date (2026-06-28) as a date; None for a blank text.

    Raises:
        WrongUse: The text is not such a date.
    """
    if not text or not text.strip():
        return None
    try:
        parsed = date.fromisoformat(text.strip())
        if parsed.isoformat() != text.strip():
            raise ValueError
    except ValueError:
        raise WrongUse(
            f"{option} {text}: this is not a date.", next_step="Write it as year-month-day, for example 2026-06-28."
        ) from None
    return parsed


def require_raw_dir(settings: Settings) -> None:
    """Raises WrongUse unless the raw folder exists."""
    if settings.raw_dir.is_dir():
        return
    raise WrongUse(
        "The folder of raw tables does not exist." if not settings.raw_dir.exists() else "This is a file, not a folder.",
        where=str(settings.raw_dir),
        next_step="Name the folder with --raw-dir, or try the demo first: churn-warning demo",
    )


def require_hash_key(settings: Settings) -> None:
    """Raises WrongUse unless the raw folder's personal data can be hashed with a key that is secret, or is nobody's."""
    if problem := hash_key.problem_with_key(settings.raw_dir):
        raise WrongUse(problem, where=str(settings.raw_dir), next_step=hash_key.ADVICE)


def _path(given: str | None, default: Path) -> Path:
    return Path(given).expanduser().absolute() if given and given.strip() else default.absolute()
