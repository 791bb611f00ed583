"""One run at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import FinishedRun, tree_state

from churn_warning import lock

HOLD = """
import sys
from pathlib import Path
from churn_warning.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(lock_file: Path) -> subprocess.Popen:
    """Another process that holds the lock until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_refused_with_the_first_ones_process(run_copy: FinishedRun) -> None:
    before = tree_state(run_copy.published)
    other = hold(run_copy.warehouse.with_name(run_copy.warehouse.name + ".lock"))
    try:
        result = run_copy.run_again()
    finally:
        other.communicate()
    assert result.exit_code == 3
    assert str(other.pid) in result.output
    assert tree_state(run_copy.published) == before


def test_the_lock_of_a_killed_run_is_free(tmp_path: Path) -> None:
    lock_file = tmp_path / "warehouse.duckdb.lock"
    other = hold(lock_file)
    assert lock.holder(lock_file) == str(other.pid)
    other.kill()
    other.wait()
    assert lock.holder(lock_file) is None
    with lock.run_lock(lock_file):
        assert lock_file.read_text()


def test_a_warehouse_that_is_open_elsewhere_is_named(run_copy: FinishedRun) -> None:
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(run_copy.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "open\n"
        result = run_copy.run_again()
    finally:
        other.communicate()
    assert result.exit_code == 1
    assert "open in another program" in result.output
