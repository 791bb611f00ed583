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
