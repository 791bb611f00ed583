"""churn-warning demo, doctor and help."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import DEMO_SEED, DEMO_SUBSCRIBERS, DEMO_WEEKS, FinishedRun, churn_warning


def test_the_demo_runs_again_with_the_same_rows_and_shows_this_weeks_alerts(run_copy: FinishedRun) -> None:
    first = (run_copy.published / "current").resolve()
    options = ("--project-dir", run_copy.project, "--raw-dir", run_copy.raw, "--warehouse", run_copy.warehouse)
    size = ("--subscribers", DEMO_SUBSCRIBERS, "--weeks", DEMO_WEEKS, "--seed", DEMO_SEED)
    result = churn_warning("demo", *size, *options, "--publish-dir", run_copy.published)
    assert result.exit_code == 0, result.output
    for text in (
        "already in",
        "Most urgent alerts of the week that ends on 2026-06-28",
        "****",
        "Why ",
        "from fct_alert_contributions",
    ):
        assert text in result.output

    second = (run_copy.published / "current").resolve()
    assert second != first
    assert first.is_dir()
    assert (run_copy.project / "logs" / "quality.html").read_bytes() == (second / "quality.html").read_bytes()
    runs_only = {"dq_results", "dq_reconciliation", "dq_quarantine"}
    files = {path.relative_to(first) for path in first.rglob("*.parquet") if path.is_file() and path.stem not in runs_only}
    assert {path.parts[0] for path in files} == {path.name for path in first.glob("*.parquet") if path.stem not in runs_only}
    for file in files:
        assert (second / file).read_bytes() == (first / file).read_bytes(), file
    rows = "select * exclude (run_id) from read_parquet('{}/dq_reconciliation.parquet')"
    assert run_copy.query(rows.format(first)) == run_copy.query(rows.format(second))


def test_demo_data_is_made_once(demo_raw: Path, tmp_path: Path) -> None:
    from rich.console import Console

    from churn_warning import demo
    from churn_warning.progress import Progress

    before = {path: path.stat().st_mtime_ns for path in demo_raw.rglob("*")}
    demo.generate(demo_raw, DEMO_SUBSCRIBERS, DEMO_WEEKS, DEMO_SEED, Progress(Console(quiet=True)), keep=True)
    assert {path: path.stat().st_mtime_ns for path in demo_raw.rglob("*")} == before


def test_doctor_finds_everything_in_order(finished_run: FinishedRun) -> None:
    result = doctor(finished_run)
    assert result.exit_code == 0, result.output
    for text in ("great-expectations", "voice_cdrs/**/*.parquet", "customers.parquet", "demo key", "free", "versions in"):
        assert text in result.output
    assert "A run can start" in result.output


def test_doctor_names_every_problem_and_what_to_do(finished_run: FinishedRun, raw_copy: Path) -> None:
    (raw_copy / "bills.parquet").unlink()
    (raw_copy / "plans.parquet").write_bytes(b"no Parquet file")
    result = doctor(finished_run, "--raw-dir", raw_copy)
    assert result.exit_code == 1
    assert "2 problems would stop a run" in result.output
    assert "is_provided" in result.output
    shutil.rmtree(raw_copy)
    nothing = doctor(finished_run, "--raw-dir", raw_copy)
    assert nothing.exit_code == 1
    assert "generate-demo" in nothing.output


def test_doctor_says_that_real_data_needs_a_key(
    finished_run: FinishedRun, raw_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for marker in raw_copy.glob("*.json"):
        marker.unlink()
    assert "Set CHURN_WARNING_HASH_KEY" in doctor(finished_run, "--raw-dir", raw_copy).output
    monkeypatch.setenv("CHURN_WARNING_HASH_KEY", "secret-of-this-test")
    with_key = doctor(finished_run, "--raw-dir", raw_copy).output
    assert "Set CHURN_WARNING_HASH_KEY" not in with_key
    assert "secret-of-this-test" not in with_key


@pytest.mark.parametrize("command", [[], ["run"], ["demo"], ["generate-demo"], ["doctor"], ["publish"], ["publish", "rollback"]])
def test_every_command_has_help(command: list[str]) -> None:
    result = churn_warning(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_options_are_environment_variables_too(finished_run: FinishedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHURN_WARNING_PROJECT_DIR", str(finished_run.project))
    monkeypatch.setenv("CHURN_WARNING_PUBLISH_DIR", str(finished_run.published))
    result = churn_warning("publish", "list")
    assert result.exit_code == 0
    assert "current" in result.output


def doctor(run: FinishedRun, *arguments: object):
    folders = ("--project-dir", run.project, "--raw-dir", run.raw, "--warehouse", run.warehouse)
    return churn_warning("doctor", *folders, "--publish-dir", run.published, *arguments)
