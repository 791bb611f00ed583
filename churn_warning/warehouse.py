"""The warehouse file between runs: what a killed run left in it or beside it, and a file that cannot be read any more."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from churn_warning.errors import RunnerError, WrongUse, storage_error

_IN_USE = "Could not set lock on file"
_DAMAGES = ("Could not read enough bytes", "not a valid DuckDB database file")


def make_ready(warehouse: Path) -> str | None:
    """Brings the file into order before a run: replays what a killed run had written, removes what it had spilled.

    A file that is damaged is moved aside, since a run can build everything anew.

    Args:
        warehouse: The DuckDB file; nothing happens if it does not exist.

    Returns:
        What was done about a damaged file, for the user; None if nothing had to be done.

    Raises:
        WrongUse: This is something else than a DuckDB file.
        RunnerError: It is open in another program, or cannot be opened for another reason.
    """
    note = None
    if warehouse.exists():
        try:
            duckdb.connect(str(warehouse)).close()
        except duckdb.Error as error:
            text = str(error).split("\n")[0]
            if _IN_USE in text:
                raise _in_use(warehouse) from None
            if explained := storage_error(error, warehouse):
                raise explained from None
            if not _is_duckdb_file(warehouse):
                raise WrongUse(
                    "This is not a DuckDB file.", where=str(warehouse), next_step="Name another file with --warehouse."
                ) from None
            if not _is_damaged(text, warehouse):
                raise RunnerError(
                    f"The warehouse file cannot be opened: {text}",
                    where=str(warehouse),
                    next_step="Move this file away, then run again: everything is built anew.",
                ) from None
            note = _move_aside(warehouse, text)
    # Nobody else can have spilled this: the file was just open for us alone, or is not there.
    shutil.rmtree(warehouse.with_name(warehouse.name + ".tmp"), ignore_errors=True)
    return note


def explain(error: BaseException, warehouse: Path) -> RunnerError | None:
    """What an error in the middle of a run says about the warehouse file; None: nothing.

    A damaged file is moved aside. Nobody may have it open.
    """
    text = str(error)
    if _IN_USE in text:
        return _in_use(warehouse)
    if _is_damaged(text, warehouse):
        return RunnerError(
            f"{text}\n{_move_aside(warehouse, 'see above')}",
            where=str(warehouse),
            next_step="Run again. What was published before is as it was.",
        )
    return None


def _is_damaged(text: str, warehouse: Path) -> bool:
    return "Corrupt database file" in text or (str(warehouse) in text and any(damage in text for damage in _DAMAGES))


def _move_aside(warehouse: Path, reason: str) -> str:
    """Renames the file, so that the next run builds a new one; one that was moved before is replaced."""
    aside = warehouse.with_name(warehouse.name + ".damaged")
    warehouse.replace(aside)
    warehouse.with_name(warehouse.name + ".wal").unlink(missing_ok=True)
    return (
        f"The warehouse file was damaged ({reason}). It is now {aside} and can be deleted; a new one will be built."
        " Only the memory of which run first saw a broken row is lost."
    )


def _in_use(warehouse: Path) -> RunnerError:
    return RunnerError(
        "The warehouse file is open in another program.",
        where=str(warehouse),
        next_step="Close that program (for example a dbt or DuckDB session), then run again.",
    )


def _is_duckdb_file(path: Path) -> bool:
    """Also true of a file that is empty: the process was killed while it made it."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(12)
    return not start or start[8:] == b"DUCK"
