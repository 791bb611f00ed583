"""Runs a command and measures it: wall time, processor time and memory of the process and all its children, step by step."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_INTERVAL = 0.05
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
# What the runner and the floor print when a step is done.
_STEP_DONE = re.compile(r"^✓ ([^:]+)")


@dataclass
class Step:
    """One step of a command, or the whole of it."""

    name: str
    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass
class Measured:
    """What a command took.

    Attributes:
        exit_code: Of the process.
        total: The whole process, from start to exit.
        steps: Between two lines that say that a step is done; what is before the first and after the last counts to these.
        output: What it printed.
    """

    exit_code: int
    total: Step
    steps: list[Step] = field(default_factory=list)
    output: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"total": asdict(self.total), "steps": [asdict(step) for step in self.steps]}


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Measured:
    """Runs a command to its end.

    Memory is the sum of the resident memory of the process and its children, sampled 20 times a second.

    Args:
        command: Program and arguments.
        environment: Variables beside those of this process.
        folder: Working folder.
    """
    lines: list[tuple[float, str]] = []
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def read_lines() -> None:
        for line in process.stdout:
            lines.append((time.monotonic(), line))

    reader = threading.Thread(target=read_lines)
    reader.start()
    samples: list[tuple[float, float, int]] = []
    while True:
        cpu, memory = _usage_of_tree(process.pid)
        samples.append((time.monotonic(), cpu, memory))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_INTERVAL)
    ended = time.monotonic()
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    total = Step(
        "all",
        ended - started,
        usage.ru_utime + usage.ru_stime,
        max([memory for _, _, memory in samples] + [usage.ru_maxrss * 1024]),
    )
    return Measured(process.returncode, total, _steps(lines, samples, started), "".join(line for _, line in lines))


def _steps(lines: list[tuple[float, str]], samples: list[tuple[float, float, int]], started: float) -> list[Step]:
    steps = []
    begin, cpu_before = started, 0.0
    for at, line in lines:
        if not (done := _STEP_DONE.match(line)):
            continue
        inside = [sample for sample in samples if begin < sample[0] <= at]
        cpu = max([sample[1] for sample in inside], default=cpu_before)
        steps.append(Step(done[1].strip(), at - begin, cpu - cpu_before, max([sample[2] for sample in inside], default=0)))
        begin, cpu_before = at, cpu
    return steps


def _usage_of_tree(root: int) -> tuple[float, int]:
    """Processor seconds (with those of children that have ended) and resident bytes of a process and all below it."""
    parents: dict[int, list[int]] = {}
    stats: dict[int, list[str]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text()
            except OSError:
                continue
            # The name of the program stands in brackets and may hold anything.
            values = text[text.rindex(")") + 2 :].split()
            stats[int(entry.name)] = values
            parents.setdefault(int(values[1]), []).append(int(entry.name))
    cpu, memory, left = 0, 0, [root]
    while left:
        pid = left.pop()
        left += parents.get(pid, [])
        if values := stats.get(pid):
            cpu += sum(int(value) for value in values[11:15])
            memory += int(values[21])
    return cpu / _TICK, memory * _PAGE
