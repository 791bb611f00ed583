"""Ctrl-C, and the signal by which a scheduler ends a process: one clean end, wherever the run is at that moment."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class StopSignal:
    """The signal that asked the process to end, if one did.

    It is remembered because libraries in between may turn the interrupt into an error of their own.
    """

    received: signal.Signals | None = None

    def __call__(self, number: int, frame: Any) -> None:
        self.received = signal.Signals(number)
        raise KeyboardInterrupt


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """While the block runs, SIGINT and SIGTERM are remembered and raise KeyboardInterrupt. For the main thread only."""
    received = StopSignal()
    before = {number: signal.signal(number, received) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible(connection: Any) -> Iterator[None]:
    """Ends a DuckDB query in the block if Ctrl-C breaks it off; else it would run on, and closing would wait for its end.

    What DuckDB makes of the interrupt, an error like any other, becomes a KeyboardInterrupt again.
    """
    try:
        yield
    except (KeyboardInterrupt, RuntimeError) as error:
        if not isinstance(error, KeyboardInterrupt) and not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        connection.interrupt()
        raise KeyboardInterrupt from None
