"""Errors that end a command with one clear message: what, where, what to do next."""

from __future__ import annotations

import signal


class RunnerError(Exception):
    """Base of all expected errors.

    Args:
        message: What is wrong; may have several lines.
        where: The file, table, option or process that it is about.
        next_step: What the user can do about it.
    """

    exit_code = 1
    heading = "Error:"

    def __init__(self, message: str, where: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.next_step = next_step


class ChecksFailed(RunnerError):
    """The data, the seeds or a build failed a check; nothing was published."""

    exit_code = 1


class WrongUse(RunnerError):
    """A wrong option, or a folder that is not what the command needs."""

    exit_code = 2


class AlreadyRunning(RunnerError):
    """Another run holds the lock."""

    exit_code = 3


class DiskError(RunnerError):
    """The disk is full, broken, or may not be written; nothing was published."""


class Stopped(RunnerError):
    """Somebody pressed Ctrl-C, or a scheduler asked the process to end.

    Args:
        by: The signal.
        message: What was done until then.
        next_step: What the user can do about it.
    """

    heading = "Stopped."

    def __init__(self, by: signal.Signals, message: str, next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.exit_code = 128 + by


_DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")
_NOT_ALLOWED = ("Read-only file system", "Permission denied", "Operation not permitted")
_DISK_BROKEN = ("Input/output error",)


def storage_error(error: BaseException, where: object) -> DiskError | None:
    """What a failed write or read means to the user; None if it is not about the disk.

    Args:
        error: What was raised; of a RunnerError only a full disk is recognised, since the rest is explained in it.
        where: The file or folder that was worked on, unless the error itself names one.
    """
    if isinstance(error, DiskError):
        return error
    text, where = str(error), getattr(error, "filename", None) or where
    nothing = "What was published before is as it was."
    if any(part in text for part in _DISK_FULL):
        return DiskError(f"The disk is full.\n{text}", str(where), f"Make room on this disk, then run again. {nothing}")
    if isinstance(error, RunnerError):
        return None
    if any(part in text for part in _NOT_ALLOWED):
        return DiskError(f"This may not be read or written.\n{text}", str(where), f"Correct its rights, then run again. {nothing}")
    if any(part in text for part in _DISK_BROKEN):
        return DiskError(f"The disk reports an error.\n{text}", str(where), f"Check the disk, then run again. {nothing}")
    return None
