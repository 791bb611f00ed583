"""One run at a time: a lock that the operating system releases even if the process is killed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from churn_warning.errors import AlreadyRunning


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Holds the lock file while the block runs; the file names the process that holds it.

    Raises:
        AlreadyRunning: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Another run is at work (process {_read_pid(descriptor) or 'unknown'}).",
                where=str(path),
                next_step="Wait until it is done, or stop that process, then run again.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """The process id of the run that holds the lock; None if nobody does."""
    if not path.is_file():
        return None
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _read_pid(descriptor) or "unknown"
    finally:
        os.close(descriptor)


def _read_pid(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode(errors="replace").strip()
