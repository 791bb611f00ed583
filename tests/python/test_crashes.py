"""Runs that are broken off: nothing published changes, nothing stays locked, and the next run succeeds by itself.

Kills of a publish alone are in test_publish.py. `make crash-test` kills 20 whole runs instead of one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import FinishedRun, copy_project, little_room, tree_state

from churn_warning import gates, lock, publish, warehouse
from churn_warning.errors import WrongUse
from churn_warning.stop import stop_signal

# Read here: the tests themselves run without variables of this prefix.
KILLS = int(os.environ.get("CHURN_WARNING_CRASHES", "1"))


@dataclass(frozen=True)
class Site:
    """A warehouse that no run has finished yet, and what an earlier run has published."""

    reference: FinishedRun
    project: Path
    warehouse: Path
    published: Path

    def start(self) -> subprocess.Popen:
        folders = ["--project-dir", self.project, "--raw-dir", self.reference.raw]
        folders += ["--warehouse", self.warehouse, "--publish-dir", self.published]
        command = [sys.executable, "-m", "churn_warning", "run", *map(str, folders)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def is_locked_by(self, run: subprocess.Popen) -> bool:
        """Read, not tried: whoever tries the lock holds it for a moment."""
        path = self.warehouse.with_name(self.warehouse.name + ".lock")
        return path.is_file() and path.read_text() == str(run.pid)

    def check_published(self, before: dict[str, dict[str, str]]) -> None:
        """Every version is as it was. A new one may be there if the run had got so far: it is whole, and joins the others."""
        now = versions(self.published)
        assert {run_id: now[run_id] for run_id in before} == before
        for run_id in now.keys() - before.keys():
            assert run_id == publish.current_version(self.published)
            self.check_marts()
            before[run_id] = now[run_id]

    def check_marts(self) -> None:
        """What is published is what an undisturbed run publishes, but for the names and times of runs."""
        expected, found = self.reference.published / "current", self.published / "current"
        publish.verify_files(found.resolve())
        names = {path.name for path in expected.glob("*.parquet")}
        assert {path.name for path in found.glob("*.parquet")} == names
        with duckdb.connect() as connection:
            for name in sorted(names):
                rows = "select columns(c -> not c like '%run_id') from read_parquet('{}')"
                if name == "dq_results.parquet":
                    # A run that goes on after a killed one reads no call again, so it has none to check, and of the rest fewer rows.
                    rows = rows.replace("'%run_id'", "'%run_id' and c <> 'observed'")
                    rows += " where table_name not in ('cdr_rows_set_aside', 'int_cdrs_subscriber_day')"
                rows += " order by all"
                assert (
                    connection.execute(rows.format(found / name)).fetchall()
                    == connection.execute(rows.format(expected / name)).fetchall()
                ), name


def versions(published: Path) -> dict[str, dict[str, str]]:
    return {version.run_id: tree_state(version.path) for version in publish.list_versions(published)}


def test_whatever_breaks_runs_off_nothing_published_changes_and_the_next_run_succeeds_by_itself(
    finished_run: FinishedRun, tmp_path: Path
) -> None:
    published = Path(shutil.copytree(finished_run.published, tmp_path / "published", symlinks=True))
    folder = tmp_path / "warehouse"
    site = Site(finished_run, copy_project(tmp_path / "project"), folder / "warehouse.duckdb", published)
    before = versions(published)
    seconds = list(json.loads((published / "current" / "run.json").read_text())["seconds"].values())
    signals = [signal.SIGKILL] * KILLS + [signal.SIGINT, signal.SIGTERM]
    chance = random.Random(KILLS)
    chance.shuffle(signals)
    with little_room(folder, mebibytes=3) as more_room:
        site.warehouse.write_bytes(finished_run.warehouse.read_bytes()[: 1 << 20])
        check_full_disk(site)
        site.check_published(before)
        more_room()

        # A random moment in a random step, no step twice before each had its turn.
        steps = [step for _ in range(1 + len(signals) // len(seconds)) for step in chance.sample(range(len(seconds)), len(seconds))]
        for number, step in zip(signals, steps, strict=False):
            check_broken_off(site, number, step, chance.random() * seconds[step])
            site.check_published(before)

        # What dead processes may leave besides.
        (folder / "warehouse.duckdb.lock").write_text("4194304")
        spilled = folder / "warehouse.duckdb.tmp"
        spilled.mkdir(exist_ok=True)
        (spilled / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"spilled")
        run = site.start()
        first_line = run.stdout.readline()
        second = site.start()
        output, errors = second.communicate()
        assert second.returncode == 3, output + errors
        assert f"process {run.pid}" in errors
        output, errors = run.communicate()
        assert run.returncode == 0, first_line + output + errors
        assert not spilled.exists()
        assert publish.current_version(published) not in before
        site.check_published(before)


def check_full_disk(site: Site) -> None:
    """The warehouse file at the start is one that was cut off: it is moved aside."""
    output, errors = (run := site.start()).communicate()
    assert run.returncode == 1, output + errors
    assert "The warehouse file was damaged" in output
    assert "The disk is full." in errors
    assert f"where: {site.warehouse.parent}" in errors
    assert "Make room" in errors
    assert lock.holder(site.warehouse.with_name(site.warehouse.name + ".lock")) is None
    site.warehouse.with_name(site.warehouse.name + ".damaged").unlink()


def check_broken_off(site: Site, number: signal.Signals, step: int, seconds: float) -> None:
    """Sends a signal to a run, some seconds after so many of its steps are done."""
    run = site.start()
    started = time.monotonic()
    for _ in range(step):
        run.stdout.readline()
    # Before it has the lock it is still being loaded, and cannot end in good order.
    while run.poll() is None and not site.is_locked_by(run):
        with suppress(subprocess.TimeoutExpired):
            run.wait(0.05)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.send_signal(number)
    asked = time.monotonic()
    output, errors = run.communicate()
    report = f"{number.name} after {asked - started:.1f} s: exit {run.returncode} after {time.monotonic() - asked:.1f} s more"
    print(report, f"in step {step}", *output.splitlines()[-1:], sep="; ")
    assert "Traceback" not in errors, report + errors
    if number == signal.SIGKILL:
        # 0: a fast machine was done before.
        assert run.returncode in (-signal.SIGKILL, 0), report + output + errors
    elif run.returncode != 0:
        assert run.returncode == 128 + number, report + output + errors
        assert "Stopped." in errors
        assert time.monotonic() - asked < 20, report
    assert lock.holder(site.warehouse.with_name(site.warehouse.name + ".lock")) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bills.parquet", "Correct the delivery"),
        # Only the time of a call is read by the check of the delivery, the rest when it is built.
        ("voice_cdrs/day=2026-06-27/part-0.parquet", "A raw file is damaged."),
    ],
)
def test_a_raw_file_that_is_damaged_inside_is_named(name: str, message: str, run_copy: FinishedRun, raw_copy: Path) -> None:
    damaged = raw_copy / name
    with duckdb.connect() as connection:
        [(start, size)] = connection.execute(
            "select data_page_offset, total_compressed_size from parquet_metadata(?) where path_in_schema in ('total_fee', 'fee') limit 1",
            [str(damaged)],
        ).fetchall()
    with damaged.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * min(size, 64))
    before = tree_state(run_copy.published)
    result = run_copy.run_again("--raw-dir", raw_copy)
    assert result.exit_code == 1, result.output
    assert message in result.output
    assert f"{name}: the file is damaged" in result.output
    assert tree_state(run_copy.published) == before


@pytest.fixture
def small_warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table numbers as select range as n, uuid() as text from range(100000)")
    return path


@pytest.mark.parametrize("kept", [0, 100, 5000, 12288])
def test_a_warehouse_that_was_cut_off_is_moved_aside(kept: int, small_warehouse: Path) -> None:
    os.truncate(small_warehouse, kept)
    note = warehouse.make_ready(small_warehouse)
    assert str(small_warehouse) + ".damaged" in note
    assert not small_warehouse.exists()
    assert warehouse.make_ready(small_warehouse) is None


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "letters.txt"
    other.write_text("not a database" * 1000)
    with pytest.raises(WrongUse, match="not a DuckDB file"):
        warehouse.make_ready(other)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_warehouse_that_turns_out_damaged_in_the_middle_of_a_run_is_moved_aside(small_warehouse: Path) -> None:
    with small_warehouse.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff" * 600_000)
    assert warehouse.make_ready(small_warehouse) is None
    with duckdb.connect(str(small_warehouse)) as connection, pytest.raises(duckdb.Error) as raised:
        connection.execute("select sum(hash(n, text)) from numbers").fetchall()
    explained = warehouse.explain(raised.value, small_warehouse)
    assert str(small_warehouse) + ".damaged" in explained.message
    assert explained.next_step.startswith("Run again.")
    assert not small_warehouse.exists()


def test_what_a_killed_writer_had_committed_is_there(small_warehouse: Path) -> None:
    script = (
        "import duckdb, os, signal, sys; connection = duckdb.connect(sys.argv[1]);"
        " connection.execute('set wal_autocheckpoint = \\'1TB\\'; create table more as select 1 as n;');"
        " connection.execute('begin; insert into more select 2'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(small_warehouse)])
    assert small_warehouse.with_name(small_warehouse.name + ".wal").exists()
    assert warehouse.make_ready(small_warehouse) is None
    assert not small_warehouse.with_name(small_warehouse.name + ".wal").exists()
    with duckdb.connect(str(small_warehouse)) as connection:
        assert connection.execute("select n from more").fetchall() == [(1,)]


def test_ctrl_c_ends_an_expectation_that_takes_long(finished_run: FinishedRun) -> None:
    endless = gates.Expectation(
        code="endless",
        expectation="unexpected_rows_expectation",
        kwargs={"unexpected_rows_query": "select range from range(1000000000000) where range % 7 < 0"},
        severity="critical",
        reason="",
        action="",
        fault="",
        after="marts",
    )
    suite = gates.Suite(Path("endless.yml"), "marts", "marts", "dim_dates", None, False, (endless,))
    with stop_signal() as stop:
        timer = threading.Timer(5.0, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            gates.run_suites(finished_run.warehouse, [suite])
    assert stop.received == signal.SIGINT
