"""Errors that end a command with one clear message: what, where, what to do next."""

from __future__ import annotations


class RunnerError(Exception):
    """Base of all expected errors.

    Args:
        message: What is wrong; may have several lines.
        where: The file, table, option or process that it is about.
        next_step: What the user can do about it.
    """

    exit_code = 1

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
