"""Publishes in children that are killed. Reads one order a line: <warehouse> <publish-dir> <run id> <mart,...> <when>.

<when> is `step <n>` (killed as it begins the n-th thing that it does to files and folders), `after <seconds>`, or `never`.
Prints how many such steps were begun, or `killed`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from churn_warning import publish

CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "shutil.rmtree"}


def publish_and_die(warehouse: Path, publish_dir: Path, run_id: str, marts: list[str], die_at: int) -> int:
    steps = 0

    def count(event: str, arguments: tuple) -> None:
        nonlocal steps
        is_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or is_write:
            steps += 1
            if steps == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    publish.publish(warehouse, publish_dir, [publish.Mart(mart, ("id",), "", {}) for mart in marts], run_id, {}, lambda rows: {})
    return steps


for line in sys.stdin:
    warehouse, publish_dir, run_id, marts, when, *number = line.split()
    reader, writer = os.pipe()
    # Safe: no thread has been started in this process, which does nothing with DuckDB itself.
    child = os.fork()
    if child == 0:
        die_at = int(number[0]) if when == "step" else 0
        steps = publish_and_die(Path(warehouse), Path(publish_dir), run_id, marts.split(","), die_at)
        os.write(writer, str(steps).encode())
        os._exit(0)
    os.close(writer)
    if when == "after":
        time.sleep(float(number[0]))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(os.read(reader, 100).decode() or "killed", flush=True)
    os.close(reader)
