"""Demo raw data for the commands: made once, with progress, and never over somebody's own data."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

from churn_warning.demo_data.generator import MARKER_NAME
from churn_warning.errors import WrongUse
from churn_warning.progress import Progress


def is_demo(raw_dir: Path) -> bool:
    """Whether the folder holds generated data."""
    return (raw_dir / MARKER_NAME).is_file()


def generate(
    out_dir: Path,
    subscribers: int,
    weeks: int,
    seed: int,
    progress: Progress,
    last_day: date | None = None,
    keep: bool = False,
) -> None:
    """Makes demo raw tables in a folder, in place of those that were made there before.

    Args:
        out_dir: The folder; made if it does not exist.
        subscribers: How many subscribers.
        weeks: Weeks of call records.
        seed: The same seed gives the same data.
        progress: Shows how far it is.
        last_day: Last day of the data; None: the generator's own.
        keep: Make nothing if the folder already holds the same data.

    Raises:
        WrongUse: A number out of range, or a folder that holds other data.
    """
    from churn_warning import demo_data

    wanted = {"subscribers": subscribers, "weeks": weeks, "seed": seed, "is_complete": True}
    if keep and is_demo(out_dir) and wanted.items() <= json.loads((out_dir / MARKER_NAME).read_text(encoding="utf-8")).items():
        progress.start("Demo data")
        progress.finish(f"already in {out_dir}", 0.0)
        return
    started = time.monotonic()
    progress.start(f"Generating demo data: {subscribers:,} subscribers, {weeks} weeks")
    options = {"last_day": last_day} if last_day else {}
    try:
        rows = demo_data.generate(out_dir, subscribers, weeks, seed, progress=lambda *_: progress.advance(), **options)
    except ValueError as error:
        progress.fail(time.monotonic() - started)
        raise WrongUse(str(error)) from None
    except BaseException:
        progress.fail(time.monotonic() - started)
        raise
    progress.finish(f"{len(rows)} tables, {sum(rows.values()):,} rows in {out_dir}", time.monotonic() - started)
